import { defineConnector, defineWorkflow, mutation, read, type WorkflowDefinition } from "@millrace/agent";
import { createTestEngine, type TestEngine } from "@millrace/agent/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { createDoor } from "../support/door.ts";

const item = z.object({ n: z.number() });
let sent: number[];
let running: TestEngine;
beforeEach(() => {
  sent = [];
});
afterEach(() => running.close());

/** What JavaScript lets a handler do. */
interface Loose {
  signal: AbortSignal;
  world: { look(params: unknown): Promise<unknown>; act(params: unknown): Promise<unknown> };
  peek(topic: string): Promise<unknown>;
  publish(topic: string, event: unknown): void;
}
interface Parts {
  prepare?: (ctx: Loose) => unknown;
  mutate?: (ctx: Loose) => unknown;
  next?: (ctx: Loose) => unknown;
}

function workflow(parts: Parts): WorkflowDefinition {
  const world = defineConnector({
    name: "world",
    operations: {
      look: read({ params: z.object({}), execute: async () => Promise.reject(new Error("the world is closed")) }),
      act: mutation({ params: item, execute: async ({ n }) => void sent.push(n) }),
    },
  });
  return defineWorkflow({
    name: "loose",
    topics: { item, other: item },
    connectors: { world },
    consumers: (consumer) => ({
      consume: consumer({
        subscribe: ["item"],
        publishes: ["other"],
        async prepare(ctx) {
          const [event] = await ctx.peek("item");
          if (!event) return { data: null };
          // The context has everything, and refuses what the phase does not allow.
          await parts.prepare?.(ctx as unknown as Loose);
          return { reservations: [{ topic: "item", ids: [event.id] }], data: null };
        },
        ...(parts.mutate && { mutate: async (ctx: unknown) => parts.mutate?.(ctx as Loose) }),
        ...(parts.next && { next: async (ctx: unknown) => void (await parts.next?.(ctx as Loose)) }),
      }),
    }),
  });
}

/** Runs the workflow on one event; gives its run. */
async function runOnce(parts: Parts) {
  running = await createTestEngine({ workflows: [workflow(parts)] });
  await running.engine.publish("loose", "item", { messageId: "1", payload: { n: 1 } });
  await running.runUntilIdle();
  const [run] = await running.engine.runs({ limit: 1 });
  return run!;
}

describe("a call that nobody awaits", () => {
  test("a read that fails does not end the process, nor the run", async () => {
    const run = await runOnce({ prepare: (ctx) => void ctx.world.look({}) });
    expect(run.status).toBe("committed");
  });

  test("a call that the phase does not allow fails the run all the same", async () => {
    const run = await runOnce({ prepare: (ctx) => void ctx.world.act({ n: 1 }) });
    expect(run).toMatchObject({ status: "failed:logic", error: expect.stringContaining("not allowed in prepare") });
    expect(sent).toEqual([]);
  });

  test("two mutations one after another fail the run before anything is sent", async () => {
    const run = await runOnce({
      mutate(ctx) {
        void ctx.world.act({ n: 1 });
        void ctx.world.act({ n: 2 });
      },
    });
    expect(run).toMatchObject({ status: "failed:logic", error: expect.stringContaining("makes two mutations") });
    expect(sent).toEqual([]);
  });

  test("a mutation that is not awaited is made, once", async () => {
    const run = await runOnce({ mutate: (ctx) => void ctx.world.act({ n: 1 }) });
    expect(run.status).toBe("committed");
    expect(sent).toEqual([1]);
  });

  test("a peek of a topic that is not subscribed fails the run", async () => {
    const run = await runOnce({ prepare: (ctx) => void ctx.peek("other") });
    expect(run).toMatchObject({ status: "failed:logic", error: expect.stringContaining("not subscribed") });
  });
});

