/** Run by `npm test`: Node's own test runner, which runs TypeScript as it is (from Node 22.18 on). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { defineConnector, read } from "@millrace/agent";
import { crashAtEveryPoint, createTestEngine, fakeConnector, fakeMutation } from "@millrace/agent/testing";
import { z } from "zod";
import { notes } from "./workflows.ts";

/** A world in memory in place of the folders: an inbox that holds these notes, and the lines that were written down. */
function createWorld(inbox: Record<string, string>) {
  const appendLine = fakeMutation({
    params: z.object({ path: z.string(), line: z.string() }),
    result: ({ line }) => ({ offset: 0, length: line.length }),
  });
  const list = async () => Object.keys(inbox).map((name) => ({ name, kind: "file" }));
  return {
    connectors: {
      inbox: defineConnector({
        name: "inbox",
        operations: {
          list: read({ params: z.object({}), execute: list }),
          readText: read({ params: z.object({ path: z.string() }), execute: async ({ path }) => inbox[path] ?? null }),
        },
      }),
      out: fakeConnector("out", { appendLine }),
    },
    appendLine,
    effects: () => appendLine.effects.map(({ params }) => params.line),
  };
}

test("each note is written down once, with its first line", async () => {
  const inbox: Record<string, string> = { "one.txt": 'Buy "fresh" milk\nand bread\n', "photo.jpg": "" };
  const { connectors, effects } = createWorld(inbox);
  const { engine, advance, close } = await createTestEngine({ workflows: [notes], connectors });
  await advance("1m");
  inbox["two.txt"] = "Call Anna\n";
  // The clock of the test stands still until it is moved: an hour takes no time.
  await advance("1h");
  assert.deepEqual(effects(), ['"one.txt","Buy ""fresh"" milk"', '"two.txt","Call Anna"']);
  assert.deepEqual(await engine.needsAttention(), []);
  await close();
});

test("a line whose answer was lost is not written again", async () => {
  const { connectors, effects, appendLine } = createWorld({ "one.txt": "Buy milk" });
  appendLine.script("timeout-after-send");
  const { engine, advance, close } = await createTestEngine({ workflows: [notes], connectors });
  await advance("1h");
  assert.deepEqual(effects(), ['"one.txt","Buy milk"']);
  assert.deepEqual(await engine.needsAttention(), []);
  await close();
});

test("nothing is lost and nothing is written twice, wherever the process dies", async () => {
  // Runs the workflow again and again, and kills it each time at another point: around every commit and every call.
  const report = await crashAtEveryPoint(notes, () => createWorld({ "one.txt": "Buy milk" }), {
    advance: ["1m", "1m"],
  });
  assert.ok(report.points > 10);
  assert.equal(report.needingPerson, 0);
});
