import { defineWorkflow } from "@millrace/agent";
import { FakeClock } from "@millrace/agent/testing";
import { sql } from "kysely";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { closeBenches, openBench, recorded, type Bench } from "../support/job-bench.ts";

afterEach(closeBenches);

function polling() {
  return defineWorkflow({
    name: "polling",
    topics: { item: z.object({}) },
    producers: (producer) => ({
      poll: producer({ publishes: ["item"], schedule: { interval: "1h" }, async handler() {} }),
    }),
  });
}

describe("the decision log", () => {
  test("of a producer has a row for every due tick: fired, and coalesced after a downtime", async () => {
    const bench = await openBench([], { workflows: [polling()] });
    await bench.advance("1h");
    const next = await openBench([], {
      workflows: [polling()],
      image: await bench.stop(),
      clock: new FakeClock("2026-01-01T06:30:00Z"),
    });
    await next.advance("1s");
    const [workflow] = await next.stores.workflows.list();
    const decisions = await next.stores.scheduleDecisions.list({ workflowId: workflow!.id });
    expect(decisions.map(({ decision, count }) => `${decision} ${count}`).toSorted()).toEqual([
      "coalesced 4",
      "fired 1",
      "fired 1",
      "fired 1",
    ]);
    for (const { decision, producerName, runId, jobId } of decisions) {
      expect([producerName, jobId]).toEqual(["poll", null]);
      if (decision === "fired") expect((await next.engine.run(runId!)).run.handlerName).toBe("poll");
    }
  });

  test("of a job names the execution, the reason, and when it was decided", async () => {
    const bench = await openBench([recorded("work")]);
    const { id } = await bench.jobs.scheduleRecurring({ name: "r", handler: "work", interval: "1h" });
    await bench.settle();
    const clock = new FakeClock("2026-01-01T03:30:00Z");
    const next = await openBench([recorded("work")], { image: await bench.stop(), clock });
    await next.settle();
    const [first, second] = await next.history(id);
    const decisions = await next.jobs.listDecisions(id);
    expect(
      decisions.map(({ decision, count, executionId, decidedAt }) => [decision, count, executionId, decidedAt]),
    ).toEqual([
      ["fired", 1, second!.id, clock.now()],
      ["coalesced", 2, null, clock.now()],
      ["fired", 1, first!.id, Date.parse("2026-01-01T00:00:00Z")],
    ]);
    expect(decisions[1]?.reason).toContain("2 missed ticks collapse into one run");
  });

  test("has nothing of what is made at once, by an event or by hand", async () => {
    const bench = await openBench([recorded("work")]);
    const once = await bench.jobs.scheduleOnce({ name: "o", handler: "work" });
    const event = await bench.jobs.schedule({ type: "event", name: "e", event: "e", handler: "work" });
    await bench.jobs.triggerEvent("e");
    await bench.jobs.runJobNow(event.id);
    await bench.settle();
    expect([await bench.decisions(once.id), await bench.decisions(event.id)]).toEqual([[], []]);
  });
});

describe("the watchdog", () => {
  const set = ({ database }: Bench, id: string, nextRun: number | null) =>
    database.transaction(({ executor }) =>
      sql`update scheduled_jobs set next_run = ${nextRun} where id = ${id}`.execute(executor),
    );

  test("tells once of a job that is enabled and has no next tick, when that should long have been", async () => {
    const bench = await openBench([recorded("work")]);
    const { id } = await bench.jobs.schedule({ type: "cron", name: "c", handler: "work", cron: "5 * * * *" });
    const sound = await bench.jobs.schedule({ type: "cron", name: "s", handler: "work", cron: "0 0 1 2 *" });
    await set(bench, id, null);
    expect(await bench.notices(id)).toEqual([]);
    // It is found, and a minute later it is no better.
    await bench.advance("15m");
    expect(await bench.notices(id)).toEqual([]);
    await bench.advance("1m");
    expect(await bench.notices(id)).toEqual([
      expect.stringMatching(/^dead_schedule: .*"c" is enabled but has no next tick/),
    ]);
    await bench.advance("2h");
    expect((await bench.notices(id)).length).toBe(1);
    expect(await bench.notices(sound.id)).toEqual([]);
    expect((await bench.jobs.healthCheck()).status).toBe("degraded");
  });

  test("says nothing of jobs that wait for events, are paused, or are over", async () => {
    const bench = await openBench([recorded("work")]);
    const event = await bench.jobs.schedule({ type: "event", name: "e", event: "e", handler: "work" });
    const paused = await bench.jobs.schedule({ type: "cron", name: "c", handler: "work", cron: "0 0 1 2 *" });
    await bench.jobs.pauseJob(paused.id);
    const over = await bench.jobs.scheduleOnce({ name: "o", handler: "work" });
    await bench.advance("1h");
    for (const { id } of [event, paused, over]) expect(await bench.notices(id)).toEqual([]);
    expect((await bench.jobs.healthCheck()).status).toBe("ok");
  });
});
