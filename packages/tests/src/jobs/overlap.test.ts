import { JobCancelledError } from "@millrace/agent";
import { afterEach, describe, expect, test } from "vitest";
import { closeBenches, held, openBench, recorded, times } from "../support/job-bench.ts";

afterEach(closeBenches);

const minutely = { name: "work", handler: "work", interval: "1m" } as const;

/** Three ticks come while the first execution is under way. */
async function threeTicks(input: object, options: { heeds?: boolean } = {}) {
  const work = held("work", options);
  const bench = await openBench([work]);
  const { id } = await bench.jobs.scheduleRecurring({ ...minutely, ...input });
  await bench.advance("2m");
  return { bench, work, id };
}

describe("a tick that comes while an execution is not over", () => {
  test("is skipped by default: recorded with its reason, and decided as skipped", async () => {
    const { bench, work, id } = await threeTicks({});
    expect(await bench.statuses(id)).toEqual(["running", "skipped", "skipped"]);
    const skipped = (await bench.history(id))[1];
    expect(skipped).toMatchObject({ attempt: 0, completedAt: skipped?.scheduledAt });
    expect(skipped?.reason).toContain("overlap policy skip");
    expect(await bench.decisions(id)).toEqual(["fired", "skipped", "skipped"]);
    work.calls[0]?.succeed();
    await bench.advance("1m");
    expect(work.calls).toHaveLength(2);
  });

  test("that is skipped uses up no run of a bounded job", async () => {
    const { bench, work, id } = await threeTicks({ maxRuns: 2 });
    expect((await bench.jobs.getJob(id)).runCount).toBe(1);
    work.calls[0]?.succeed();
    await bench.advance("1m");
    work.calls[1]?.succeed();
    await bench.settle();
    expect(await bench.statuses(id)).toEqual(["success", "skipped", "skipped", "success"]);
    expect(await bench.jobs.getJob(id)).toMatchObject({ status: "completed", runCount: 2 });
  });

  test("is skipped as well while the execution waits for another attempt", async () => {
    const work = recorded("work", () => {
      throw new Error("no");
    });
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleRecurring({ ...minutely, retryDelay: "10m" });
    await bench.advance("1m");
    expect(await bench.statuses(id)).toEqual(["pending", "skipped"]);
  });

  test("waits by buffer_one, and the one after it is skipped", async () => {
    const { bench, work, id } = await threeTicks({ overlap: "buffer_one" });
    expect(await bench.statuses(id)).toEqual(["running", "pending", "skipped"]);
    expect((await bench.history(id))[2]?.reason).toContain("buffer_one");
    work.calls[0]?.succeed();
    await bench.settle();
    expect(await bench.statuses(id)).toEqual(["success", "running", "skipped"]);
    expect(work.calls[1]?.context.scheduledAt).toBe(Date.parse("2026-01-01T00:01:00Z"));
  });

  test("waits by buffer_all, one after the other in order", async () => {
    const { bench, work, id } = await threeTicks({ overlap: "buffer_all" });
    expect(await bench.statuses(id)).toEqual(["running", "pending", "pending"]);
    for (const call of [0, 1]) {
      work.calls[call]?.succeed();
      await bench.settle();
      expect(work.calls).toHaveLength(call + 2);
    }
    expect(work.calls.map(({ context }) => context.scheduledAt)).toEqual(
      (await bench.history(id)).map(({ scheduledAt }) => scheduledAt),
    );
  });

  test("runs at once by allow, up to the job's own limit", async () => {
    const { bench, work, id } = await threeTicks({ overlap: "allow", maxConcurrency: 2 });
    expect(times(work)).toEqual(["00:00:00", "00:01:00"]);
    expect(await bench.statuses(id)).toEqual(["running", "running", "pending"]);
    work.calls[1]?.succeed();
    await bench.settle();
    expect(await bench.statuses(id)).toEqual(["running", "success", "running"]);
  });

  test("aborts what runs by cancel_other, cancels what waits, and runs once that has settled", async () => {
    const { bench, work, id } = await threeTicks({ overlap: "cancel_other" });
    // The first does not heed its signal; the grace has passed since, so the second began.
    expect(work.calls[0]?.context.signal.reason).toBeInstanceOf(JobCancelledError);
    expect(times(work)).toEqual(["00:00:00", "00:01:05"]);
    // The second was told when the third tick came, and is still waited for.
    expect(await bench.statuses(id)).toEqual(["cancelled", "running", "pending"]);
    expect(work.calls).toHaveLength(2);
    work.calls[1]?.fail(new Error("stopped"));
    await bench.settle();
    expect(await bench.statuses(id)).toEqual(["cancelled", "cancelled", "running"]);
    expect(await bench.decisions(id)).toEqual(["fired", "fired", "fired"]);
  });

  test("takes the place of one that waits for its time, by cancel_other", async () => {
    const work = recorded("work", (_payload, _context, call) => {
      if (call === 1) throw new Error("no");
    });
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleRecurring({ ...minutely, overlap: "cancel_other", retryDelay: "10m" });
    await bench.advance("1m");
    expect(await bench.statuses(id)).toEqual(["cancelled", "success"]);
    expect((await bench.history(id))[0]?.reason).toContain("cancel_other");
  });

  test("of an event job runs beside the others: no event is left out", async () => {
    const work = held("work");
    const bench = await openBench([work]);
    const { id } = await bench.jobs.schedule({ type: "event", name: "e", event: "paid", handler: "work" });
    for (let n = 0; n < 3; n += 1) await bench.jobs.triggerEvent("paid", n);
    await bench.settle();
    expect(await bench.statuses(id)).toEqual(["running", "running", "running"]);
  });
});

