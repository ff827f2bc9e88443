import { defineConnector, defineWorkflow, NetworkError, RateLimitError, read } from "@millrace/agent";
import { createTestEngine, fakeConnector, fakeMutation, type TestEngine } from "@millrace/agent/testing";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { openPostOffice } from "../support/post-office.ts";

let running: TestEngine;
afterEach(() => running.close());

const START = Date.parse("2026-01-01T00:00:00Z");
const item = z.object({ n: z.number() });
const seconds = (times: readonly number[]) => times.map((time) => (time - START) / 1_000);

/** A producer that reads a world which answers as the test says, one answer a call, then well. */
async function polling(answers: (() => Error)[]): Promise<number[]> {
  const calls: number[] = [];
  const world = defineConnector({
    name: "world",
    operations: {
      look: read({
        params: z.object({}),
        async execute(_params, { now }) {
          calls.push(now());
          const answer = answers.shift();
          if (answer) throw answer();
        },
      }),
    },
  });
  const workflow = defineWorkflow({
    name: "polling",
    topics: { item },
    connectors: { world },
    producers: (producer) => ({
      poll: producer({
        publishes: ["item"],
        schedule: { interval: "10m" },
        state: z.object({ polls: z.number() }),
        async handler(ctx, state) {
          await ctx.world.look({});
          return { polls: (state?.polls ?? 0) + 1 };
        },
      }),
    }),
  });
  running = await createTestEngine({ workflows: [workflow] });
  return calls;
}

const states = async () => (await running.engine.runs()).map(({ outputState }) => outputState).toReversed();

describe("a producer", () => {
  test("hands its state on from run to run", async () => {
    await polling([]);
    await running.advance("20m");
    expect(await states()).toEqual([{ polls: 1 }, { polls: 2 }, { polls: 3 }]);
  });

  test("that fails for a while is retried with backoff, keeps its state, and then its schedule", async () => {
    const down = () => new NetworkError("down");
    const calls = await polling([down, down]);
    await running.advance("20m");
    expect(seconds(calls)).toEqual([0, 2, 6, 600, 1_200]);
    expect(await states()).toEqual([null, null, { polls: 1 }, { polls: 2 }, { polls: 3 }]);
    expect((await running.engine.status())[0]).toMatchObject({ error: null, openNotifications: 0, retryAt: null });
  });

  test("waits as long as a rate limit asks, even beyond its next time, whose firing collapses", async () => {
    const calls = await polling([() => new RateLimitError("slow down", { retryAfterMs: 1_500_000 })]);
    await running.advance("30m");
    expect(seconds(calls)).toEqual([0, 1_500, 1_800]);
  });

  test("that fails five times in a row asks a person, and starts anew when asked", async () => {
    const down = () => new NetworkError("down");
    const calls = await polling([down, down, down, down, down]);
    await running.advance("1d");
    expect(calls).toHaveLength(5);
    expect((await running.engine.needsAttention()).map(({ notification }) => notification.kind)).toEqual(["transient"]);
    await running.engine.retry("polling", { by: "ada" });
    await running.runUntilIdle();
    await running.advance("10m");
    expect(calls).toHaveLength(7);
    expect(await running.engine.needsAttention()).toEqual([]);
  });
});

