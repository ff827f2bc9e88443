import { FakeClock } from "@millrace/agent/testing";
import { afterEach, describe, expect, test } from "vitest";
import { closeBenches, held, openBench, recorded, times } from "../support/job-bench.ts";

afterEach(closeBenches);

const report = { type: "recurring", key: "report", name: "report", handler: "work", interval: "1h" } as const;
const at = (time: string) => Date.parse(`2026-01-01T${time}Z`);

describe("scheduling the same key again", () => {
  test("with the same input changes nothing, also at the next start", async () => {
    const work = recorded("work");
    const bench = await openBench([work]);
    const first = await bench.jobs.schedule(report);
    await bench.advance("90m");
    const again = await bench.jobs.schedule(report);
    expect(again).toMatchObject({ id: first.id, version: 1, nextRun: at("02:00:00"), runCount: 2 });
    const next = await openBench([work], { image: await bench.stop(), clock: bench.clock });
    expect(await next.jobs.schedule(report)).toMatchObject({ id: first.id, version: 1, nextRun: at("02:00:00") });
    expect(await next.jobs.listVersions(first.id)).toHaveLength(1);
  });

  test("with another input is a new version, and the old ones are kept", async () => {
    const bench = await openBench([recorded("work")]);
    const { id } = await bench.jobs.schedule({ ...report, payload: { to: "ada" }, createdBy: "ada" });
    const edited = await bench.jobs.schedule({ ...report, payload: { to: "bob" }, createdBy: "bob" });
    expect(edited).toMatchObject({ id, version: 2, payload: { to: "bob" } });
    const versions = await bench.jobs.listVersions(id);
    expect(versions.map(({ version, createdBy }) => [version, createdBy])).toEqual([
      [2, "bob"],
      [1, "ada"],
    ]);
    expect(versions[1]?.definition).toMatchObject({ payload: { to: "ada" }, intervalMs: 3_600_000 });
  });

  test("without a change of the schedule keeps its ticks", async () => {
    const bench = await openBench([recorded("work")]);
    await bench.jobs.schedule(report);
    await bench.advance("30m");
    expect(await bench.jobs.schedule({ ...report, priority: 5 })).toMatchObject({
      nextRun: at("01:00:00"),
      runCount: 1,
    });
  });

  test("with another schedule counts from now, and ticks of the old one that have not begun are gone", async () => {
    const work = held("work");
    const bench = await openBench([work]);
    const buffered = { ...report, interval: "1m", overlap: "buffer_all" } as const;
    const { id } = await bench.jobs.schedule(buffered);
    await bench.advance("2m");
    expect(await bench.statuses(id)).toEqual(["running", "pending", "pending"]);
    await bench.jobs.schedule({ ...buffered, interval: "10m" });
    await bench.settle();
    // The first tick of the new schedule is now; what runs goes on.
    expect((await bench.history(id)).map(({ status, jobVersion }) => [status, jobVersion])).toEqual([
      ["running", 1],
      ["pending", 2],
    ]);
    work.calls[0]?.succeed();
    await bench.settle();
    expect(times(work)).toEqual(["00:00:00", "00:02:00"]);
    expect((await bench.jobs.getJob(id)).nextRun).toBe(at("00:12:00"));
  });

  test("while it is paused leaves it paused; when it is resumed it has the new schedule", async () => {
    const bench = await openBench([recorded("work")]);
    const { id } = await bench.jobs.schedule(report);
    await bench.settle();
    await bench.jobs.pauseJob(id);
    const edited = await bench.jobs.schedule({ ...report, interval: "10m", startsAt: at("00:05:00") });
    expect(edited).toMatchObject({ status: "paused", nextRun: null });
    await bench.advance("7m");
    expect((await bench.jobs.resumeJob(id)).nextRun).toBe(at("00:15:00"));
  });

  test("with other bounds goes on counting on the same grid, also when it was completed", async () => {
    const work = recorded("work");
    const bench = await openBench([work]);
    const { id } = await bench.jobs.schedule({ ...report, maxRuns: 1 });
    await bench.settle();
    expect((await bench.jobs.getJob(id)).status).toBe("completed");
    // The same again changes nothing: it is done.
    expect((await bench.jobs.schedule({ ...report, maxRuns: 1 })).status).toBe("completed");
    await bench.advance("10m");
    expect(await bench.jobs.schedule({ ...report, maxRuns: 3 })).toMatchObject({ status: "active", runCount: 1 });
    await bench.advance("1d");
    expect(times(work)).toEqual(["00:00:00", "01:00:00", "02:00:00"]);
    expect(await bench.jobs.getJob(id)).toMatchObject({ status: "completed", runCount: 3 });
  });

  test("with fewer runs than it has had completes it", async () => {
    const bench = await openBench([recorded("work")]);
    const { id } = await bench.jobs.schedule({ ...report, maxRuns: 5 });
    await bench.advance("3h");
    await bench.jobs.schedule({ ...report, maxRuns: 2 });
    expect(await bench.jobs.getJob(id)).toMatchObject({ status: "completed", nextRun: null });
  });

  test("with another description leaves alone what is completed, and a grid that goes on", async () => {
    const work = recorded("work");
    const bench = await openBench([work]);
    const done = await bench.jobs.schedule({ ...report, maxRuns: 1 });
    const once = await bench.jobs.scheduleOnce({ key: "o", name: "o", handler: "work", in: "1m" });
    await bench.advance("2m");
    await bench.jobs.schedule({ ...report, maxRuns: 1, description: "said better" });
    await bench.jobs.scheduleOnce({ key: "o", name: "o", handler: "work", in: "1m", description: "said better" });
    await bench.advance("1d");
    expect(work.calls).toHaveLength(2);
    for (const { id } of [done, once])
      expect(await bench.jobs.getJob(id)).toMatchObject({
        status: "completed",
        version: 2,
        description: "said better",
      });
  });

  test("after it was cancelled opens it again, from now", async () => {
    const work = recorded("work");
    const bench = await openBench([work]);
    const { id } = await bench.jobs.schedule(report);
    await bench.settle();
    expect(await bench.jobs.cancelJob(id)).toMatchObject({ status: "cancelled" });
    await bench.advance("1m");
    expect(await bench.jobs.schedule(report)).toMatchObject({ status: "active", finishedAt: null });
    await bench.settle();
    expect(times(work)).toEqual(["00:00:00", "00:01:00"]);
  });
});

