/** What a reviewer has found with many executions at one moment: limits, producers, and a watchdog that sees a crowd. */
import { defineWorkflow } from "@millrace/agent";
import { sql } from "kysely";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { closeBenches, held, openBench, recorded, turns, type Bench } from "../support/job-bench.ts";

afterEach(closeBenches);

describe("executions that wait for a limit", () => {
  test.each([0, 1, 4, 12])("all run, though others come %i microtasks before the last one ends", async (count) => {
    const work = held("work", { maxConcurrent: 1 });
    const bench = await openBench([work]);
    const job = { type: "one_time", name: "j", handler: "work", in: "10h", overlap: "allow" } as const;
    const { id } = await bench.jobs.schedule(job);
    await bench.jobs.runJobNow(id);
    await bench.jobs.runJobNow(id);
    await turns(30);
    work.calls[0]?.succeed();
    await turns(30);
    // Nobody waits any more; that somebody did is still known when others come in the same moment.
    const more = Promise.all([1, 2, 3].map(() => bench.jobs.runJobNow(id)));
    for (let n = 0; n < count; n += 1) await Promise.resolve();
    work.calls[1]?.succeed();
    await more;
    for (let n = 2; n < 5; n += 1) {
      await turns(30);
      work.calls[n]?.succeed();
    }
    await bench.settle();
    expect(work.calls).toHaveLength(5);
    expect(await bench.statuses(id)).toEqual(Array.from({ length: 5 }, () => "success"));
  });

  test.each([
    ["handler", { maxConcurrent: 1 }, {}],
    ["key", {}, { concurrency: { key: "k" } }],
    ["job", {}, { maxConcurrency: 1 }],
  ] as const)("of its %s all run, whenever others come", async (_what, limit, more) => {
    const work = recorded("work", () => Promise.resolve(), limit);
    const bench = await openBench([work]);
    await bench.jobs.schedule({ type: "event", event: "e", name: "e", handler: "work", ...more });
    for (let round = 0; round < 30; round += 1) {
      await Promise.all([1, 2].map(() => bench.jobs.triggerEvent("e", round)));
      for (let n = 0; n < round % 10; n += 1) await Promise.resolve();
      await turns(round % 3);
      await Promise.all([1, 2, 3].map(() => bench.jobs.triggerEvent("e", round)));
      await bench.settle();
      expect((await bench.jobs.getMetrics()).open).toEqual({ pending: 0, running: 0 });
    }
    expect(work.calls).toHaveLength(150);
  });
});

/** A workflow whose producer polls, and does so badly while `isBroken` says so. */
function polling(isBroken = () => false) {
  const polls: number[] = [];
  const workflow = defineWorkflow({
    name: "shop",
    topics: { found: z.object({}) },
    producers: (producer) => ({
      poll: producer({
        publishes: ["found"],
        schedule: { interval: "365d" },
        state: z.object({ polls: z.number() }),
        async handler(_ctx, state) {
          polls.push(polls.length);
          if (isBroken()) throw new Error("a mistake");
          return { polls: (state?.polls ?? 0) + 1 };
        },
      }),
    }),
  });
  return { workflow, polls };
}

const poll = { handler: { workflow: "shop", producer: "poll" }, maxRetries: 0 } as const;

describe("jobs that run one producer", () => {
  test.each([2, 3, 4])("at the same moment, %i of them, each have a run of their own", async (count) => {
    const { workflow, polls } = polling();
    const bench = await openBench([], { workflows: [workflow] });
    await bench.advance("1s");
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) {
      const { id } = await bench.jobs.scheduleOnce({ ...poll, name: `${n}`, in: "1m" });
      ids.push(id);
    }
    await bench.advance("2m");
    const executions = await Promise.all(ids.map(async (id) => (await bench.history(id))[0]));
    expect(executions.map((execution) => [execution?.status, execution?.error])).toEqual(
      ids.map(() => ["success", null]),
    );
    const runs = executions.map((execution) => execution?.result as { runId: string } | undefined);
    expect([new Set(runs.map((run) => run?.runId)).size, polls.length]).toEqual([count, count + 1]);
  });

  test("again and again at the same ticks each have all their runs", async () => {
    const { workflow, polls } = polling();
    const bench = await openBench([], { workflows: [workflow] });
    await bench.advance("1s");
    const jobs = await Promise.all(
      [0, 1, 2, 3].map((n) => bench.jobs.scheduleRecurring({ ...poll, name: `${n}`, interval: "1m" })),
    );
    await bench.advance("5m");
    for (const { id } of jobs) expect(await bench.statuses(id)).toEqual(Array.from({ length: 6 }, () => "success"));
    expect(polls).toHaveLength(25);
  });

  test.each([1, 2, 4])("that throws fail, %i of them, and no rejection is left unhandled", async (count) => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => void unhandled.push(error);
    process.on("unhandledRejection", note);
    try {
      let broken = false;
      const { workflow, polls } = polling(() => broken);
      const bench = await openBench([], { workflows: [workflow] });
      await bench.advance("1s");
      broken = true;
      const jobs = await Promise.all(
        Array.from({ length: count }, (_, n) => bench.jobs.scheduleOnce({ ...poll, name: `${n}`, in: "1m" })),
      );
      await bench.advance("2m");
      for (const { id } of jobs) expect(await bench.statuses(id)).toEqual(["failed"]);
      expect(polls).toHaveLength(2);
      await turns(20);
      expect(unhandled).toEqual([]);
    } finally {
      process.off("unhandledRejection", note);
    }
  });
});

describe("the watchdog, after a clock that has jumped with many jobs due", () => {
  const notified = async ({ database }: Bench) =>
    (await database.read((executor) => sql<{ message: string }>`select message from notifications`.execute(executor)))
      .rows;

  test("raises no alarm, but still does for a job that is really dead", async () => {
    const policy = { jobs: { ticksPerTransaction: 1 } };
    const bench = await openBench([recorded("work")], { policy });
    const cron = { type: "cron", handler: "work", cron: "*/30 * * * *" } as const;
    const jobs = await Promise.all(
      Array.from({ length: 120 }, (_, n) => bench.jobs.schedule({ ...cron, name: `${n}` })),
    );
    await bench.settle();
    bench.clock.jumpTo(bench.clock.now() + 3 * 3_600_000);
    while (bench.clock.fireNext(bench.clock.now())) await turns(3);
    await bench.settle();
    await bench.advance("20m");
    expect(await notified(bench)).toEqual([]);
    expect((await bench.statuses(jobs[0]!.id)).length).toBeGreaterThan(0);
    await bench.database.transaction(({ executor }) =>
      sql`update scheduled_jobs set next_run = null where id = ${jobs[7]!.id}`.execute(executor),
    );
    await bench.advance("1h");
    expect(await notified(bench)).toEqual([{ message: expect.stringMatching(/"7" is enabled but has no next tick/) }]);
  });
});
