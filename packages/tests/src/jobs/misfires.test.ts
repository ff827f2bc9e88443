import { FakeClock } from "@millrace/agent/testing";
import { afterEach, describe, expect, test } from "vitest";
import { closeBenches, openBench, recorded, times, type Bench, type Recorded } from "../support/job-bench.ts";

afterEach(closeBenches);

const hourly = { name: "report", handler: "report", interval: "1h" } as const;

/** Runs an hourly job once at midnight, then is down until a time; gives the next life. */
async function sleepThrough(
  until: string,
  input: Partial<Parameters<Bench["jobs"]["scheduleRecurring"]>[0]>,
): Promise<{ bench: Bench; report: Recorded; id: string }> {
  const report = recorded("report");
  const bench = await openBench([report]);
  const { id } = await bench.jobs.scheduleRecurring({ ...hourly, ...input });
  await bench.settle();
  const image = await bench.stop();
  const next = await openBench([report], { image, clock: new FakeClock(`2026-01-01T${until}Z`) });
  await next.settle();
  return { bench: next, report, id };
}

describe("after a downtime", () => {
  test("the latest tick runs and carries how many collapsed into it; then the grid goes on", async () => {
    const { bench, report, id } = await sleepThrough("05:30:00", {});
    expect(times(report)).toEqual(["00:00:00", "05:30:00"]);
    expect(report.calls[1]?.context).toMatchObject({
      scheduledAt: Date.parse("2026-01-01T05:00:00Z"),
      missedCount: 4,
      attempt: 1,
    });
    expect(await bench.decisions(id)).toEqual(["fired", "coalesced 4", "fired"]);
    expect((await bench.history(id)).map(({ missedCount }) => missedCount)).toEqual([0, 4]);
    await bench.advance("30m");
    expect(times(report)).toEqual(["00:00:00", "05:30:00", "06:00:00"]);
  });

  test("a tick that is on time stands for those that are late", async () => {
    const { bench, report, id } = await sleepThrough("05:00:30", {});
    expect(report.calls.map(({ context }) => context.missedCount)).toEqual([0, 4]);
    expect(await bench.decisions(id)).toEqual(["fired", "coalesced 4", "fired"]);
  });

  test("within the grace nothing is late", async () => {
    const { bench, report, id } = await sleepThrough("02:30:00", { misfire: { grace: "2h" }, overlap: "allow" });
    expect(report.calls.map(({ context }) => context.missedCount)).toEqual([0, 0, 0]);
    expect(await bench.decisions(id)).toEqual(["fired", "fired", "fired"]);
  });

  test("all late ticks run by the policy all, each with its own record, as far as limit and window reach", async () => {
    const misfire = { policy: "all", limit: 3, window: "1d" } as const;
    const { bench, report, id } = await sleepThrough("05:30:00", { misfire, overlap: "buffer_all" });
    expect(report.calls.map(({ context }) => new Date(context.scheduledAt).getUTCHours())).toEqual([0, 3, 4, 5]);
    expect((await bench.decisions(id)).toSorted()).toEqual(["fired", "fired", "fired", "fired", "missed 2"]);
    const narrow = await sleepThrough("05:30:00", { misfire: { ...misfire, window: "1h" }, overlap: "buffer_all" });
    expect(narrow.report.calls).toHaveLength(2);
    expect((await narrow.bench.decisions(narrow.id)).toSorted()).toEqual(["fired", "fired", "missed 4"]);
  });

  test("the policy skip misses them all, and the grid goes on", async () => {
    const { bench, report, id } = await sleepThrough("05:30:00", { misfire: { policy: "skip" } });
    expect(times(report)).toEqual(["00:00:00"]);
    expect(await bench.decisions(id)).toEqual(["fired", "missed 5"]);
    await bench.advance("30m");
    expect(times(report)).toEqual(["00:00:00", "06:00:00"]);
  });

  test("a one-time job runs late, unless its policy is to skip: then it is over without a run", async () => {
    const report = recorded("report");
    const bench = await openBench([report]);
    const late = await bench.jobs.scheduleOnce({ name: "late", handler: "report", in: "1h" });
    const skipped = await bench.jobs.scheduleOnce({
      name: "skipped",
      handler: "report",
      in: "1h",
      misfire: { policy: "skip" },
    });
    const next = await openBench([report], {
      image: await bench.stop(),
      clock: new FakeClock("2026-01-03T00:00:00Z"),
    });
    await next.settle();
    expect(report.calls.map(({ context }) => context.jobName)).toEqual(["late"]);
    expect((await next.jobs.getJob(late.id)).status).toBe("completed");
    expect((await next.jobs.getJob(skipped.id)).status).toBe("completed");
    expect(await next.decisions(skipped.id)).toEqual(["missed"]);
  });

  test("a bounded job makes up for no more ticks than it has runs left", async () => {
    const { bench, report, id } = await sleepThrough("09:30:00", {
      misfire: { policy: "all" },
      overlap: "buffer_all",
      maxRuns: 3,
    });
    expect(report.calls).toHaveLength(3);
    expect(await bench.jobs.getJob(id)).toMatchObject({ status: "completed", runCount: 3, nextRun: null });
  });

  test("a job whose end has passed is completed with what lay before the end", async () => {
    const { bench, report, id } = await sleepThrough("09:30:00", { endsAt: Date.parse("2026-01-01T03:00:00Z") });
    expect(report.calls.map(({ context }) => context.missedCount)).toEqual([0, 2]);
    expect((await bench.jobs.getJob(id)).status).toBe("completed");
  });
});

