/** What a reviewer has found about starts, stops, leases, and handlers that throw what cannot be looked at. */
import { EngineStoppedError, SnoozeError } from "@millrace/agent";
import { FakeClock } from "@millrace/agent/testing";
import { DatabaseLockedError, type CommitHooks } from "@millrace/db";
import { afterEach, describe, expect, test } from "vitest";
import {
  closeBenches,
  held,
  openBench,
  recorded,
  stopWithTime,
  turns,
  type BenchOptions,
} from "../support/job-bench.ts";

afterEach(closeBenches);

const once = { name: "once", handler: "work" } as const;

describe("an engine that is stopped while it starts", () => {
  const microtasks = async (count: number) => {
    for (let n = 0; n < count; n += 1) await Promise.resolve();
  };
  const moments = [
    ["turns", turns],
    ["microtasks", microtasks],
  ] as const;
  const cases = moments.flatMap(([unit, wait]) => [0, 1, 2, 3, 4, 5, 6, 7, 8].map((count) => ({ count, unit, wait })));

  test.each(cases)("after $count $unit, runs nothing when it has stopped", async ({ count, wait }) => {
    const work = recorded("work");
    const bench = await openBench([work], { start: false });
    await bench.jobs.schedule({ type: "cron", name: "c", handler: "work", cron: "* * * * *" });
    await bench.jobs.scheduleOnce(once);
    const starting = bench.engine.start().then(
      () => "started",
      (error: unknown) => error,
    );
    await wait(count);
    await bench.engine.stop();
    const before = work.calls.length;
    const started = await starting;
    if (started !== "started") expect(started).toBeInstanceOf(EngineStoppedError);
    await bench.advance("5m");
    await bench.jobs.scheduleOnce({ ...once, name: "late" });
    await bench.advance("5m");
    expect(work.calls).toHaveLength(before);
    expect((await bench.jobs.getMetrics()).open.running).toBe(0);
    expect((await bench.jobs.healthCheck()).status).toBe("stopped");
    expect(bench.engine.isIdle).toBe(true);
    await expect(bench.engine.start()).rejects.toThrow(EngineStoppedError);
  });
});

/** The next engine after one whose handler "never" has not settled, and what that was running. */
async function afterUnsettled(handlers: Parameters<typeof openBench>[0], options: BenchOptions = {}) {
  const first = await openBench([held("never")], options.policy ? { policy: options.policy } : {});
  const { id } = await first.jobs.scheduleOnce({ name: "left", handler: "never", timeout: "1h" });
  await first.settle();
  await stopWithTime(first.engine, first.clock);
  const [left] = await first.history(id);
  const bench = await openBench(handlers, {
    ...options,
    image: first.drop(),
    clock: new FakeClock(first.clock.now()),
  });
  return { bench, id, expiresAt: left!.leaseExpiresAt! };
}

describe("an expired lease", () => {
  test.each(["5s", "30s"])("is taken up, though the database was locked for %s when it expired", async (time) => {
    let failed = 0;
    let locked = false;
    const hooks: CommitHooks = {
      beforeCommit() {
        if (!locked) return "continue";
        failed += 1;
        throw new DatabaseLockedError("here", undefined);
      },
    };
    const after = recorded("never");
    const { bench, id, expiresAt } = await afterUnsettled([after], { hooks });
    await bench.advance(`${expiresAt - bench.clock.now() - 1_000}ms`);
    locked = true;
    await bench.advance("1s");
    await bench.advance(time);
    expect([failed > 0, after.calls.length]).toEqual([true, 0]);
    locked = false;
    await bench.advance("2m");
    expect(await bench.statuses(id)).toEqual(["success"]);
    expect(after.calls).toHaveLength(1);
  });

  test("of one's own, whose handler has kept the process from renewing it, is not taken as lost", async () => {
    const policy = { jobs: { leaseMs: 30_000 } };
    const work = held("work");
    const { bench, id: left, expiresAt } = await afterUnsettled([work, recorded("never")], { policy });
    const job = { ...once, delivery: "at_most_once", timeout: "1h" } as const;
    const { id } = await bench.jobs.scheduleOnce(job);
    await bench.settle();
    // The process has done nothing else for five minutes: its heartbeat and the other's lease are due at once.
    bench.clock.jumpTo(Math.max(expiresAt, bench.clock.now()) + 300_000);
    bench.clock.fireNext(bench.clock.now());
    await bench.settle();
    expect([await bench.statuses(left), await bench.statuses(id)]).toEqual([["success"], ["running"]]);
    expect(work.calls[0]?.context.signal.aborted).toBe(false);
    await bench.advance("1m");
    work.calls[0]?.succeed("done");
    await bench.settle();
    expect((await bench.history(id))[0]).toMatchObject({ status: "success", attempt: 1, result: "done" });
    expect(work.calls).toHaveLength(1);
  });
});

/** An error whose message cannot be read. */
class Unreadable extends Error {
  override get message(): string {
    throw new Error("the getter");
  }
}

describe("a handler that throws", () => {
  const thrown: [string, () => unknown][] = [
    ["an error whose message throws", () => new Unreadable()],
    [
      "a proxy whose prototype throws",
      () =>
        new Proxy(
          {},
          {
            getPrototypeOf() {
              throw new Error("the trap");
            },
          },
        ),
    ],
    ["an error whose name is a symbol", () => Object.assign(new Error("x"), { name: Symbol("q") })],
    ["an error whose stack is no text", () => Object.assign(new Error("x"), { stack: {} })],
    ["what cannot be made a text", () => Object.create(null)],
  ];

  test.each(thrown)("%s has failed, and is tried again like any other", async (_what, make) => {
    const work = recorded("work", (_payload, _context, call) => {
      if (call < 3) throw make();
      return "good";
    });
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleOnce({ ...once, maxRetries: 1 });
    await bench.settle();
    expect((await bench.history(id))[0]).toMatchObject({ status: "pending", retryCount: 1, leaseExpiresAt: null });
    await bench.advance("1m");
    expect((await bench.history(id))[0]).toMatchObject({ status: "failed", attempt: 2, error: expect.any(String) });
    expect((await bench.jobs.getJob(id)).status).toBe("failed");
    // The place is free again.
    const next = await bench.jobs.scheduleOnce({ ...once, name: "next" });
    await bench.settle();
    expect(await bench.statuses(next.id)).toEqual(["success"]);
  });

  test.each(thrown)("%s when it is told to stop leaves nothing running", async (_what, make) => {
    const work = recorded("work", async (_payload, { signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw make();
    });
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleOnce({ ...once, timeout: "1s", maxRetries: 0 });
    await bench.advance("10s");
    expect((await bench.jobs.getMetrics()).open).toEqual({ pending: 0, running: 0 });
    expect((await bench.history(id))[0]?.completedAt).not.toBeNull();
  });

  test.each([undefined, Number.NaN, "soon", null])("a snooze for %s is looked at again at once", async (forMs) => {
    const work = recorded("work", (_payload, _context, call) => {
      if (call === 1) throw Object.assign(new SnoozeError("later", 0), { forMs });
      return "good";
    });
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleOnce({ ...once, maxRetries: 0 });
    await bench.advance("1s");
    expect((await bench.history(id))[0]).toMatchObject({ status: "success", retryCount: 0 });
    expect(work.calls).toHaveLength(2);
  });
});
