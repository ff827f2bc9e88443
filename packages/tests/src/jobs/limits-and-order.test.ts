import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { closeBenches, held, openBench, recorded, type Bench, type Recorded } from "../support/job-bench.ts";

afterEach(closeBenches);

/** The payloads in the order in which the handler saw them. */
const order = ({ calls }: Recorded) => calls.map(({ payload }) => payload);

/** Schedules one-time jobs that are due at once. */
async function enqueue(
  bench: Bench,
  handler: string,
  payloads: readonly unknown[],
  input: object = {},
): Promise<string[]> {
  const ids: string[] = [];
  for (const payload of payloads) {
    const job = await bench.jobs.scheduleOnce({
      name: JSON.stringify(payload),
      handler,
      payload: payload as string,
      ...input,
    });
    ids.push(job.id);
  }
  await bench.settle();
  return ids;
}

describe("no more run at once than", () => {
  test("the engine allows", async () => {
    const work = held("work");
    const bench = await openBench([work], { policy: { jobs: { maxConcurrent: 2 } } });
    await enqueue(bench, "work", ["a", "b", "c", "d"]);
    expect(order(work)).toEqual(["a", "b"]);
    work.calls[1]?.succeed();
    await bench.settle();
    expect(order(work)).toEqual(["a", "b", "c"]);
    for (const { succeed } of work.calls) succeed();
    await bench.settle();
    expect(order(work)).toEqual(["a", "b", "c", "d"]);
  });

  test("a handler allows by the policy, or by itself; another handler is not held up", async () => {
    const [work, narrow, other] = [held("work"), held("narrow", { maxConcurrent: 1 }), held("other")];
    const bench = await openBench([work, narrow, other], { policy: { jobs: { maxConcurrentPerHandler: 2 } } });
    await enqueue(bench, "work", ["a", "b", "c"]);
    const [, waiting] = await enqueue(bench, "narrow", ["d", "e"]);
    await enqueue(bench, "other", ["f"]);
    expect([order(work), order(narrow), order(other)]).toEqual([["a", "b"], ["d"], ["f"]]);
    expect((await bench.history(waiting!))[0]).toMatchObject({ status: "pending", waitsFor: "limit handler narrow" });
  });

  test("a key allows, with values of the payload in its template, each key for itself", async () => {
    const work = held("work");
    const bench = await openBench([work]);
    const concurrency = { key: "account-{account.id}", limit: 2 };
    const payloads = ["x", "x", "x", "y"].map((id) => ({ account: { id } }));
    await enqueue(bench, "work", payloads, { concurrency });
    expect(order(work)).toEqual([payloads[0], payloads[1], payloads[3]]);
    work.calls[0]?.succeed();
    await bench.settle();
    expect(order(work)).toEqual([payloads[0], payloads[1], payloads[3], payloads[2]]);
  });

  test("a key allows, also among different jobs and handlers", async () => {
    const [one, two] = [held("one"), held("two")];
    const bench = await openBench([one, two]);
    await enqueue(bench, "one", ["a"], { concurrency: { key: "shared" } });
    await enqueue(bench, "two", ["b"], { concurrency: { key: "shared" } });
    expect([order(one), order(two)]).toEqual([["a"], []]);
    one.calls[0]?.succeed();
    await bench.settle();
    expect(order(two)).toEqual(["b"]);
  });
});