test("a clock that is set back doubles no tick", async () => {
  const report = recorded("report");
  const bench = await openBench([report]);
  const { id } = await bench.jobs.scheduleRecurring(hourly);
  await bench.advance("3h");
  bench.clock.jumpTo(Date.parse("2026-01-01T01:30:00Z"));
  await bench.advance("3h");
  expect((await bench.history(id)).map(({ scheduledAt }) => new Date(scheduledAt).getUTCHours())).toEqual([
    0, 1, 2, 3, 4,
  ]);
  expect(report.calls).toHaveLength(5);
});

describe("a pause", () => {
  const pauseFor3h = async (input: object, resume: object) => {
    const report = recorded("report");
    const bench = await openBench([report]);
    const { id } = await bench.jobs.scheduleRecurring({ ...hourly, ...input });
    await bench.settle();
    await bench.jobs.pauseJob(id, { note: "holidays" });
    expect(await bench.jobs.getJob(id)).toMatchObject({ status: "paused", nextRun: null, pauseNote: "holidays" });
    await bench.advance("3h30m");
    expect(report.calls).toHaveLength(1);
    await bench.jobs.resumeJob(id, resume);
    await bench.settle();
    return { bench, report, id };
  };

  test("makes no burst: the next tick is computed from now", async () => {
    const { bench, report, id } = await pauseFor3h({}, {});
    expect(await bench.jobs.getJob(id)).toMatchObject({
      status: "active",
      nextRun: Date.parse("2026-01-01T04:00:00Z"),
      pauseNote: null,
    });
    await bench.advance("30m");
    expect(times(report)).toEqual(["00:00:00", "04:00:00"]);
    expect(await bench.decisions(id)).toEqual(["fired", "fired"]);
  });

  test.each([
    [{}, { catchUp: true }],
    [{ catchUp: true }, {}],
  ])("with catchUp has late ticks under the misfire policy (job %j, call %j)", async (input, resume) => {
    const { bench, report, id } = await pauseFor3h(input, resume);
    expect(report.calls.map(({ context }) => context.missedCount)).toEqual([0, 2]);
    expect(await bench.decisions(id)).toEqual(["fired", "coalesced 2", "fired"]);
  });

  test("with catchUp and the policy all runs each of them", async () => {
    const { report } = await pauseFor3h({ misfire: { policy: "all" }, overlap: "buffer_all" }, { catchUp: true });
    expect(report.calls).toHaveLength(4);
  });

  test("holds what has not begun, and what waits for another attempt", async () => {
    const report = recorded("report", (_payload, _context, call) => {
      if (call === 1) throw new Error("no");
    });
    const bench = await openBench([report]);
    const { id } = await bench.jobs.scheduleOnce({ name: "once", handler: "report" });
    await bench.settle();
    await bench.jobs.pauseJob(id);
    await bench.advance("1h");
    expect([report.calls.length, await bench.statuses(id)]).toEqual([1, ["pending"]]);
    await bench.jobs.resumeJob(id);
    await bench.settle();
    expect([report.calls.length, await bench.statuses(id)]).toEqual([2, ["success"]]);
    expect((await bench.jobs.getJob(id)).status).toBe("completed");
  });
});

