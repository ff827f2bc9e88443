import { FakeClock } from "@millrace/agent/testing";
import { afterEach, describe, expect, test } from "vitest";
import { closeBenches, crashAt, held, openBench, passTime, recorded, type Bench } from "../support/job-bench.ts";

afterEach(closeBenches);

const once = { name: "once", handler: "work" } as const;

/** The next engine on what an engine leaves that dies now. */
const afterDeathOf = (bench: Bench, handlers: Parameters<typeof openBench>[0], laterMs = 0) =>
  openBench(handlers, { image: bench.drop(), clock: new FakeClock(bench.clock.now() + laterMs) });

describe("an execution whose process died", () => {
  test("is attempted again at once, without waiting for its lease, and the loss is counted", async () => {
    const bench = await openBench([held("work")]);
    const { id } = await bench.jobs.scheduleOnce(once);
    await bench.settle();
    const work = recorded("work");
    const next = await afterDeathOf(bench, [work]);
    await next.settle();
    expect((await next.history(id))[0]).toMatchObject({ status: "success", attempt: 2, retryCount: 1, leaseToken: 2 });
    expect(work.calls[0]?.context.attempt).toBe(2);
    expect((await next.jobs.getJob(id)).status).toBe("completed");
  });

  test("at most once, has failed", async () => {
    const bench = await openBench([held("work")]);
    const { id } = await bench.jobs.scheduleOnce({ ...once, delivery: "at_most_once" });
    await bench.settle();
    const work = recorded("work");
    const next = await afterDeathOf(bench, [work]);
    await next.settle();
    expect((await next.history(id))[0]).toMatchObject({ status: "failed", errorType: "WorkerLost", attempt: 1 });
    expect(work.calls).toHaveLength(0);
    expect((await next.jobs.listDeadLetters()).items).toHaveLength(1);
  });

  test("again and again, ends failed after its retries: a job that kills its process does not do so for ever", async () => {
    let bench = await openBench([held("work")]);
    const { id } = await bench.jobs.scheduleOnce({ ...once, maxRetries: 2 });
    let deaths = 0;
    for (; deaths < 10; deaths += 1) {
      await bench.settle();
      if ((await bench.statuses(id))[0] === "pending") await bench.advance("2m");
      if ((await bench.statuses(id))[0] !== "running") break;
      bench = await afterDeathOf(bench, [held("work")]);
    }
    expect(deaths).toBe(3);
    expect((await bench.history(id))[0]).toMatchObject({ status: "failed", errorType: "WorkerLost", attempt: 3 });
  });

  test("and that somebody had cancelled is cancelled, and not attempted again", async () => {
    const bench = await openBench([held("work")]);
    const { id } = await bench.jobs.scheduleOnce(once);
    await bench.settle();
    await bench.jobs.cancelExecution((await bench.history(id))[0]!.id, { reason: "enough" });
    const work = recorded("work");
    const next = await afterDeathOf(bench, [work]);
    await next.settle();
    expect((await next.history(id))[0]).toMatchObject({ status: "cancelled", reason: "enough" });
    expect(work.calls).toHaveLength(0);
  });

  test("and whose job was paused meanwhile waits until it is resumed", async () => {
    const bench = await openBench([held("work")]);
    const { id } = await bench.jobs.scheduleOnce(once);
    await bench.settle();
    await bench.jobs.pauseJob(id);
    const work = recorded("work");
    const next = await afterDeathOf(bench, [work]);
    await next.advance("1h");
    expect(work.calls).toHaveLength(0);
    await next.jobs.resumeJob(id);
    await next.settle();
    expect(await next.statuses(id)).toEqual(["success"]);
  });

  test("lets a fixed delay go on after it", async () => {
    const bench = await openBench([held("work")]);
    const { id } = await bench.jobs.scheduleRecurring({
      ...once,
      interval: "1m",
      mode: "fixed_delay",
      delivery: "at_most_once",
    });
    await bench.settle();
    const next = await afterDeathOf(bench, [recorded("work")]);
    await next.advance("1m");
    expect(await next.statuses(id)).toEqual(["failed", "success"]);
  });
});