describe("a consumer", () => {
  test("that reserves nothing sleeps until the next event, however many are pending", async () => {
    const looked: number[] = [];
    const workflow = defineWorkflow({
      name: "pairs",
      topics: { item },
      consumers: (consumer) => ({
        pair: consumer({
          subscribe: ["item"],
          async prepare(ctx) {
            const events = await ctx.peek("item");
            looked.push(events.length);
            const pair = events.length < 2 ? [] : events.slice(0, 2);
            return { reservations: [{ topic: "item", ids: pair.map(({ id }) => id) }], data: null };
          },
        }),
      }),
    });
    running = await createTestEngine({ workflows: [workflow] });
    await running.runUntilIdle();
    for (const n of [1, 2, 3]) {
      await running.engine.publish("pairs", "item", { messageId: String(n), payload: { n } });
      await running.advance("1h");
    }
    expect(looked).toEqual([0, 1, 2, 1]);
    expect((await running.engine.status())[0]).toMatchObject({ pending: { item: 1 } });
  });

  test("comes before producers, and the one with the oldest event first", async () => {
    const ran: string[] = [];
    const taking = (name: "a" | "b") => ({
      subscribe: [name] as const,
      async prepare(ctx: {
        peek(topic: "a" | "b", options: { limit: number }): Promise<{ id: string; messageId: string }[]>;
      }) {
        const events = await ctx.peek(name, { limit: 1 });
        ran.push(...events.map(({ messageId }) => messageId));
        return { reservations: [{ topic: name, ids: events.map(({ id }) => id) }], data: null };
      },
    });
    const workflow = defineWorkflow({
      name: "order",
      topics: { a: item, b: item },
      producers: (producer) => ({
        poll: producer({ publishes: ["a"], handler: async () => void ran.push("poll") }),
      }),
      consumers: (consumer) => ({ a: consumer(taking("a")), b: consumer(taking("b")) }),
    });
    running = await createTestEngine({ workflows: [workflow] });
    await running.runUntilIdle();
    await running.engine.pause("order");
    for (const [topic, messageId] of [
      ["b", "first"],
      ["a", "second"],
      ["b", "third"],
    ] as const) {
      running.clock.jumpTo(running.clock.now() + 1);
      await running.engine.publish("order", topic, { messageId, payload: { n: 1 } });
    }
    await running.runUntilIdle();
    const resumed = running.engine.resume("order");
    await resumed;
    await running.runUntilIdle();
    await running.engine.runNow("order");
    await running.runUntilIdle();
    expect(ran).toEqual(["first", "second", "third", "poll"]);
  });

  test("whose mutate makes no call goes on to next with outcome none, and hands its state on", async () => {
    const act = fakeMutation({ params: item, result: () => null });
    const outcomes: [string, unknown][] = [];
    const workflow = defineWorkflow({
      name: "picky",
      topics: { item },
      connectors: { world: fakeConnector("world", { act }) },
      consumers: (consumer) => ({
        pick: consumer({
          subscribe: ["item"],
          state: z.object({ seen: z.number() }),
          async prepare(ctx, state) {
            const [event] = await ctx.peek("item", { limit: 1 });
            return {
              reservations: event ? [{ topic: "item", ids: [event.id] }] : [],
              data: { n: event?.payload.n ?? 0, seen: state?.seen ?? 0 },
            };
          },
          mutate: async (ctx, { data }) => (data.n % 2 === 0 ? ctx.world.act({ n: data.n }) : null),
          async next(_ctx, { data }, outcome) {
            if (data.n === 0) return undefined;
            outcomes.push([outcome.status, data.seen]);
            return { seen: data.seen + 1 };
          },
        }),
      }),
    });
    running = await createTestEngine({ workflows: [workflow] });
    for (const n of [1, 2, 3]) await running.engine.publish("picky", "item", { messageId: String(n), payload: { n } });
    await running.runUntilIdle();
    expect(outcomes).toEqual([
      ["none", 0],
      ["applied", 1],
      ["none", 2],
    ]);
    expect(act.effects.map(({ params }) => params.n)).toEqual([2]);
  });

  test("is woken once at its time; a prepare that asks for none clears it", async () => {
    const woken: number[] = [];
    const workflow = defineWorkflow({
      name: "sleeper",
      topics: { item },
      consumers: (consumer) => ({
        sleep: consumer({
          subscribe: ["item"],
          async prepare(ctx) {
            woken.push(ctx.now());
            return { data: null, wakeAt: woken.length === 1 ? new Date(ctx.now() + 60_000).toISOString() : undefined };
          },
        }),
      }),
    });
    running = await createTestEngine({ workflows: [workflow] });
    await running.advance("1d");
    expect(seconds(woken)).toEqual([0, 60]);
    expect((await running.engine.status())[0]?.wakes).toEqual([]);
  });

  test("that is woken while its workflow is paused runs when it is resumed", async () => {
    const woken: number[] = [];
    const workflow = defineWorkflow({
      name: "sleeper",
      topics: { item },
      consumers: (consumer) => ({
        sleep: consumer({
          subscribe: ["item"],
          async prepare(ctx) {
            woken.push(ctx.now());
            return { data: null, wakeAt: new Date(ctx.now() + 3_600_000).toISOString() };
          },
        }),
      }),
    });
    running = await createTestEngine({ workflows: [workflow] });
    await running.runUntilIdle();
    await running.engine.pause("sleeper");
    await running.advance("90m");
    expect(woken).toHaveLength(1);
    await running.engine.resume("sleeper");
    await running.runUntilIdle();
    expect(seconds(woken)).toEqual([0, 5_400]);
  });
});

test("mutations that were sent in an outage are settled together, whenever they had been asked for", async () => {
  const office = await openPostOffice({ approval: "required", reconcile: false });
  running = office.test;
  await office.post("bob");
  const { id, createdAt } = await office.mutation();
  await running.advance("1h");
  office.send.script("timeout-after-send");
  await running.engine.approve(id, { by: "ada" });
  await running.runUntilIdle();
  const verdict = { verdict: "happened", by: "ada" } as const;
  const span = (from: number, before: number) =>
    running.engine.resolveMutations({ connector: "post", from, before }, verdict, { dryRun: true });
  expect((await span(createdAt, createdAt + 60_000)).matched).toEqual([]);
  expect((await span(running.clock.now(), running.clock.now() + 1)).matched).toEqual([id]);
});

test("five calls in a row without effect ask a person instead of a sixth", async () => {
  const office = await openPostOffice();
  running = office.test;
  office.send.script(...Array.from({ length: 5 }, () => "timeout-without-effect" as const));
  await office.post("bob");
  await running.advance("1d");
  expect(office.send.calls).toHaveLength(5);
  expect(await office.attention()).toEqual([expect.stringContaining("5 times in a row without effect")]);
  await running.engine.retry("letters", { by: "ada" });
  await running.runUntilIdle();
  expect(office.send.effects).toHaveLength(1);
});

test("pausing a workflow settles the word that its code is missing", async () => {
  const office = await openPostOffice();
  await office.test.engine.pause("letters");
  await office.post("bob");
  const image = office.test.database.serialise();
  await office.test.close();
  running = await createTestEngine({ image, workflows: [] });
  await running.engine.resume("letters");
  await running.runUntilIdle();
  expect((await running.engine.needsAttention()).map(({ notification }) => notification.kind)).toEqual([
    "missing_code",
  ]);
  await running.engine.pause("letters");
  expect(await running.engine.needsAttention()).toEqual([]);
});

test("whoever waits for the engine to be idle waits no longer once it has stopped", async () => {
  const office = await openPostOffice();
  running = office.test;
  office.send.script("hang-after-send");
  await running.engine.publish("letters", "letter", { messageId: "bob", payload: { to: "bob" } });
  await running.advance("1s");
  const idle = running.engine.whenIdle();
  const stopping = [running.engine.stop(), running.engine.stop()];
  await running.advance("10s");
  await Promise.all([...stopping, idle]);
  expect((await office.mutation()).status).toBe("needs_reconcile");
});
