/** Run by `npm test`: Node's own test runner, which runs TypeScript as it is (from Node 22.18 on). */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { files } from "@millrace/agent";
import { crashAtEveryPoint, createTestEngine, type CrashWorld } from "@millrace/agent/testing";
import { notes } from "./workflows.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "notes-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Folders of their own in place of the real ones. */
function connectorsOf(world: string) {
  mkdirSync(join(world, "inbox"), { recursive: true });
  return {
    inbox: files({ name: "inbox", root: join(world, "inbox") }),
    out: files({ name: "out", root: join(world, "out") }),
  };
}

function linesIn(world: string): string[] {
  const path = join(world, "out", "notes.csv");
  return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
}

test("each note is written down once, with its first line", async () => {
  const { engine, advance, close } = await createTestEngine({ workflows: [notes], connectors: connectorsOf(folder) });
  writeFileSync(join(folder, "inbox", "one.txt"), 'Buy "fresh" milk\nand bread\n');
  await advance("1m");
  writeFileSync(join(folder, "inbox", "two.txt"), "Call Anna\n");
  // The clock of the test stands still until it is moved: an hour takes no time.
  await advance("1h");
  assert.deepEqual(linesIn(folder), ['"one.txt","Buy ""fresh"" milk"', '"two.txt","Call Anna"']);
  assert.deepEqual(await engine.needsAttention(), []);
  await close();
});

test("nothing is lost and nothing is written twice, wherever the process dies", async () => {
  // Runs the workflow again and again, and kills it each time at another point: around every commit and every call.
  const world = (): CrashWorld => {
    const own = mkdtempSync(join(folder, "world-"));
    const connectors = connectorsOf(own);
    writeFileSync(join(own, "inbox", "one.txt"), "Buy milk\n");
    return { connectors, effects: () => linesIn(own) };
  };
  const report = await crashAtEveryPoint(notes, world, { advance: ["1m", "1m"] });
  assert.ok(report.points > 10);
  assert.equal(report.needingPerson, 0);
});
