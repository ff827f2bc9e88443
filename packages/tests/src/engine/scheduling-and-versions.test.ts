import {
  defineWorkflow,
  WorkflowBusyError,
  WorkflowNotRunnableError,
  UnknownNameError,
  type WorkflowDefinition,
} from "@millrace/agent";
import {
  attachTestEngine,
  createTestEngine,
  FakeClock,
  openTestDatabase,
  type TestEngine,
} from "@millrace/agent/testing";
import { createStores } from "@millrace/db";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { lettersWorkflow, openPostOffice } from "../support/post-office.ts";
import { dump } from "../support/store-behaviours.ts";

let running: TestEngine;
afterEach(() => running.close());

const tick = z.object({ at: z.number() });

/** A producer on a schedule that publishes a tick each time it runs. */
function ticking(
  schedule: { interval: string } | { cron: string; timezone: string },
  fired: number[],
): WorkflowDefinition {
  return defineWorkflow({
    name: "ticking",
    topics: { tick },
    producers: (producer) => ({
      clock: producer({
        publishes: ["tick"],
        schedule,
        async handler(ctx) {
          fired.push(ctx.now());
        },
      }),
      byHand: producer({
        publishes: ["tick"],
        async handler() {
          fired.push(-1);
        },
      }),
    }),
  });
}

const iso = (time: number) => new Date(time).toISOString();

describe("producers", () => {
  test("an interval is due at once, then at a fixed rate", async () => {
    const fired: number[] = [];
    running = await createTestEngine({ workflows: [ticking({ interval: "10m" }, fired)] });
    await running.advance("35m");
    expect(fired.map(iso)).toEqual([
      "2026-01-01T00:00:00.000Z",
      "2026-01-01T00:10:00.000Z",
      "2026-01-01T00:20:00.000Z",
      "2026-01-01T00:30:00.000Z",
    ]);
  });

  test("a cron expression fires at its time in its zone, on the days the clocks change too", async () => {
    const fired: number[] = [];
    running = await createTestEngine({
      clock: new FakeClock("2026-03-28T00:00:00Z"),
      workflows: [ticking({ cron: "30 2 * * *", timezone: "Europe/Berlin" }, fired)],
    });
    await running.advance("3d");
    expect(fired.map(iso)).toEqual([
      "2026-03-28T01:30:00.000Z",
      "2026-03-29T01:00:00.000Z",
      "2026-03-30T00:30:00.000Z",
    ]);
  });

  test("what was missed while nothing ran is done once", async () => {
    const fired: number[] = [];
    const workflows = [ticking({ interval: "10m" }, fired)];
    running = await createTestEngine({ workflows });
    await running.runUntilIdle();
    await running.engine.stop();
    const image = running.database.serialise();
    await running.database.close();
    running = await createTestEngine({ workflows, image, clock: new FakeClock("2026-01-01T05:05:00Z") });
    await running.advance("10m");
    expect(fired.map(iso)).toEqual([
      "2026-01-01T00:00:00.000Z",
      "2026-01-01T05:05:00.000Z",
      "2026-01-01T05:10:00.000Z",
    ]);
  });

  test("a new configuration adds, changes and removes schedules", async () => {
    const fired: number[] = [];
    running = await createTestEngine({ workflows: [ticking({ interval: "10m" }, fired)] });
    await running.runUntilIdle();
    await running.engine.deploy(ticking({ interval: "1h" }, fired));
    await running.runUntilIdle();
    await running.advance("30m");
    expect(fired).toHaveLength(2);
    const without = defineWorkflow({
      name: "ticking",
      topics: { tick },
      consumers: (consumer) => ({ rest: consumer({ subscribe: ["tick"], prepare: async () => ({ data: null }) }) }),
    });
    await running.engine.deploy(without);
    await running.advance("3h");
    expect(fired).toHaveLength(2);
    expect((await running.engine.status())[0]?.schedules).toEqual([]);
  });

  test("run now: all or those named, refused when unknown, paused or busy", async () => {
    const fired: number[] = [];
    running = await createTestEngine({ workflows: [ticking({ interval: "10m" }, fired)] });
    await running.runUntilIdle();
    await running.engine.runNow("ticking", ["byHand"]);
    await expect(running.engine.runNow("ticking")).rejects.toThrow(WorkflowBusyError);
    await running.runUntilIdle();
    expect(fired.slice(1)).toEqual([-1]);
    await running.engine.runNow("ticking");
    await running.runUntilIdle();
    expect(fired).toHaveLength(4);
    await expect(running.engine.runNow("ticking", ["nope"])).rejects.toThrow(UnknownNameError);
    await running.engine.pause("ticking");
    await expect(running.engine.runNow("ticking")).rejects.toThrow(WorkflowNotRunnableError);
    await running.advance("1h");
    expect(fired).toHaveLength(4);
    await running.engine.resume("ticking");
    await running.runUntilIdle();
    expect(fired).toHaveLength(5);
  });
});

