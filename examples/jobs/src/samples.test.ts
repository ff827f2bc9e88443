import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { contextOf } from "./job-context.ts";
import { sampleHandler } from "./samples.ts";

const TICK = Date.parse("2026-01-01T03:00:00Z");

let folder: string;
let file: string;
let sample: ReturnType<typeof sampleHandler>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "samples-"));
  file = join(folder, "samples.csv");
  const database = join(folder, "some.sqlite");
  writeFileSync(database, "twelve bytes");
  sample = sampleHandler({ database, file });
});

afterEach(() => rmSync(folder, { recursive: true }));

test("a sample says how large the database is, and a log that is not there is empty", async () => {
  expect(await sample.handler(null, contextOf(TICK))).toMatchObject({ database: 12, wal: 0 });
  const [header, line] = readFileSync(file, "utf8").split("\n");
  expect(header).toBe("time,disk_free_bytes,database_bytes,wal_bytes");
  expect(line).toMatch(/^2026-01-01T03:00:00\.000Z,\d+,12,0$/);
});

test("another attempt at the same tick writes no second line", async () => {
  for (const tick of [TICK, TICK, TICK + 1_000]) await sample.handler(null, contextOf(tick));
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  expect(lines.map((line) => line.split(",")[0])).toEqual([
    "time",
    "2026-01-01T03:00:00.000Z",
    "2026-01-01T03:00:01.000Z",
  ]);
});