describe("a read in mutate", () => {
  test("is refused, even when the script catches it", async () => {
    const run = await runOnce({ mutate: (ctx) => ctx.world.look({}).catch(() => null) });
    expect(run).toMatchObject({
      status: "failed:logic",
      error: "consume: world.look() is not allowed in mutate. Connectors are read in a producer or in prepare.",
    });
  });
});

describe("a call after the handler has ended", () => {
  test("is refused, and changes nothing about the run", async () => {
    let later: Loose | undefined;
    await runOnce({ next: (ctx) => (later = ctx) });
    expect(() => later?.publish("other", { messageId: "x", payload: { n: 1 } })).toThrow(
      'publish("other") was called after next had ended. Await every call.',
    );
    await running.runUntilIdle();
    expect((await running.engine.status())[0]).toMatchObject({ error: null, pending: { item: 0, other: 0 } });
  });

  test("of a handler that took too long sends nothing, and its signal has told it to stop", async () => {
    const door = createDoor();
    let signal: AbortSignal | undefined;
    let refused: unknown;
    running = await createTestEngine({
      workflows: [
        workflow({
          async mutate(ctx) {
            signal = ctx.signal;
            await door.pass();
            await ctx.world.act({ n: 1 }).catch((error: unknown) => (refused = error));
          },
        }),
      ],
    });
    await running.engine.publish("loose", "item", { messageId: "1", payload: { n: 1 } });
    await running.advance("5m");
    expect((await running.engine.runs({ limit: 1 }))[0]).toMatchObject({
      phase: "prepared",
      status: "failed:logic",
      errorType: "HandlerTimeoutError",
    });
    expect(signal?.aborted).toBe(true);
    door.open();
    await running.advance("1s");
    expect(String(refused)).toContain("was called after mutate had ended");
    expect(sent).toEqual([]);
    expect((await running.engine.status())[0]).toMatchObject({ pending: { item: 1 } });
  });
});

test("a listener whose promise is rejected hurts nobody", async () => {
  running = await createTestEngine({ workflows: [workflow({})] });
  const listener: () => unknown = async () => {
    throw new Error("a bug in a listener");
  };
  running.engine.on("run:changed", listener);
  await running.engine.publish("loose", "item", { messageId: "1", payload: { n: 1 } });
  await running.runUntilIdle();
  expect((await running.engine.runs({ limit: 1 }))[0]?.status).toBe("committed");
});

test("what a handler logged before it failed is kept, also when its result can't be stored", async () => {
  running = await createTestEngine({
    workflows: [
      defineWorkflow({
        name: "loose",
        topics: { item },
        consumers: (consumer) => ({
          consume: consumer({
            subscribe: ["item"],
            async prepare(ctx) {
              ctx.log("info", "about to fail");
              return { data: new Date(0) };
            },
          }),
        }),
      }),
    ],
  });
  await running.runUntilIdle();
  const [run] = await running.engine.runs();
  expect(run).toMatchObject({ status: "failed:logic", error: expect.stringContaining("can't be stored") });
  expect((await running.engine.run(run!.id)).logs).toMatchObject([{ message: "about to fail" }]);
});

test("a schema that throws is the workflow's fault, not the engine's", async () => {
  const broken = z.custom<number>(() => {
    throw new TypeError("cannot read properties of undefined");
  });
  running = await createTestEngine({
    workflows: [
      defineWorkflow({
        name: "loose",
        topics: { broken },
        producers: (producer) => ({
          poll: producer({
            publishes: ["broken"],
            schedule: { interval: "1h" },
            async handler(ctx) {
              const input = ctx.registerInput({ source: "s", type: "t", externalId: "1", title: "" });
              ctx.publish("broken", { messageId: "1", payload: 1, inputs: [input] });
            },
          }),
        }),
      }),
    ],
  });
  await running.runUntilIdle();
  expect((await running.engine.runs())[0]).toMatchObject({
    status: "failed:logic",
    errorType: "SchemaError",
    error: expect.stringContaining("the schema failed: cannot read properties of undefined"),
  });
});
