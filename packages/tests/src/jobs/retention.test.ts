import { NonRetryableError } from "@millrace/agent";
import { afterEach, describe, expect, test } from "vitest";
import { closeBenches, openBench, recorded, type BenchOptions } from "../support/job-bench.ts";

afterEach(closeBenches);

const working = (options: BenchOptions = {}) =>
  openBench(
    [
      recorded("work"),
      recorded("fail", () => {
        throw new NonRetryableError("no");
      }),
    ],
    options,
  );

describe("retention", () => {
  test("keeps executions for seven days, failed ones for thirty", async () => {
    const bench = await working();
    const daily = { interval: "1d", keepLast: 0, autoPauseAfter: null } as const;
    const good = await bench.jobs.scheduleRecurring({ name: "good", handler: "work", ...daily });
    const bad = await bench.jobs.scheduleRecurring({ name: "bad", handler: "fail", ...daily });
    await bench.advance("40d1h");
    // The one of exactly so many days ago is an hour too old by now.
    expect(await bench.history(good.id)).toHaveLength(7);
    expect(await bench.history(bad.id)).toHaveLength(30);
    const decided = (await bench.decisions(good.id)).length;
    expect([decided >= 30, decided <= 31]).toEqual([true, true]);
  });

  test("keeps the last ones of a job that goes on, however old", async () => {
    const bench = await working();
    const monthly = { name: "m", handler: "work", interval: "30d", keepLast: 2 } as const;
    const { id } = await bench.jobs.scheduleRecurring(monthly);
    const usual = await bench.jobs.scheduleRecurring({ ...monthly, name: "u", keepLast: undefined });
    await bench.advance("125d");
    expect(await bench.history(id)).toHaveLength(2);
    expect((await bench.jobs.getJob(id)).executionCount).toBe(5);
    expect(await bench.history(usual.id)).toHaveLength(5);
  });

  test("deletes jobs that are over after the same times, with their history", async () => {
    const bench = await working();
    const done = await bench.jobs.scheduleOnce({ name: "done", handler: "work" });
    const failed = await bench.jobs.scheduleOnce({ name: "failed", handler: "fail" });
    const cancelled = await bench.jobs.scheduleOnce({ name: "cancelled", handler: "work", in: "90d" });
    const waiting = await bench.jobs.scheduleOnce({ name: "waiting", handler: "work", in: "90d" });
    await bench.settle();
    await bench.jobs.cancelJob(cancelled.id);
    const names = async () => (await bench.jobs.listJobs()).items.map(({ name }) => name).toSorted();
    await bench.advance("7d");
    expect(await names()).toEqual(["cancelled", "done", "failed", "waiting"]);
    const [execution] = await bench.history(done.id);
    await bench.advance("1h");
    expect(await names()).toEqual(["failed", "waiting"]);
    expect(await bench.stores.jobExecutions.find(execution!.id)).toBeNull();
    expect(await bench.stores.jobHistory.listLogs(execution!.id)).toEqual([]);
    await bench.advance("23d1h");
    expect(await names()).toEqual(["waiting"]);
    expect([failed.name, waiting.name]).toEqual(["failed", "waiting"]);
  });

  test("deletes in batches, and all of them in one go", async () => {
    const bench = await working({ policy: { jobs: { retention: { batch: 3 } } } });
    const { id } = await bench.jobs.schedule({ type: "event", name: "e", event: "e", handler: "work", keepLast: 4 });
    for (let n = 0; n < 20; n += 1) await bench.jobs.triggerEvent("e", n);
    for (let n = 0; n < 8; n += 1) await bench.jobs.scheduleOnce({ name: `${n}`, handler: "work" });
    await bench.settle();
    expect(await bench.history(id)).toHaveLength(20);
    // They are all of one moment, so none of them is older than the last ones.
    bench.clock.jumpTo(bench.clock.now() + 60_000);
    for (let n = 0; n < 4; n += 1) await bench.jobs.triggerEvent("e", n);
    await bench.settle();
    await bench.advance("7d2h");
    expect(await bench.history(id)).toHaveLength(4);
    expect((await bench.jobs.listJobs()).items.map(({ name }) => name)).toEqual(["e"]);
  });

  test("leaves alone what is not over", async () => {
    const bench = await working();
    const { id } = await bench.jobs.schedule({ type: "event", name: "e", event: "e", handler: "work", keepLast: 0 });
    await bench.jobs.pauseJob(id);
    await bench.jobs.triggerEvent("e", 1);
    await bench.advance("60d");
    expect(await bench.statuses(id)).toEqual(["pending"]);
  });
});