describe("what is ready goes", () => {
  test("by priority, then by how long it has waited", async () => {
    const work = held("work", { maxConcurrent: 1 });
    const bench = await openBench([work]);
    await enqueue(bench, "work", ["first"]);
    for (const [name, priority] of [
      ["low", -5],
      ["plain", 0],
      ["high", 5],
      ["plain too", 0],
    ] as const) {
      await enqueue(bench, "work", [name], { priority });
    }
    for (let call = 0; call < 4; call += 1) {
      work.calls[call]?.succeed();
      await bench.settle();
    }
    expect(order(work)).toEqual(["first", "high", "plain", "plain too", "low"]);
  });

  test("so that a low priority is not starved by a stream of high ones: it ages", async () => {
    const work = held("work", { maxConcurrent: 1 });
    const bench = await openBench([work], { policy: { jobs: { leaseMs: 3_600_000 } } });
    await enqueue(bench, "work", ["busy"]);
    await enqueue(bench, "work", ["low"], { priority: -2, timeout: "1d" });
    for (let minute = 0; minute < 6; minute += 1) {
      bench.clock.jumpTo(bench.clock.now() + 60_000);
      await enqueue(bench, "work", [`high ${minute}`], { priority: 2 });
      work.calls.at(-1)?.succeed();
      await bench.settle();
    }
    // Four points of priority are worth four minutes; then the low one goes before what has come later.
    expect(order(work).indexOf("low")).toBeGreaterThan(1);
    expect(order(work)).toContain("low");
    expect(order(work).at(-1)).not.toBe("low");
  });

  test("in the order of their rank also when they waited for a limit", async () => {
    const work = held("work");
    const bench = await openBench([work]);
    const concurrency = { key: "one" };
    await enqueue(bench, "work", ["first"], { concurrency });
    for (const [name, priority] of [
      ["low", -1],
      ["high", 1],
      ["plain", 0],
    ] as const) {
      await enqueue(bench, "work", [name], { priority, concurrency });
    }
    for (let call = 0; call < 3; call += 1) {
      work.calls[call]?.succeed();
      await bench.settle();
    }
    expect(order(work)).toEqual(["first", "high", "plain", "low"]);
  });
});

describe("room that comes", () => {
  test("is passed on when the one that was let go finds another limit full", async () => {
    const [narrow, other] = [held("narrow", { maxConcurrent: 1 }), held("other")];
    const bench = await openBench([narrow, other]);
    await enqueue(bench, "other", ["holds the key"], { concurrency: { key: "k" } });
    await enqueue(bench, "narrow", ["first"]);
    await enqueue(bench, "narrow", ["wants the key"], { concurrency: { key: "k" } });
    await enqueue(bench, "narrow", ["wants nothing"]);
    narrow.calls[0]?.succeed();
    await bench.settle();
    expect(order(narrow)).toEqual(["first", "wants nothing"]);
  });

  test("is passed on when those who wait are cancelled, paused or deleted", async () => {
    const narrow = held("narrow", { maxConcurrent: 1 });
    const bench = await openBench([narrow]);
    await enqueue(bench, "narrow", ["first"]);
    const [cancelled, paused, deleted] = await enqueue(bench, "narrow", ["cancelled", "paused", "deleted", "last"]);
    await bench.jobs.cancelJob(cancelled!);
    await bench.jobs.pauseJob(paused!);
    await bench.jobs.unschedule(deleted!);
    narrow.calls[0]?.succeed();
    await bench.settle();
    expect(order(narrow)).toEqual(["first", "last"]);
  });

  test("is known after a restart", async () => {
    const narrow = held("narrow", { maxConcurrent: 1 });
    const bench = await openBench([narrow]);
    await enqueue(bench, "narrow", ["a", "b", "c"]);
    const after = recorded("narrow", undefined, { maxConcurrent: 1 });
    const next = await openBench([after], { image: bench.drop() });
    await next.settle();
    expect(new Set(order(after))).toEqual(new Set(["a", "b", "c"]));
  });

  test("is given back once, though an execution is tried again at once while others come and go", async () => {
    const failures = new Map<unknown, number>();
    const work = recorded("work", (payload) => {
      const failed = failures.get(payload) ?? 0;
      failures.set(payload, failed + 1);
      if (failed < 3) throw new Error("not yet");
      return payload;
    });
    const bench = await openBench([work], { policy: { jobs: { maxConcurrent: 3 } } });
    const { id } = await bench.jobs.schedule({
      type: "event",
      name: "e",
      event: "e",
      handler: "work",
      retryDelay: 0,
      maxRetries: 5,
    });
    for (let n = 0; n < 40; n += 1) await bench.jobs.triggerEvent("e", n);
    await bench.settle();
    expect(work.calls).toHaveLength(160);
    expect(new Set(await bench.statuses(id))).toEqual(new Set(["success"]));
    const after = held("after");
    await bench.engine.registerJobHandler(after);
    await enqueue(bench, "after", ["a", "b", "c", "d"]);
    expect(after.calls).toHaveLength(3);
  });
});

