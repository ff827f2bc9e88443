import {
  JobCancelledError,
  JobTimeoutError,
  NonRetryableError,
  RateLimitError,
  RetryAfterError,
  SnoozeError,
} from "@millrace/agent";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { closeBenches, held, openBench, recorded, times } from "../support/job-bench.ts";

afterEach(closeBenches);

const once = { name: "once", handler: "work" } as const;

/** Runs a job once whose handler does this, until so much later. */
async function attempt(behave: (call: number) => unknown, input: object = {}, later = "1d") {
  const work = recorded("work", (_payload, _context, call) => behave(call));
  const bench = await openBench([work]);
  const { id } = await bench.jobs.scheduleOnce({ ...once, ...input });
  await bench.advance(later);
  const [execution] = await bench.history(id);
  return { bench, work, id, execution: execution! };
}

const throwing = (error: unknown) => () => {
  throw error;
};

describe("a failed attempt", () => {
  test("is made again by the backoff, up to the retries; then the execution and its one-time job have failed", async () => {
    const { bench, work, id, execution } = await attempt(throwing(new TypeError("boom")));
    expect(times(work)).toEqual(["00:00:00", "00:01:00", "00:03:00", "00:07:00"]);
    expect(execution).toMatchObject({
      status: "failed",
      attempt: 4,
      retryCount: 4,
      error: "boom",
      errorType: "TypeError",
    });
    expect(execution.errorStack).toContain("attempts.test.ts");
    expect(await bench.jobs.getJob(id)).toMatchObject({ status: "failed", failureCount: 1, executionCount: 1 });
    expect((await bench.jobs.listDeadLetters()).items.map((dead) => dead.id)).toEqual([execution.id]);
  });

  test("has the same idempotency key at every attempt, and a number of its own", async () => {
    const { work } = await attempt((call) => (call < 3 ? throwing(new Error("no"))() : "done"));
    expect(new Set(work.calls.map(({ context }) => context.idempotencyKey)).size).toBe(1);
    expect(work.calls.map(({ context }) => context.attempt)).toEqual([1, 2, 3]);
  });

  test("that is followed by a success leaves no error", async () => {
    const { execution } = await attempt((call) => (call < 3 ? throwing(new Error("no"))() : "done"));
    expect(execution).toMatchObject({
      status: "success",
      result: "done",
      error: null,
      retryCount: 2,
      nextRetryAt: null,
    });
  });

  test("of a NonRetryableError, or of a payload that does not fit, is the last", async () => {
    const { work, execution } = await attempt(throwing(new NonRetryableError("no use")));
    expect([work.calls.length, execution.status, execution.errorType]).toEqual([1, "failed", "NonRetryableError"]);
    const strict = { ...recorded("strict"), payload: z.object({ n: z.number() }) };
    const lenient = { ...recorded("strict"), payload: z.object({}) };
    const bench = await openBench([lenient]);
    const { id } = await bench.jobs.scheduleOnce({ name: "s", handler: "strict", payload: {}, in: "1h" });
    const next = await openBench([strict], { image: await bench.stop(), clock: bench.clock });
    await next.advance("1d");
    expect((await next.history(id))[0]).toMatchObject({ status: "failed", attempt: 1, errorType: "SchemaError" });
    expect(strict.calls).toHaveLength(0);
  });

  test.each([
    ["RetryAfterError", new RetryAfterError("later", 5_000)],
    ["RateLimitError", new RateLimitError("slow down", { retryAfterMs: 5_000 })],
  ])("of a %s is made again no sooner than it says, and counts", async (_name, error) => {
    const { work, execution } = await attempt((call) => (call === 1 ? throwing(error)() : null));
    expect(times(work)).toEqual(["00:00:00", "00:00:05"]);
    expect(execution).toMatchObject({ status: "success", retryCount: 1 });
  });

  test("of a SnoozeError comes back later and does not count, however often", async () => {
    const { work, execution } = await attempt(
      (call) => (call < 6 ? throwing(new SnoozeError("not yet", 10_000))() : "done"),
      { maxRetries: 0 },
    );
    expect(times(work).at(-1)).toBe("00:00:50");
    expect(execution).toMatchObject({ status: "success", retryCount: 0, error: null });
  });

  test.each([
    ["an error", new Error("no")],
    ["a retry-after", new RetryAfterError("later", 1)],
    ["a snooze", new SnoozeError("later", 1)],
  ])("at most once, is the only one: %s", async (_name, error) => {
    const { work, execution } = await attempt(throwing(error), { delivery: "at_most_once" });
    expect([work.calls.length, execution.status]).toEqual([1, "failed"]);
  });

  test("of a thrown text is kept as it is", async () => {
    const { execution } = await attempt(throwing("just a text"), { maxRetries: 0 });
    expect(execution).toMatchObject({ error: "just a text", errorType: "string", errorStack: null });
  });

  test("pauses a recurring job after so many failures in a row, with a note and a notification", async () => {
    const work = recorded("work", throwing(new Error("no")));
    const bench = await openBench([work]);
    const input = { ...once, interval: "1m", maxRetries: 0, autoPauseAfter: 3 };
    const { id } = await bench.jobs.scheduleRecurring(input);
    await bench.advance("1h");
    expect(work.calls).toHaveLength(3);
    expect(await bench.jobs.getJob(id)).toMatchObject({ status: "paused", consecutiveFailures: 3, nextRun: null });
    expect((await bench.jobs.getJob(id)).pauseNote).toContain("3 failures in a row");
    expect(await bench.notices(id)).toEqual([expect.stringMatching(/^job_paused: .*3 failures/)]);
    await bench.jobs.resumeJob(id);
    expect(await bench.notices(id)).toEqual([]);
    await bench.advance("10m");
    expect(work.calls).toHaveLength(6);
  });

  test("pauses no job that says never", async () => {
    const work = recorded("work", throwing(new Error("no")));
    const bench = await openBench([work]);
    await bench.jobs.scheduleRecurring({ ...once, interval: "1m", maxRetries: 0, autoPauseAfter: null });
    await bench.advance("30m");
    expect(work.calls).toHaveLength(31);
  });
});

