/** What fails beside the handlers: duties, values that cannot be kept, code that comes and goes. */
import { defineWorkflow, UnknownHandlerError } from "@millrace/agent";
import { sql } from "kysely";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { closeBenches, held, openBench, recorded } from "../support/job-bench.ts";

afterEach(closeBenches);

test("retention that fails is done again later", async () => {
  const bench = await openBench([recorded("work")]);
  const { id } = await bench.jobs.scheduleRecurring({ name: "hourly", handler: "work", interval: "1h" });
  await bench.settle();
  const rename = (from: string, to: string) =>
    bench.database.transaction(({ executor }) =>
      sql`alter table ${sql.table(from)} rename to ${sql.table(to)}`.execute(executor),
    );
  const decisions = async () => (await bench.jobs.listDecisions(id, { limit: 1_000 })).length;
  await bench.advance("2h");
  await rename("schedule_decisions", "elsewhere");
  await bench.jobs.pauseJob(id);
  await bench.advance("40d");
  await rename("elsewhere", "schedule_decisions");
  expect(await decisions()).toBeGreaterThan(0);
  await bench.advance("2d");
  expect(await decisions()).toBe(0);
});

test("what ends after retention was last looked at goes as soon as it may", async () => {
  const work = held("work");
  const bench = await openBench([work]);
  const { id } = await bench.jobs.scheduleRecurring({ name: "hourly", handler: "work", interval: "1h" });
  await bench.settle();
  // Retention knows of the decision alone, which is kept for longer than the job is once that is over.
  await bench.jobs.pauseJob(id);
  await bench.settle();
  work.calls[0]?.succeed();
  await bench.jobs.cancelJob(id);
  await bench.advance("8d");
  expect((await bench.jobs.listJobs()).items).toEqual([]);
});

test("a result whose conversion throws something odd is not kept, and the work is done all the same", async () => {
  const work = recorded("work", () => ({
    toJSON() {
      throw "odd";
    },
  }));
  const bench = await openBench([work]);
  const { id } = await bench.jobs.scheduleOnce({ name: "o", handler: "work" });
  await bench.settle();
  expect((await bench.history(id))[0]).toMatchObject({ status: "success", result: { notStored: expect.anything() } });
});

test("an error without a stack is recorded like any other", async () => {
  const work = recorded("work", () => {
    const error = new Error("no trace");
    delete error.stack;
    throw error;
  });
  const bench = await openBench([work]);
  const { id } = await bench.jobs.scheduleOnce({ name: "o", handler: "work", maxRetries: 0 });
  await bench.settle();
  expect((await bench.history(id))[0]).toMatchObject({ status: "failed", error: "no trace", errorStack: null });
});

test("a handler that comes settles what waited for it, and nothing else", async () => {
  const first = await openBench([recorded("a"), recorded("b"), held("busy", { maxConcurrent: 1 })]);
  const [a, b] = [
    await first.jobs.scheduleOnce({ name: "a", handler: "a", in: "1m" }),
    await first.jobs.scheduleOnce({ name: "b", handler: "b", in: "1m" }),
  ];
  const busy = held("busy", { maxConcurrent: 1 });
  const next = await openBench([busy], { image: await first.stop(), clock: first.clock, start: false });
  await next.engine.start();
  for (const name of ["x", "y"]) await next.jobs.scheduleOnce({ name, handler: "busy" });
  await next.advance("1m");
  const waits = async (id: string) => (await next.history(id))[0]?.waitsFor;
  expect([await waits(a.id), await waits(b.id)]).toEqual(["handler function a", "handler function b"]);
  await next.engine.registerJobHandler(recorded("a"));
  await next.settle();
  expect([await next.statuses(a.id), await next.statuses(b.id)]).toEqual([["success"], ["pending"]]);
  expect([(await next.notices(a.id)).length, (await next.notices(b.id)).length]).toEqual([0, 1]);
  busy.calls[0]?.succeed();
  await next.settle();
  busy.calls[1]?.succeed();
  await next.settle();
});

test("a notice about a job that cannot be read stays when handlers come", async () => {
  const first = await openBench([recorded("a")]);
  const { id } = await first.jobs.scheduleOnce({ name: "a", handler: "a", in: "1m" });
  const next = await openBench([], { image: await first.stop(), clock: first.clock });
  await next.advance("1m");
  await next.database.transaction(({ executor }) =>
    sql`update scheduled_jobs set payload = '{ not json' where id = ${id}`.execute(executor),
  );
  const after = await openBench([recorded("a")], { image: await next.stop(), clock: first.clock });
  await after.settle();
  expect(await after.notices(id)).toContainEqual(expect.stringContaining("missing_handler"));
});

test("a job that waits for a producer's run ends in time, whatever other workflows do", async () => {
  const hanging: string[] = [];
  const polling = (name: string, hangs: boolean) =>
    defineWorkflow({
      name,
      topics: { item: z.object({}) },
      producers: (producer) => ({
        poll: producer({
          publishes: ["item"],
          schedule: { interval: "30s" },
          async handler() {
            if (hangs && hanging.length > 0) await new Promise(() => undefined);
          },
        }),
      }),
    });
  const bench = await openBench([], {
    workflows: [polling("slow", true), polling("busy", false)],
    policy: { stop: { graceMs: 1_000 } },
  });
  await bench.advance("1s");
  hanging.push("now");
  const handler = { workflow: "slow", producer: "poll" };
  const { id } = await bench.jobs.scheduleOnce({ name: "p", handler, timeout: "5m", maxRetries: 0 });
  await bench.advance("6m");
  expect(await bench.statuses(id)).toEqual(["timeout"]);
});

test("a job that was paused during its last run is completed when it is resumed", async () => {
  const work = held("work");
  const bench = await openBench([work]);
  const job = { name: "once more", handler: "work", interval: "1h", maxRuns: 1 };
  const { id } = await bench.jobs.scheduleRecurring(job);
  await bench.settle();
  await bench.jobs.pauseJob(id);
  work.calls[0]?.succeed();
  await bench.settle();
  expect((await bench.jobs.getJob(id)).status).toBe("paused");
  expect((await bench.jobs.resumeJob(id)).status).toBe("completed");
});

test("a handler may be registered before its engine starts", async () => {
  const bench = await openBench([], { start: false });
  const work = recorded("work");
  await bench.engine.registerJobHandler(work);
  await bench.engine.start();
  await bench.jobs.scheduleOnce({ name: "o", handler: "work" });
  await bench.settle();
  expect(work.calls).toHaveLength(1);
});

test("more attempts than fit into one transaction are taken up after a crash", async () => {
  const work = held("work");
  const policy = { jobs: { ticksPerTransaction: 1 } };
  const bench = await openBench([work], { policy });
  const ids: string[] = [];
  for (const name of ["a", "b", "c"]) ids.push((await bench.jobs.scheduleOnce({ name, handler: "work" })).id);
  await bench.settle();
  expect(work.calls).toHaveLength(3);
  const again = recorded("work");
  const next = await openBench([again], { policy, image: bench.drop(), clock: bench.clock });
  await next.advance("10m");
  for (const id of ids) expect(await next.statuses(id)).toEqual(["success"]);
});

test("the workflows of the engine do not exist for the jobs of another tenant", async () => {
  const bench = await openBench([]);
  const theirs = await bench.engine.jobsOf("theirs");
  const scheduling = theirs.scheduleOnce({ name: "p", handler: { workflow: "shop", producer: "poll" } });
  await expect(scheduling).rejects.toThrow(UnknownHandlerError);
});
