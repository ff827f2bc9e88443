import { defineWorkflow, LogicError, SchemaError, UnknownNameError, type WorkflowDefinition } from "@millrace/agent";
import { createTestEngine, fakeConnector, fakeMutation, type TestEngine } from "@millrace/agent/testing";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { openPostOffice } from "../support/post-office.ts";

const item = z.object({ n: z.number() });
const act = fakeMutation({ params: z.object({ n: z.number() }), result: () => null });
const world = fakeConnector("world", { act });

/** Parts of a consumer written in JavaScript, which TypeScript would not have let pass. */
interface Misbehaviour {
  prepare?: (ctx: LooseContext) => Promise<unknown>;
  mutate?: (ctx: LooseContext) => Promise<unknown>;
  next?: (ctx: LooseContext) => Promise<unknown>;
}

/** What a script may try, whatever its phase. */
interface LooseContext {
  publish(topic: string, event: object): void;
  peek(topic: string): Promise<unknown>;
  world: { act(params: object): Promise<unknown> };
}

/** Gives a handler the context of its phase as if it had everything. */
const loosely = (handler: (ctx: LooseContext) => Promise<unknown>) => async (ctx: unknown) =>
  handler(ctx as LooseContext);

function misbehaving({ prepare, mutate, next }: Misbehaviour): WorkflowDefinition {
  return defineWorkflow({
    name: "bad",
    topics: { item, other: item },
    connectors: { world },
    consumers: (consumer) => ({
      consume: consumer({
        subscribe: ["item"],
        async prepare(ctx) {
          const [event] = await ctx.peek("item");
          if (!event) return { data: null };
          if (prepare) return (await loosely(prepare)(ctx)) as { data: null };
          return { reservations: [{ topic: "item", ids: [event.id] }], data: null };
        },
        ...(mutate && { mutate: loosely(mutate) }),
        ...(next && { next: async (ctx: unknown) => void (await loosely(next)(ctx)) }),
      }),
    }),
  });
}

let running: TestEngine;
afterEach(async () => {
  act.calls.splice(0);
  await running.close();
});

/** Runs the workflow on one event; gives the message of the failed run. */
async function failureOf(parts: Misbehaviour): Promise<string | null> {
  running = await createTestEngine({ workflows: [misbehaving(parts)] });
  await running.runUntilIdle();
  await running.engine.publish("bad", "item", { messageId: "1", payload: { n: 1 } });
  await running.runUntilIdle();
  const [run] = await running.engine.runs({ limit: 1 });
  expect(run?.status).toBe("failed:logic");
  // Nothing is lost: the event is pending again, and a person is told.
  expect((await running.engine.status())[0]).toMatchObject({ pending: { item: 1, other: 0 }, openNotifications: 1 });
  expect(act.calls).toEqual([]);
  return run?.error ?? null;
}

