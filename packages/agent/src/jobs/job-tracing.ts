/** Spans of executions, through the OpenTelemetry API: without a tracer provider they cost next to nothing. */
import {
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Span,
} from "@opentelemetry/api";
import type { Job, JobExecution } from "@millrace/db";
import type { TraceParent } from "../execution/job-executions.ts";

const TRACER = "@millrace/agent";

/** The caller's span, if there is one that is recorded. */
export function activeTrace(): TraceParent | null {
  const active = trace.getActiveSpan()?.spanContext();
  return active && isSpanContextValid(active) ? { traceId: active.traceId, spanId: active.spanId } : null;
}

/** The caller's span as a W3C `traceparent`. */
export function activeTraceparent(): string | null {
  const active = activeTrace();
  return active && `00-${active.traceId}-${active.spanId}-01`;
}

/** Ids of a span, where it has any. */
export type SpanIds = Pick<JobExecution, "traceId" | "spanId">;

/** Runs `work` inside a span of its own, a child of the one that the execution names. */
export async function inSpan<T>(
  job: Job,
  execution: JobExecution,
  work: (ids: SpanIds | null, span: Span) => Promise<T>,
): Promise<T> {
  const { traceId, parentSpanId } = execution;
  const parent =
    traceId !== null && parentSpanId !== null
      ? trace.setSpanContext(ROOT_CONTEXT, {
          traceId,
          spanId: parentSpanId,
          traceFlags: TraceFlags.SAMPLED,
          isRemote: true,
        })
      : ROOT_CONTEXT;
  const attributes = {
    "millrace.job.id": job.id,
    "millrace.job.name": job.name,
    "millrace.execution.id": execution.id,
    "millrace.execution.attempt": execution.attempt,
    "millrace.handler": job.handlerName,
  };
  const span = trace.getTracer(TRACER).startSpan(`job ${job.name}`, { kind: SpanKind.CONSUMER, attributes }, parent);
  const own = span.spanContext();
  const ids = span.isRecording() && isSpanContextValid(own) ? { traceId: own.traceId, spanId: own.spanId } : null;
  try {
    return await context.with(trace.setSpan(parent, span), () => work(ids, span));
  } finally {
    span.end();
  }
}

/** Says on the span how the attempt ended. */
export function noteEnd(span: Span, status: string, error: string | null): void {
  span.setAttribute("millrace.execution.status", status);
  if (error !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
}