test("all policies but allow run one execution of the job at a time, also by hand", async () => {
  for (const overlap of ["skip", "buffer_one", "buffer_all"] as const) {
    const work = held("work");
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleRecurring({ ...minutely, interval: "1h", overlap });
    await bench.settle();
    await bench.jobs.runJobNow(id);
    await bench.settle();
    expect([overlap, await bench.statuses(id)]).toEqual([overlap, ["running", "pending"]]);
    work.calls[0]?.succeed();
    await bench.settle();
    expect(await bench.statuses(id)).toEqual(["success", "running"]);
    await bench.close();
  }
});

describe("a fixed delay", () => {
  test("counts from the end of an execution", async () => {
    const work = held("work");
    const bench = await openBench([work]);
    await bench.jobs.scheduleRecurring({ ...minutely, mode: "fixed_delay" });
    await bench.advance("90s");
    work.calls[0]?.succeed();
    await bench.advance("1m");
    expect(times(work)).toEqual(["00:00:00", "00:02:30"]);
  });

  test("goes on after an execution that failed for good, or was cancelled while it waited or ran", async () => {
    const work = held("work", { heeds: true });
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleRecurring({
      ...minutely,
      mode: "fixed_delay",
      retryDelay: "1h",
      maxRetries: 1,
    });
    await bench.settle();
    work.calls[0]?.fail(new Error("no"));
    await bench.settle();
    const [waiting] = await bench.history(id);
    await bench.jobs.cancelExecution(waiting!.id);
    expect(await bench.jobs.getJob(id)).toMatchObject({ status: "active", nextRun: bench.clock.now() + 60_000 });
    await bench.advance("1m");
    const running = (await bench.history(id))[1];
    await bench.jobs.cancelExecution(running!.id);
    await bench.advance("1m");
    expect(await bench.statuses(id)).toEqual(["cancelled", "cancelled", "running"]);
  });

  test("is completed after its last run", async () => {
    const bench = await openBench([recorded("work")]);
    const { id } = await bench.jobs.scheduleRecurring({ ...minutely, mode: "fixed_delay", maxRuns: 2 });
    await bench.advance("10m");
    expect(await bench.statuses(id)).toEqual(["success", "success"]);
    expect(await bench.jobs.getJob(id)).toMatchObject({ status: "completed", nextRun: null });
  });
});
