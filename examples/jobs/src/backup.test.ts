import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngine } from "@millrace/agent";
import { createTestEngine, type TestEngine } from "@millrace/agent/testing";
import { openDatabase } from "@millrace/db";
import { afterEach, beforeEach, expect, test } from "vitest";
import { backupHandler } from "./backup.ts";
import { contextOf } from "./job-context.ts";

const FIRST_TICK = Date.parse("2026-01-01T03:00:00Z");
const FIRST_COPY = "2026-01-01T03-00-00.000Z.sqlite";

let folder: string;
let backups: string;
let running: TestEngine;
let backup: ReturnType<typeof backupHandler>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "backup-"));
  backups = join(folder, "backups");
  const database = join(folder, "millrace.sqlite");
  backup = backupHandler({ database, folder: backups });
  running = await createTestEngine({ location: `sqlite:${database}`, jobHandlers: [backup] });
});

afterEach(async () => {
  await running.close();
  rmSync(folder, { recursive: true });
});

async function namesIn(file: string): Promise<string[]> {
  const database = await openDatabase(`sqlite:${file}`, { create: false });
  try {
    const { items } = await createEngine({ database }).jobs.listJobs({ limit: 1_000 });
    return items.map(({ name }) => name).toSorted();
  } finally {
    await database.close();
  }
}

async function scheduleForLater(name: string): Promise<void> {
  await running.engine.jobs.scheduleOnce({ name, handler: "backup", payload: { keep: 1 }, in: "1d" });
}

test("a backup is a single file that opens as a database with the same jobs", async () => {
  await scheduleForLater("one");
  await scheduleForLater("two");
  const result = await backup.handler({ keep: 3 }, contextOf(FIRST_TICK));
  expect(result).toMatchObject({ file: FIRST_COPY, removed: 0 });
  expect(readdirSync(backups)).toEqual([FIRST_COPY]);
  expect(await namesIn(join(backups, FIRST_COPY))).toEqual(["one", "two"]);
});

test("a backup of a database that is written meanwhile holds a moment of it", async () => {
  const copying = backup.handler({ keep: 3 }, contextOf(FIRST_TICK));
  await Promise.all([copying, ...Array.from({ length: 200 }, (_, index) => scheduleForLater(`job ${index}`))]);
  const copied = await namesIn(join(backups, FIRST_COPY));
  const stored = await namesIn(join(folder, "millrace.sqlite"));
  expect(stored).toHaveLength(200);
  expect(stored).toEqual(expect.arrayContaining(copied));
});

test("another attempt at the same tick makes the same copy, not another one", async () => {
  await backup.handler({ keep: 3 }, contextOf(FIRST_TICK));
  await backup.handler({ keep: 3 }, contextOf(FIRST_TICK));
  expect(readdirSync(backups)).toEqual([FIRST_COPY]);
});

test("only the last copies are kept", async () => {
  for (const second of [0, 1, 2, 3]) await backup.handler({ keep: 2 }, contextOf(FIRST_TICK + second * 1_000));
  expect(readdirSync(backups).toSorted()).toEqual([
    "2026-01-01T03-00-02.000Z.sqlite",
    "2026-01-01T03-00-03.000Z.sqlite",
  ]);
});

test("a backup that is told to stop leaves nothing behind", async () => {
  await expect(backup.handler({ keep: 2 }, contextOf(FIRST_TICK, AbortSignal.abort()))).rejects.toThrow("aborted");
  expect(readdirSync(backups)).toEqual([]);
});