describe("a backfill", () => {
  test("makes executions for the ticks that have no record, once, and with dryRun only counts", async () => {
    const report = recorded("report");
    const bench = await openBench([report]);
    const { id } = await bench.jobs.scheduleRecurring({ ...hourly, startsAt: Date.parse("2026-01-01T05:00:00Z") });
    await bench.advance("7h");
    expect(times(report)).toEqual(["05:00:00", "06:00:00", "07:00:00"]);
    await bench.jobs.pauseJob(id);
    await bench.advance("2h30m");
    await bench.jobs.resumeJob(id);
    const range = { from: "2026-01-01T06:00:00Z", until: "2026-01-01T09:00:00Z" };
    expect(await bench.jobs.backfill(id, range, { dryRun: true })).toEqual({ ticks: 4, executions: 2 });
    await bench.settle();
    expect(report.calls).toHaveLength(3);
    expect(await bench.jobs.backfill(id, range, { by: "ada" })).toEqual({ ticks: 4, executions: 2 });
    expect(await bench.jobs.backfill(id, range)).toEqual({ ticks: 4, executions: 0 });
    await bench.settle();
    expect(report.calls.slice(3).map(({ context }) => new Date(context.scheduledAt).getUTCHours())).toEqual([8, 9]);
    const made = (await bench.history(id)).filter(({ origin }) => origin === "backfill");
    expect(made.map(({ createdBy, status }) => [createdBy, status])).toEqual([
      ["ada", "success"],
      ["ada", "success"],
    ]);
  });

  test("is never skipped for an overlap", async () => {
    const report = recorded("report");
    const bench = await openBench([report]);
    const { id } = await bench.jobs.schedule({ type: "cron", name: "c", handler: "report", cron: "0 * * * *" });
    await bench.advance("10m");
    await bench.jobs.backfill(id, { from: "2025-12-31T20:00:00Z", until: "2025-12-31T23:30:00Z" });
    await bench.settle();
    expect(await bench.statuses(id)).toEqual(["success", "success", "success", "success", "success"]);
    expect(report.calls).toHaveLength(5);
  });

  test("refuses a range in the future, a job without ticks, and more ticks than the policy allows", async () => {
    const bench = await openBench([recorded("report")], { policy: { jobs: { maxBackfill: 3 } } });
    const { id } = await bench.jobs.scheduleRecurring(hourly);
    await bench.advance("10h");
    const future = { from: "2026-01-01T09:00:00Z", until: "2026-01-02T00:00:00Z" };
    await expect(bench.jobs.backfill(id, future)).rejects.toThrow("not in the future");
    const wide = { from: "2026-01-01T00:00:00Z", until: "2026-01-01T09:00:00Z" };
    await expect(bench.jobs.backfill(id, wide)).rejects.toThrow("more than 3 ticks");
    const event = await bench.jobs.schedule({ type: "event", name: "e", event: "e", handler: "report" });
    await expect(bench.jobs.backfill(event.id, wide)).rejects.toThrow("no ticks");
  });
});
