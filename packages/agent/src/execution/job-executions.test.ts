import type { Job, JobExecutionId, JobId, JsonValue, PlatformId } from "@millrace/db";
import { describe, expect, test } from "vitest";
import { resolvePolicy } from "../policy.ts";
import { newExecution, parseTraceparent, skippedExecution, type ExecutionSeed } from "./job-executions.ts";

const policy = resolvePolicy().jobs;
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

function make(patch: Partial<Job>, seed: Partial<ExecutionSeed> = {}) {
  const plain = {
    id: "job" as JobId,
    platformId: "platform" as PlatformId,
    version: 4,
    handlerName: "send",
    status: "active",
    priority: 0,
    payload: null,
    concurrencyKey: null,
    traceparent: null,
    ...patch,
  };
  // The other fields of a job are none of an execution's business.
  return newExecution(plain as Job, { origin: "schedule", scheduledAt: 100, dueAt: 120, ...seed }, 110, policy);
}

const keyOf = (concurrencyKey: string, payload: JsonValue) => make({ concurrencyKey, payload }).concurrencyKey;

describe("a concurrency key", () => {
  test("is taken as it is without a template, and is nothing where the job has none", () => {
    expect(keyOf("mail", { a: 1 })).toBe("mail");
    expect(make({}).concurrencyKey).toBeNull();
  });

  test.each([
    ["{user}", "ada"],
    ["u-{user}-{account.id}", "u-ada-7"],
    ["{tags.1}", "b"],
    ["{account}", '{"id":7}'],
    ["{nothing}", "null"],
    ["{flag}", "false"],
    ["{missing}|{account.missing}|{user.length}", "||"],
    ["{__proto__}{constructor}{tags.length}", "2"],
    ["{account.__proto__.x}{toString.call}", ""],
    ["{}{", "{}{"],
    ["{a}}{b}", "}"],
  ])("%s stands for %s", (template, key) => {
    const payload = { user: "ada", account: { id: 7 }, tags: ["a", "b"], nothing: null, flag: false };
    expect(keyOf(template, payload)).toBe(key);
  });

  test.each([null, "text", 5, true, []])("has nothing where the payload is %j", (payload) => {
    expect(keyOf("x{a.b}", payload)).toBe("x");
  });

  test("does not read a template out of the payload", () => {
    expect(keyOf("{a}", { a: "{b}", b: "secret" })).toBe("{b}");
  });

  test("is resolved from the execution's own payload before the job's", () => {
    expect(make({ concurrencyKey: "{a}", payload: { a: "job" } }, { payload: { a: "own" } }).concurrencyKey).toBe(
      "own",
    );
  });
});

describe("a new execution", () => {
  test("of a tick is identified by the job and its time", () => {
    expect(make({})).toMatchObject({ occurrence: "", idempotencyKey: "job:100", jobVersion: 4, status: "pending" });
    expect(make({})).not.toHaveProperty("id");
  });

  test("that was asked for is identified by itself", () => {
    const id = "own" as JobExecutionId;
    expect(make({}, { id, origin: "manual" })).toMatchObject({ id, occurrence: "own", idempotencyKey: "job:own" });
  });

  test("waits for its time, or is ready, or waits for its paused job", () => {
    expect(make({}).waitsFor).toBe("time");
    expect(make({}, { dueAt: 110 }).waitsFor).toBeNull();
    expect(make({ status: "paused" }, { dueAt: 110 }).waitsFor).toBe("resume");
  });

  test("that is skipped is over from the start and says why", () => {
    expect(skippedExecution(make({}), "busy", 110)).toMatchObject({
      status: "skipped",
      waitsFor: null,
      completedAt: 110,
      reason: "busy",
    });
  });

  test("is a child of the caller's span, else of the one that scheduled the job", () => {
    const traceparent = `00-${TRACE}-${SPAN}-01`;
    expect(make({ traceparent })).toMatchObject({ traceId: TRACE, parentSpanId: SPAN });
    const own = { traceId: "1".repeat(32), spanId: "2".repeat(16) };
    expect(make({ traceparent }, { trace: own })).toMatchObject({ traceId: own.traceId, parentSpanId: own.spanId });
    expect(make({})).toMatchObject({ traceId: null, parentSpanId: null });
  });
});

describe("a traceparent", () => {
  test("is read", () => {
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-00`)).toEqual({ traceId: TRACE, spanId: SPAN });
  });

  test.each([
    null,
    "",
    "rubbish",
    `01-${TRACE}-${SPAN}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-x`,
  ])("is none: %s", (text) => {
    expect(parseTraceparent(text)).toBeNull();
  });
});