describe("consumers", () => {
  test("two consumers wake at their own times, clamped ones with a line in the log, and nobody busy-loops", async () => {
    const woken: string[] = [];
    const sleeper = (name: string, delayMs: number) => ({
      subscribe: ["tick"] as const,
      async prepare(ctx: { now(): number }) {
        woken.push(`${name} ${(ctx.now() - Date.parse("2026-01-01T00:00:00Z")) / 1_000}`);
        return { data: null, wakeAt: new Date(ctx.now() + delayMs).toISOString() };
      },
    });
    const workflow = defineWorkflow({
      name: "sleepers",
      topics: { tick },
      consumers: (consumer) => ({ slow: consumer(sleeper("slow", 90_000)), hasty: consumer(sleeper("hasty", 1_000)) }),
    });
    running = await createTestEngine({ workflows: [workflow] });
    await running.advance("95s");
    expect(woken).toEqual(["slow 0", "hasty 0", "hasty 30", "hasty 60", "slow 90", "hasty 90"]);
    const [hasty] = await running.engine.runs({ handlerName: "hasty", limit: 1 });
    expect((await running.engine.run(hasty!.id)).logs[0]).toMatchObject({
      level: "warn",
      message: expect.stringContaining("was clamped"),
    });
  });

  test("an event that is published during a run is not lost", async () => {
    const seen: string[] = [];
    let during: (() => Promise<unknown>) | null = null;
    const workflow = defineWorkflow({
      name: "busy",
      topics: { tick },
      consumers: (consumer) => ({
        look: consumer({
          subscribe: ["tick"],
          async prepare(ctx) {
            const events = await ctx.peek("tick");
            await during?.();
            during = null;
            seen.push(...events.map(({ messageId }) => messageId));
            return { reservations: [{ topic: "tick", ids: events.map(({ id }) => id) }], data: null };
          },
        }),
      }),
    });
    running = await createTestEngine({ workflows: [workflow] });
    await running.runUntilIdle();
    during = () => running.engine.publish("busy", "tick", { messageId: "second", payload: { at: 2 } });
    await running.engine.publish("busy", "tick", { messageId: "first", payload: { at: 1 } });
    await running.runUntilIdle();
    expect(seen).toEqual(["first", "second"]);
  });
});

describe("versions", () => {
  test("the same code changes nothing, other code is a new version, and runs say which one ran", async () => {
    const office = await openPostOffice();
    running = office.test;
    await office.post("bob");
    await running.engine.deploy(office.workflow);
    expect((await running.engine.status())[0]?.version).toBe("1.0");
    const changed = { ...office.workflow, major: 2 };
    await running.engine.deploy(changed);
    expect((await running.engine.status())[0]?.version).toBe("2.0");
    await office.post("eve");
    const runs = await running.engine.runs();
    expect(new Set(runs.map(({ scriptId }) => scriptId)).size).toBe(2);
  });

  test("a run that failed because of the code is tried again by a new version, and pending events carry on", async () => {
    const office = await openPostOffice({
      onMutate: () => {
        throw new Error("a bug");
      },
    });
    running = office.test;
    await office.post("bob");
    await office.post("eve");
    expect(await office.attention()).toEqual(["Error: a bug"]);
    await running.engine.deploy({ ...lettersWorkflow(office.send), major: 2 });
    await running.runUntilIdle();
    expect(office.send.effects.map(({ params }) => params.to)).toEqual(["bob", "eve"]);
    expect(await office.attention()).toEqual([]);
  });

  test("a retry after the mutation runs next of the new version", async () => {
    const office = await openPostOffice({
      onNext: () => {
        throw new Error("a bug in next");
      },
    });
    running = office.test;
    await office.post("bob");
    await running.engine.deploy({ ...lettersWorkflow(office.send), major: 2 });
    await running.runUntilIdle();
    expect(office.send.calls).toHaveLength(1);
    expect((await running.engine.status())[0]).toMatchObject({ error: null, pending: { letter: 0, sent: 1 } });
  });

  test("a workflow whose code is missing is deferred with one notification, and goes on when it is deployed", async () => {
    const office = await openPostOffice();
    await office.test.engine.pause("letters");
    await office.post("bob");
    const image = office.test.database.serialise();
    await office.test.close();
    const second = await openTestDatabase(new FakeClock(), { image });
    const stores = createStores(second.database);
    const [stored] = await stores.workflows.list();
    await stores.workflows.update(stored!.id, { status: "active" }, 1);
    running = attachTestEngine(second, new FakeClock("2026-01-02T00:00:00Z"), { workflows: [] });
    await running.engine.start();
    await running.advance("1d");
    expect((await running.engine.needsAttention()).map(({ notification }) => notification.kind)).toEqual([
      "missing_code",
    ]);
    expect(office.send.calls).toEqual([]);
    await running.engine.deploy(office.workflow);
    await running.runUntilIdle();
    expect(office.send.effects).toHaveLength(1);
    expect(await running.engine.needsAttention()).toEqual([]);
  });
});

describe("looking without touching", () => {
  test("a preview shows the mutation that would be sent, and writes nothing", async () => {
    const office = await openPostOffice();
    running = office.test;
    await running.engine.pause("letters");
    await office.post("bob");
    const before = dump(running.database, null);
    expect(await running.engine.preview("letters", "send")).toMatchObject({
      kind: "consumer",
      mutation: { connector: "post", operation: "send", params: { to: "bob" } },
    });
    await expect(running.engine.preview("letters", "nope")).rejects.toThrow(UnknownNameError);
    expect(dump(running.database, null)).toEqual(before);
    expect(office.send.calls).toEqual([]);
  });

  test("a listener hears of runs and mutations after their commit, and one that throws hurts nobody", async () => {
    const office = await openPostOffice();
    running = office.test;
    const heard: string[] = [];
    running.engine.on("run:changed", () => {
      throw new Error("a bug in a listener");
    });
    running.engine.on("mutation:changed", ({ status }) => heard.push(status));
    await office.post("bob");
    expect(heard).toEqual(["in_flight", "applied"]);
    expect(office.send.effects).toHaveLength(1);
  });
});