describe("a timeout", () => {
  test("aborts the signal; the handler that heeds it is not waited for any longer, and the status is timeout", async () => {
    const work = held("work", { heeds: true });
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleOnce({ ...once, timeout: "2s", maxRetries: 0 });
    await bench.advance("2s");
    expect(work.calls[0]?.context.signal.reason).toBeInstanceOf(JobTimeoutError);
    expect((await bench.history(id))[0]).toMatchObject({
      status: "timeout",
      errorType: "JobTimeoutError",
      durationMs: 2_000,
    });
    expect((await bench.jobs.getJob(id)).status).toBe("failed");
  });

  test("waits for a handler that does not heed it up to the grace; its late result is discarded and logged", async () => {
    const work = held("work");
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleOnce({ ...once, timeout: "2s", maxRetries: 0 });
    await bench.advance("6s");
    expect(await bench.statuses(id)).toEqual(["running"]);
    work.calls[0]?.succeed("too late");
    await bench.settle();
    const [execution] = await bench.history(id);
    expect(execution).toMatchObject({ status: "timeout", result: null });
    const logs = await bench.jobs.getExecutionLogs(execution!.id);
    expect(logs.map(({ message }) => message)).toEqual([expect.stringContaining("its result is discarded")]);
  });

  test("of a handler that never ends is recorded after the grace, and whatever it gives then changes nothing", async () => {
    const work = held("work");
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleOnce({ ...once, timeout: "2s", maxRetries: 0 });
    await bench.advance("7s");
    const [before] = await bench.history(id);
    expect(before).toMatchObject({ status: "timeout", durationMs: 7_000 });
    work.calls[0]?.succeed("much too late");
    await bench.settle();
    expect(await bench.history(id)).toEqual([before]);
  });

  test("counts as a failed attempt, which is made again", async () => {
    const work = held("work", { heeds: true });
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleOnce({ ...once, timeout: "2s" });
    await bench.advance("1m2s");
    work.calls[1]?.succeed("this time");
    await bench.settle();
    expect((await bench.history(id))[0]).toMatchObject({ status: "success", retryCount: 1, attempt: 2 });
  });
});

describe("a cancellation", () => {
  test("of what waits is done at once, with its reason", async () => {
    const { bench, work, id, execution } = await attempt(throwing(new Error("no")), {}, "0ms");
    await bench.jobs.cancelExecution(execution.id, { reason: "not needed" });
    expect((await bench.history(id))[0]).toMatchObject({ status: "cancelled", reason: "not needed" });
    await bench.advance("1h");
    expect(work.calls).toHaveLength(1);
    await expect(bench.jobs.cancelExecution(execution.id)).rejects.toThrow("is over (cancelled)");
  });

  test("of what runs aborts its signal, and is recorded when it has settled", async () => {
    const work = held("work", { heeds: true });
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleOnce(once);
    await bench.settle();
    const [execution] = await bench.history(id);
    await bench.jobs.cancelExecution(execution!.id, { reason: "not needed" });
    await bench.settle();
    expect(work.calls[0]?.context.signal.reason).toBeInstanceOf(JobCancelledError);
    expect((await bench.history(id))[0]).toMatchObject({ status: "cancelled", reason: "not needed", error: null });
    expect((await bench.jobs.getJob(id)).status).toBe("completed");
  });

  test("comes too late for a handler that succeeds all the same", async () => {
    const work = held("work");
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleOnce(once);
    await bench.settle();
    await bench.jobs.cancelExecution((await bench.history(id))[0]!.id);
    work.calls[0]?.succeed("done");
    await bench.settle();
    expect((await bench.history(id))[0]).toMatchObject({ status: "success", result: "done", reason: null });
  });

  test("that comes during the grace of a timeout leads to no other attempt", async () => {
    const work = held("work");
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleOnce({ ...once, timeout: "2s" });
    await bench.advance("3s");
    await bench.jobs.cancelExecution((await bench.history(id))[0]!.id, { reason: "enough" });
    await bench.advance("1h");
    expect(work.calls).toHaveLength(1);
    expect((await bench.history(id))[0]).toMatchObject({ status: "cancelled", reason: "enough" });
  });

  test("of a job ends all that it has under way, and its history stays", async () => {
    const work = held("work", { heeds: true });
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleRecurring({ ...once, interval: "1s", overlap: "buffer_all" });
    await bench.advance("2s");
    await bench.jobs.cancelJob(id, { reason: "stop it" });
    await bench.advance("10s");
    expect(await bench.statuses(id)).toEqual(["cancelled", "cancelled", "cancelled"]);
    expect(await bench.jobs.getJob(id)).toMatchObject({ status: "cancelled", nextRun: null });
    expect(work.calls).toHaveLength(1);
  });
});

