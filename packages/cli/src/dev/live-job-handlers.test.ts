import { defineJobHandler, NonRetryableError } from "@millrace/agent";
import { createTestEngine, type TestEngine } from "@millrace/agent/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { LiveJobHandlers } from "./live-job-handlers.ts";

let handlers: LiveJobHandlers;
let bench: TestEngine;

const answer = (text: string, name = "answer") => defineJobHandler({ name, handler: () => text });

beforeEach(async () => {
  handlers = new LiveJobHandlers();
  bench = await createTestEngine({ jobHandlers: handlers.take([answer("one")]) });
});
afterEach(() => bench.close());

async function result(handler = "answer"): Promise<unknown> {
  const { id } = await bench.engine.jobs.schedule({ type: "one_time", name: "ask", handler, maxRetries: 0 });
  await bench.advance("1s");
  const [execution] = (await bench.engine.jobs.getJobHistory(id)).items;
  return execution?.errorType ?? execution?.result;
}

test("a handler that is taken anew runs its new code", async () => {
  expect(await result()).toBe("one");
  expect(handlers.take([answer("two")])).toEqual([]);
  expect(await result()).toBe("two");
});

test("its new schema is the one that counts", async () => {
  handlers.take([defineJobHandler({ name: "answer", payload: z.object({ to: z.string() }), handler: ({ to }) => to })]);
  await expect(result()).rejects.toThrow("does not fit its schema");
});

test("a handler that the engine does not have yet is given to it", async () => {
  for (const added of handlers.take([answer("one"), answer("new", "other")])) {
    await bench.engine.registerJobHandler(added);
  }
  expect(await result("other")).toBe("new");
});

test("a handler that is gone fails for good, until it is there again", async () => {
  handlers.take([]);
  expect(await result()).toBe(NonRetryableError.name);
  expect(handlers.take([answer("back")])).toEqual([]);
  expect(await result()).toBe("back");
});