test("whatever the jobs, limits and durations, no limit is passed over and everything ends", async () => {
  const works = fc.array(
    fc.record({
      handler: fc.constantFrom("a", "b", "c"),
      key: fc.option(fc.constantFrom("x", "y")),
      priority: fc.integer({ min: -2, max: 2 }),
      seconds: fc.integer({ min: 0, max: 4 }),
      failures: fc.constantFrom(0, 0, 1),
      event: fc.boolean(),
    }),
    { minLength: 1, maxLength: 25 },
  );
  const limits = fc.record({
    all: fc.integer({ min: 1, max: 5 }),
    a: fc.integer({ min: 1, max: 2 }),
    key: fc.integer({ min: 1, max: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(works, limits, async (list, limit) => {
      const running = new Map<string, number>();
      const most = new Map<string, number>();
      const ended = new Set<number>();
      const failed = new Map<number, number>();
      const count = (name: string, by: 1 | -1) => {
        running.set(name, (running.get(name) ?? 0) + by);
        most.set(name, Math.max(most.get(name) ?? 0, running.get(name) ?? 0));
      };
      const bench: Bench = await openBench(
        ["a", "b", "c"].map((name) => ({
          name,
          ...(name === "a" && { maxConcurrent: limit.a }),
          async handler(payload: unknown) {
            const { n } = payload as { n: number };
            const work = list[n]!;
            const names = ["all", `handler ${name}`, ...(work.key === null ? [] : [`key ${work.key}`])];
            for (const own of names) count(own, 1);
            await new Promise<void>((resolve) => bench.clock.setTimer(work.seconds * 1_000, resolve));
            for (const own of names) count(own, -1);
            failed.set(n, (failed.get(n) ?? 0) + 1);
            if (failed.get(n)! <= work.failures) throw new Error("not yet");
            ended.add(n);
          },
        })),
        { policy: { jobs: { maxConcurrent: limit.all } } },
      );
      for (const [n, { handler, key, priority, event }] of list.entries()) {
        const common = {
          name: `${n}`,
          handler,
          priority,
          payload: { n },
          retryDelay: 0,
          ...(key !== null && { concurrency: { key, limit: limit.key } }),
        };
        if (event) {
          await bench.jobs.schedule({ type: "event", event: `e${n}`, ...common });
          await bench.jobs.triggerEvent(`e${n}`, { n });
        } else {
          await bench.jobs.scheduleOnce(common);
        }
      }
      const until = bench.clock.now() + 600_000;
      while (ended.size < list.length && bench.clock.now() < until) {
        for (let turn = 0; turn < 50 && !bench.engine.isIdle; turn += 1)
          await new Promise((resolve) => setImmediate(resolve));
        if (!bench.clock.fireNext(until)) break;
      }
      for (let turn = 0; turn < 50 && !bench.engine.isIdle; turn += 1)
        await new Promise((resolve) => setImmediate(resolve));
      expect(ended.size).toBe(list.length);
      expect(most.get("all")).toBeLessThanOrEqual(limit.all);
      expect(most.get("handler a") ?? 0).toBeLessThanOrEqual(limit.a);
      for (const key of ["x", "y"]) expect(most.get(`key ${key}`) ?? 0).toBeLessThanOrEqual(limit.key);
      await bench.close();
    }),
    { numRuns: 40 },
  );
});