/** Everything at once: a recurring job, a one-time job, an event job, and one that fails once. */
function scenario() {
  const effects: string[] = [];
  const failed = new Set<string>();
  const note = (name: string, failOnce: boolean) =>
    recorded(name, (_payload, { idempotencyKey, scheduledAt }) => {
      if (failOnce && !failed.has(idempotencyKey)) {
        failed.add(idempotencyKey);
        throw new Error("the first time");
      }
      effects.push(`${name} ${scheduledAt}`);
    });
  const handlers = ["tick", "careful", "once", "event", "flaky"].map((name) => note(name, name === "flaky"));
  const drive = async ({ jobs }: Bench) => {
    const every = { interval: "1m", startsAt: Date.parse("2026-01-01T00:01:00Z"), maxRuns: 3 } as const;
    await jobs.scheduleRecurring({ key: "tick", name: "tick", handler: "tick", ...every });
    await jobs.scheduleRecurring({ key: "careful", name: "c", handler: "careful", delivery: "at_most_once", ...every });
    await jobs.scheduleOnce({ key: "once", name: "once", handler: "once", at: Date.parse("2026-01-01T00:01:30Z") });
    await jobs.scheduleOnce({ key: "flaky", name: "f", handler: "flaky", at: Date.parse("2026-01-01T00:02:00Z") });
    await jobs.schedule({ type: "event", key: "event", name: "event", event: "paid", handler: "event" });
    await jobs.triggerEvent("paid", { n: 1 }, { eventId: "payment-1" });
  };
  return { effects, handlers, drive };
}

const END = Date.parse("2026-01-01T00:10:00Z");

/** Lives with a crash at one commit; gives what happened, or null where life ended before it. */
async function liveWithCrash(at: number, moment: "before" | "after") {
  const { effects, handlers, drive } = scenario();
  const crash = crashAt(at, moment);
  const first = await openBench(handlers, { hooks: crash.hooks, start: false });
  let driven = false;
  const life = (async () => {
    await first.engine.start();
    await drive(first);
    driven = true;
    await passTime(first, END, () => crash.isDead);
  })();
  if ((await Promise.race([life, crash.crashed])) !== "crashed") {
    await first.close();
    return null;
  }
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const next = await openBench(handlers, { image: first.drop(), clock: new FakeClock(first.clock.now()) });
  // A program schedules its jobs at every start; what is there already changes nothing.
  if (!driven) await drive(next);
  await passTime(next, END);
  const executions = [];
  for (const job of (await next.jobs.listJobs()).items) {
    for (const execution of await next.history(job.id)) executions.push({ key: job.key!, job, ...execution });
  }
  await next.close();
  await first.bury();
  return { effects, executions };
}

describe.each(["before", "after"] as const)("a crash right %s any commit", (moment) => {
  test("loses and doubles no tick, does nothing at-most-once twice, and everything ends", async () => {
    let crashes = 0;
    for (let at = 1; ; at += 1) {
      const found = await liveWithCrash(at, moment);
      if (found === null) break;
      crashes += 1;
      const { effects, executions } = found;
      const ticks = executions.map(({ key, scheduledAt }) =>
        key === "event" ? key : `${key} ${scheduledAt / 60_000}`,
      );
      expect([at, new Set(ticks).size]).toEqual([at, ticks.length]);
      const nominal = (key: string) =>
        executions
          .filter((execution) => execution.key === key)
          .map(({ scheduledAt }) => new Date(scheduledAt).toISOString().slice(14, 19))
          .toSorted();
      expect([at, nominal("tick"), nominal("careful")]).toEqual([
        at,
        ["01:00", "02:00", "03:00"],
        ["01:00", "02:00", "03:00"],
      ]);
      expect([nominal("once"), nominal("flaky"), nominal("event").length]).toEqual([["01:30"], ["02:00"], 1]);
      for (const { key, status, completedAt, job } of executions) {
        expect([at, key, completedAt !== null]).toEqual([at, key, true]);
        expect(["success", "failed"]).toContain(status);
        if (key !== "careful") expect([at, key, status]).toEqual([at, key, "success"]);
        expect([at, key, job.status]).toEqual([at, key, key === "event" ? "active" : "completed"]);
      }
      const careful = effects.filter((effect) => effect.startsWith("careful"));
      expect([at, new Set(careful).size]).toEqual([at, careful.length]);
      for (const { key, scheduledAt, status } of executions) {
        if (status === "success") expect(effects).toContain(`${key} ${scheduledAt}`);
      }
    }
    expect(crashes).toBeGreaterThan(15);
  });
});
