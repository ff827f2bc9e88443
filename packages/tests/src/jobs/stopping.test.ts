import { JobInterruptedError } from "@millrace/agent";
import { FakeClock } from "@millrace/agent/testing";
import { afterEach, describe, expect, test } from "vitest";
import { closeBenches, held, openBench, recorded, stopWithTime, type Bench } from "../support/job-bench.ts";

afterEach(closeBenches);

const once = { name: "once", handler: "work" } as const;

async function running(handler: ReturnType<typeof held>, input: object = {}): Promise<{ bench: Bench; id: string }> {
  const bench = await openBench([handler]);
  const { id } = await bench.jobs.scheduleOnce({ ...once, ...input });
  await bench.settle();
  return { bench, id };
}

/** The next engine, at the time of the last one. */
const nextOf = (bench: Bench, handler: ReturnType<typeof held>) =>
  openBench([handler], { image: bench.drop(), clock: new FakeClock(bench.clock.now()) });

describe("an engine that stops", () => {
  test("waits for what runs, and starts nothing more", async () => {
    const work = held("work", { maxConcurrent: 1 });
    const { bench, id } = await running(work);
    const waiting = await bench.jobs.scheduleOnce({ ...once, name: "waiting" });
    const soon = await bench.jobs.scheduleOnce({ ...once, name: "soon", in: "1s" });
    const stopping = bench.engine.stop();
    await bench.advance("2s");
    work.calls[0]?.succeed("done");
    await stopping;
    expect(work.calls).toHaveLength(1);
    expect(work.calls[0]?.context.signal.aborted).toBe(false);
    expect((await bench.history(id))[0]).toMatchObject({ status: "success", result: "done" });
    expect([await bench.statuses(waiting.id), await bench.statuses(soon.id)]).toEqual([["pending"], []]);
    const next = await nextOf(bench, recorded("work"));
    await next.settle();
    expect([await next.statuses(waiting.id), await next.statuses(soon.id)]).toEqual([["success"], ["success"]]);
  });

  test("tells what still runs after the grace to stop, and gives it back when it has settled", async () => {
    const work = held("work", { heeds: true });
    const { bench, id } = await running(work);
    await stopWithTime(bench.engine, bench.clock);
    expect(work.calls[0]?.context.signal.reason).toBeInstanceOf(JobInterruptedError);
    expect((await bench.history(id))[0]).toMatchObject({ status: "pending", retryCount: 0, leaseExpiresAt: null });
    const after = recorded("work");
    const next = await nextOf(bench, after);
    await next.settle();
    expect((await next.history(id))[0]).toMatchObject({ status: "success", attempt: 2, retryCount: 0 });
    expect(after.calls[0]?.context.idempotencyKey).toBe(work.calls[0]?.context.idempotencyKey);
  });

  test("keeps what a handler has done that succeeds when it is told to stop", async () => {
    const work = recorded("work", async (_payload, { signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return "saved";
    });
    const { bench, id } = await running(work);
    await stopWithTime(bench.engine, bench.clock);
    expect((await bench.history(id))[0]).toMatchObject({ status: "success", result: "saved" });
  });

  test("ends an at-most-once execution that it interrupts as failed", async () => {
    const work = held("work", { heeds: true });
    const { bench, id } = await running(work, { delivery: "at_most_once" });
    await stopWithTime(bench.engine, bench.clock);
    expect((await bench.history(id))[0]).toMatchObject({ status: "failed", errorType: "Interrupted" });
    const after = recorded("work");
    const next = await nextOf(bench, after);
    await next.advance("1h");
    expect(after.calls).toHaveLength(0);
  });

  test("keeps the lease of a handler that does not settle: the next engine takes it only when that has expired", async () => {
    const work = held("work");
    const { bench, id } = await running(work);
    await stopWithTime(bench.engine, bench.clock);
    const [left] = await bench.history(id);
    expect(left?.status).toBe("running");
    expect(left!.leaseExpiresAt!).toBeGreaterThan(bench.clock.now());
    const after = recorded("work");
    const next = await nextOf(bench, after);
    const remaining = left!.leaseExpiresAt! - next.clock.now();
    await next.advance(`${remaining - 1}ms`);
    expect([after.calls.length, await next.statuses(id)]).toEqual([0, ["running"]]);
    await next.advance("1ms");
    await next.settle();
    expect((await next.history(id))[0]).toMatchObject({ status: "success", attempt: 2, retryCount: 1 });
    // What the old handler gives at last reaches nobody.
    work.calls[0]?.succeed("from the grave");
    await next.settle();
    expect((await next.history(id))[0]?.result).toBeNull();
  });

  test("lets an at-most-once execution that does not settle fail when its lease has expired", async () => {
    const work = held("work");
    const { bench, id } = await running(work, { delivery: "at_most_once" });
    await stopWithTime(bench.engine, bench.clock);
    const after = recorded("work");
    const next = await nextOf(bench, after);
    await next.advance("1m");
    expect((await next.history(id))[0]).toMatchObject({ status: "failed", errorType: "WorkerLost" });
    expect(after.calls).toHaveLength(0);
  });

  test("stops once, however often it is asked", async () => {
    const work = held("work");
    const { bench, id } = await running(work);
    const [first, second] = [bench.engine.stop(), bench.engine.stop()];
    work.calls[0]?.succeed();
    await Promise.all([first, second]);
    await bench.engine.stop();
    expect(await bench.statuses(id)).toEqual(["success"]);
  });

  test("starts nothing that is asked for afterwards; the next engine does", async () => {
    const work = recorded("work");
    const bench = await openBench([work]);
    await bench.engine.stop();
    const { id } = await bench.jobs.scheduleOnce(once);
    await bench.advance("1h");
    expect([work.calls.length, await bench.statuses(id)]).toEqual([0, ["pending"]]);
    const next = await nextOf(bench, work);
    await next.settle();
    expect(await next.statuses(id)).toEqual(["success"]);
  });

  test("leaves a retry that is due later to the next engine", async () => {
    const work = recorded("work", (_payload, _context, call) => {
      if (call === 1) throw new Error("no");
    });
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleOnce(once);
    await bench.settle();
    await bench.engine.stop();
    const next = await nextOf(bench, work);
    await next.advance("59s");
    expect(work.calls).toHaveLength(1);
    await next.advance("1s");
    expect(await next.statuses(id)).toEqual(["success"]);
  });
});

test("jobs can be scheduled before the start; nothing runs before it", async () => {
  const work = recorded("work");
  const bench = await openBench([work], { start: false });
  const { id } = await bench.jobs.scheduleOnce(once);
  await bench.settle();
  expect(work.calls).toHaveLength(0);
  await bench.engine.start();
  await bench.settle();
  expect(await bench.statuses(id)).toEqual(["success"]);
});
