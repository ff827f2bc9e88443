import { context, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { closeBenches, openBench, recorded } from "../support/job-bench.ts";

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
});
beforeEach(() => exporter.reset());
afterEach(closeBenches);
afterAll(async () => {
  trace.disable();
  context.disable();
  await provider.shutdown();
});

const spans = () => exporter.getFinishedSpans().filter(({ name }) => name.startsWith("job "));

test("each attempt has a span of its own, which says how it ended, and whose ids are stored", async () => {
  const work = recorded("work", (_payload, _context, call) => {
    if (call === 1) throw new Error("boom");
  });
  const bench = await openBench([work]);
  const { id } = await bench.jobs.scheduleOnce({ name: "report", handler: "work" });
  await bench.advance("2m");
  const [execution] = await bench.history(id);
  expect(spans().map(({ name, attributes, status }) => [name, attributes, status.code])).toEqual(
    [1, 2].map((attempt) => [
      "job report",
      {
        "millrace.job.id": id,
        "millrace.job.name": "report",
        "millrace.execution.id": execution!.id,
        "millrace.execution.attempt": attempt,
        "millrace.execution.status": attempt === 1 ? "failed" : "success",
        "millrace.handler": "work",
      },
      attempt === 1 ? SpanStatusCode.ERROR : SpanStatusCode.UNSET,
    ]),
  );
  const { traceId, spanId } = spans()[1]!.spanContext();
  expect(execution).toMatchObject({ traceId, spanId, parentSpanId: null });
});

test("an attempt is a child of the span that triggered it, and what it does is a child of the attempt", async () => {
  const tracer = trace.getTracer("test");
  const work = recorded("work", () => tracer.startSpan("inner").end());
  const bench = await openBench([work]);
  const { id } = await bench.jobs.schedule({ type: "event", name: "e", event: "paid", handler: "work" });
  const caller = tracer.startSpan("caller");
  await context.with(trace.setSpan(context.active(), caller), () => bench.jobs.triggerEvent("paid", 1));
  caller.end();
  await bench.settle();
  const [own] = spans();
  const inner = exporter.getFinishedSpans().find(({ name }) => name === "inner");
  expect(own?.spanContext().traceId).toBe(caller.spanContext().traceId);
  expect(own?.parentSpanContext?.spanId).toBe(caller.spanContext().spanId);
  expect(inner?.parentSpanContext?.spanId).toBe(own?.spanContext().spanId);
  expect((await bench.history(id))[0]).toMatchObject({
    traceId: caller.spanContext().traceId,
    parentSpanId: caller.spanContext().spanId,
    spanId: own!.spanContext().spanId,
  });
});

test("the ticks of a job are children of the span that scheduled it, also after a restart", async () => {
  const bench = await openBench([recorded("work")]);
  const caller = trace.getTracer("test").startSpan("deploy");
  await context.with(trace.setSpan(context.active(), caller), () =>
    bench.jobs.scheduleRecurring({ name: "r", handler: "work", interval: "1h" }),
  );
  await bench.settle();
  const next = await openBench([recorded("work")], { image: await bench.stop(), clock: bench.clock });
  await next.advance("1h");
  expect(spans().map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual([
    caller.spanContext().spanId,
    caller.spanContext().spanId,
  ]);
});

test("what runs side by side does not mix its spans", async () => {
  const bench = await openBench([recorded("work", () => new Promise((resolve) => setImmediate(resolve)))]);
  for (let n = 0; n < 20; n += 1) await bench.jobs.scheduleOnce({ name: `${n}`, handler: "work" });
  await bench.settle();
  expect(spans()).toHaveLength(20);
  expect(new Set(spans().map((span) => span.spanContext().traceId)).size).toBe(20);
  expect(spans().every(({ parentSpanContext }) => parentSpanContext === undefined)).toBe(true);
});