describe("what is kept of an attempt", () => {
  test("is no result that is too large, or no JSON: it succeeded, and says why there is none", async () => {
    for (const result of ["x".repeat(300_000), { f: () => 1 }]) {
      const { bench, execution } = await attempt(() => result, {}, "0ms");
      expect(execution).toMatchObject({ status: "success", result: { notStored: expect.any(String) } });
      const logs = await bench.jobs.getExecutionLogs(execution.id, { levels: ["warn"] });
      expect(logs[0]?.message).toContain("The result is not kept");
    }
  });

  test("is so much of an error as the policy allows", async () => {
    const { execution } = await attempt(throwing(new Error("e".repeat(50_000))), { maxRetries: 0 });
    expect(execution.error).toHaveLength(10_000);
    expect(execution.errorStack!.length).toBeLessThanOrEqual(10_000);
  });

  test("has no secrets: not in the result, the error, its stack, the reason or the log", async () => {
    const secret = "hunter2-hunter2";
    const payload = { login: { password: secret } };
    const work = recorded("work", (_payload, { log }, call) => {
      log.info(`login with ${secret}`, { token: "abcdefgh", note: secret });
      if (call === 1) throw new SnoozeError(`${secret} is not ready`, 1_000);
      if (call === 2) throw new Error(`${secret} refused: Authorization: Bearer abcdefghijk`);
      return { echo: `it was ${secret}`, apiKey: "k-123456" };
    });
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleOnce({ ...once, payload });
    await bench.settle();
    const seen = [await bench.history(id)];
    await bench.advance("1s");
    seen.push(await bench.history(id));
    expect(seen[1]?.[0]?.error).toMatch(/^\[redacted\] refused: Authorization: /);
    await bench.advance("1m");
    const [execution] = await bench.history(id);
    expect(execution?.result).toEqual({ echo: "it was [redacted]", apiKey: "[redacted]" });
    const logs = await bench.jobs.getExecutionLogs(execution!.id);
    expect(logs).toHaveLength(3);
    for (const kept of [seen, execution, logs]) {
      const text = JSON.stringify(kept);
      expect(text).not.toMatch(/hunter2|abcdefgh|k-123456/);
      expect(text).toContain("[redacted]");
    }
    // The handler itself is told.
    expect(work.calls[0]?.payload).toEqual(payload);
  });

  test("is its log, with the attempt of each line", async () => {
    const { bench, execution } = await attempt((call) => (call === 1 ? throwing(new Error("no"))() : null), {}, "0ms");
    expect(execution.status).toBe("pending");
    expect(await bench.jobs.getExecutionLogs(execution.id)).toEqual([]);
  });
});

test("a repetition of what failed has its idempotency key, of what succeeded a new one; each is repeated once", async () => {
  const work = recorded("work", (_payload, _context, call) => {
    if (call === 1) throw new NonRetryableError("no");
  });
  const bench = await openBench([work]);
  const { id } = await bench.jobs.scheduleOnce(once);
  await bench.settle();
  const [failed] = await bench.history(id);
  const again = await bench.jobs.retryExecution(failed!.id, { by: "ada" });
  await bench.settle();
  expect(again).toMatchObject({ retryOf: failed!.id, createdBy: "ada", origin: "retry" });
  await expect(bench.jobs.retryExecution(failed!.id)).rejects.toThrow("was repeated already");
  const third = await bench.jobs.retryExecution(again.id);
  await bench.settle();
  const keys = work.calls.map(({ context }) => context.idempotencyKey);
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).not.toBe(keys[0]);
  expect(third.retryOf).toBe(again.id);
  expect((await bench.jobs.listDeadLetters()).items).toEqual([]);
  expect((await bench.jobs.getJob(id)).status).toBe("completed");
});