describe("a handler that does what it must not", () => {
  test("a publish to an undeclared topic", async () => {
    expect(
      await failureOf({ next: async (ctx) => ctx.publish("other", { messageId: "x", payload: { n: 1 } }) }),
    ).toContain('publishes to "other", which it does not declare');
  });

  test("the same, caught by the script: it can't be swallowed", async () => {
    const swallow = async (ctx: LooseContext) => {
      try {
        ctx.publish("other", { messageId: "x", payload: { n: 1 } });
      } catch {
        return;
      }
    };
    expect(await failureOf({ next: swallow })).toContain('publishes to "other"');
  });

  test("two mutations in one run, at once", async () => {
    expect(
      await failureOf({ mutate: async (ctx) => Promise.all([ctx.world.act({ n: 1 }), ctx.world.act({ n: 2 })]) }),
    ).toContain("makes two mutations in one run: world.act and world.act");
  });

  test("two mutations in one run, the second one caught", async () => {
    const mutate = async (ctx: LooseContext) => {
      void ctx.world.act({ n: 1 });
      await ctx.world.act({ n: 2 }).catch(() => null);
    };
    expect(await failureOf({ mutate })).toContain("makes two mutations in one run");
  });

  test("an error beside the mutation, before it was sent", async () => {
    const mutate = async (ctx: LooseContext) => {
      void ctx.world.act({ n: 1 });
      throw new Error("changed my mind");
    };
    expect(await failureOf({ mutate })).toContain("changed my mind");
  });

  test("a read, a peek and a publish in mutate", async () => {
    expect(await failureOf({ mutate: async (ctx) => ctx.peek("item") })).toContain("ctx.peek is not a function");
  });

  test("a mutation in prepare", async () => {
    expect(await failureOf({ prepare: async (ctx) => ctx.world.act({ n: 1 }) })).toContain(
      "world.act() is not allowed in prepare. The one mutation of a run is made in mutate.",
    );
  });

  test("parameters that do not fit their schema", async () => {
    expect(await failureOf({ mutate: async (ctx) => ctx.world.act({ n: "one" }) })).toContain(
      "The parameters of world.act does not fit its schema: n:",
    );
  });

  test.each([
    ["nothing", undefined, "prepare returned no valid result"],
    ["a string", "garbage", "prepare returned no valid result"],
    ["reservations of another shape", { reservations: "all" }, "reservations"],
    [
      "events that it has not seen",
      { reservations: [{ topic: "item", ids: ["nope"] }], data: null },
      'reserves "nope"',
    ],
    ["a function as data", { data: () => 1, reservations: [] }, "can't be stored"],
  ])("a prepare that returns %s", async (_what, result, message) => {
    expect(await failureOf({ prepare: async () => result })).toContain(message);
  });

  test("a state that is no JSON", async () => {
    running = await createTestEngine({
      workflows: [
        defineWorkflow({
          name: "bad",
          topics: { item },
          producers: (producer) => ({
            poll: producer({
              publishes: ["item"],
              schedule: { interval: "1h" },
              handler: async () => ({ when: new Date(0) }),
            }),
          }),
        }),
      ],
    });
    await running.runUntilIdle();
    const [run] = await running.engine.runs();
    expect(run).toMatchObject({
      status: "failed:logic",
      error: "state of poll can't be stored: at $.when it holds a Date. Only plain JSON values are kept.",
    });
  });

  test("a payload over the limit is refused, and nothing of the run is written", async () => {
    running = await createTestEngine({
      workflows: [
        defineWorkflow({
          name: "bad",
          topics: { big: z.string() },
          producers: (producer) => ({
            poll: producer({
              publishes: ["big"],
              schedule: { interval: "1h" },
              async handler(ctx) {
                const input = ctx.registerInput({ source: "s", type: "t", externalId: "1", title: "" });
                ctx.publish("big", { messageId: "small", payload: "x", inputs: [input] });
                ctx.publish("big", { messageId: "big", payload: "x".repeat(2_000_000), inputs: [input] });
              },
            }),
          }),
        }),
      ],
    });
    await running.runUntilIdle();
    expect((await running.engine.runs())[0]).toMatchObject({
      status: "failed:logic",
      error: expect.stringContaining("the limit is 1048576"),
    });
    expect(await running.engine.inputs()).toEqual([]);
    expect((await running.engine.status())[0]).toMatchObject({ pending: { big: 0 } });
  });

  test("a handler that never returns", async () => {
    running = await createTestEngine({ workflows: [misbehaving({ prepare: () => new Promise(() => undefined) })] });
    await running.runUntilIdle();
    await running.engine.publish("bad", "item", { messageId: "1", payload: { n: 1 } });
    await running.advance("5m");
    expect((await running.engine.runs())[0]).toMatchObject({
      status: "failed:logic",
      errorType: "HandlerTimeoutError",
      error: expect.stringContaining("300000 ms"),
    });
  });
});

describe("a call from outside that is wrong", () => {
  test("a publish of an unknown workflow, topic, or payload", async () => {
    const office = await openPostOffice();
    running = office.test;
    const { engine } = running;
    await expect(engine.publish("nope", "letter", { messageId: "1", payload: { to: "a" } })).rejects.toThrow(
      UnknownNameError,
    );
    await expect(engine.publish("letters", "nope", { messageId: "1", payload: { to: "a" } })).rejects.toThrow(
      LogicError,
    );
    await expect(engine.publish("letters", "letter", { messageId: "1", payload: { to: 1 } })).rejects.toThrow(
      SchemaError,
    );
    expect(await engine.inputs()).toEqual([]);
  });
});