describe("one-time work", () => {
  const once = { type: "one_time", key: "once", name: "once", handler: "work" } as const;

  test("that is put off before it began runs once, at the new time", async () => {
    const work = recorded("work");
    const bench = await openBench([work]);
    await bench.jobs.schedule({ ...once, at: at("01:00:00") });
    await bench.advance("30m");
    await bench.jobs.schedule({ ...once, at: at("03:00:00") });
    await bench.advance("5h");
    expect(times(work)).toEqual(["03:00:00"]);
  });

  test("that is put off while it runs runs again at the new time", async () => {
    const work = held("work");
    const bench = await openBench([work]);
    const { id } = await bench.jobs.schedule({ ...once, at: at("00:01:00") });
    await bench.advance("1m");
    await bench.jobs.schedule({ ...once, at: at("00:02:00") });
    work.calls[0]?.succeed();
    await bench.settle();
    expect(await bench.jobs.getJob(id)).toMatchObject({ status: "active", nextRun: at("00:02:00") });
    await bench.advance("1m");
    work.calls[1]?.succeed();
    await bench.settle();
    expect(times(work)).toEqual(["00:01:00", "00:02:00"]);
    expect((await bench.jobs.getJob(id)).status).toBe("completed");
  });

  test("that is put off while it is paused has its new time when it is resumed, though it ran before", async () => {
    const work = recorded("work");
    const bench = await openBench([work]);
    const { id } = await bench.jobs.schedule({ ...once, at: at("01:00:00") });
    await bench.advance("1h");
    await bench.jobs.schedule({ ...once, at: at("04:00:00") });
    await bench.jobs.pauseJob(id);
    await bench.jobs.schedule({ ...once, at: at("05:00:00") });
    expect((await bench.jobs.resumeJob(id)).nextRun).toBe(at("05:00:00"));
    await bench.advance("5h");
    expect(times(work)).toEqual(["01:00:00", "05:00:00"]);
  });
});

test("a part of a job is changed by its id; the rest stays as it was", async () => {
  const bench = await openBench([recorded("work")]);
  const { id } = await bench.jobs.schedule({ ...report, tags: ["a"], misfire: { policy: "all", limit: 7 } });
  const changed = await bench.jobs.reschedule(id, { interval: "2h" });
  expect(changed).toMatchObject({ id, key: "report", tags: ["a"], misfirePolicy: "all", misfireLimit: 7, version: 2 });
  expect(changed.intervalMs).toBe(7_200_000);
  await expect(bench.jobs.reschedule(id, { type: "cron" })).rejects.toThrow("a job keeps its type");
  await expect(bench.jobs.reschedule("no such job", {})).rejects.toThrow('no job "no such job"');
});

test("a tick that is left out is decided about, and the next one comes", async () => {
  const work = recorded("work");
  const bench = await openBench([work]);
  const { id } = await bench.jobs.schedule(report);
  await bench.settle();
  expect((await bench.jobs.skipNextRun(id, { reason: "holiday" })).nextRun).toBe(at("02:00:00"));
  await bench.advance("2h");
  expect(times(work)).toEqual(["00:00:00", "02:00:00"]);
  expect(await bench.decisions(id)).toEqual(["fired", "skipped", "fired"]);
});

test("a job that is deleted is gone with its history, and what runs is told to stop", async () => {
  const work = held("work", { heeds: true });
  const bench = await openBench([work], { clock: new FakeClock() });
  const { id } = await bench.jobs.schedule(report);
  await bench.settle();
  await bench.jobs.unschedule(id);
  await bench.advance("3h");
  expect(work.calls).toHaveLength(1);
  expect(work.calls[0]?.context.signal.aborted).toBe(true);
  await expect(bench.jobs.getJob(id)).rejects.toThrow(id);
});
