/**
 * One attempt at an execution: the handler is called, its time is bounded, and what it comes to is an outcome. It decides
 * nothing about states.
 *
 * Invariants:
 * 1. A handler that is told to stop is waited for, up to a bound; only one that has settled is given back.
 * 2. What comes after the outcome was decided is discarded, and logged.
 */
import { encodeJson, type JsonValue, type NewJobExecutionLog } from "@millrace/db";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { RateLimitError, SchemaError } from "../errors.ts";
import type { ClaimedExecution } from "../execution/job-model.ts";
import type { AttemptOutcome, JobFailure } from "../execution/job-transitions.ts";
import { RunLogBuffer } from "../handlers/run-log.ts";
import { RunSecrets } from "../handlers/run-secrets.ts";
import {
  ClaimLostError,
  JobCancelledError,
  type JobInterruptedError,
  JobTimeoutError,
  NonRetryableError,
  RetryAfterError,
  SnoozeError,
} from "../job-errors.ts";
import type { Policy } from "../policy.ts";
import { UNWATCHED, type LoopWatch, type Span } from "../stall/loop-watch.ts";
import { collectSecrets, redactText, redactValue } from "../redaction.ts";
import type { JobContext, JobRunner } from "./handler-registry.ts";
import { inSpan, noteEnd, type SpanIds } from "./job-tracing.ts";

export interface ExecutorDependencies {
  clock: Clock;
  policy: Policy;
  logger: Logger;
  loopWatch: LoopWatch;
}

/** Why a handler is told to stop. */
export type StopReason = JobTimeoutError | JobCancelledError | JobInterruptedError | ClaimLostError;

/** What an attempt came to. */
export interface AttemptReport {
  /** `unsettled`: the engine stops, and the handler still runs. `discarded`: the claim is lost. */
  outcome: AttemptOutcome | { kind: "unsettled" } | { kind: "discarded" };
  ids: SpanIds | null;
}

type Settled = { ok: true; value: unknown } | { ok: false; error: unknown };

export class Attempt {
  readonly claimed: ClaimedExecution;
  private readonly dependencies: ExecutorDependencies;
  private readonly runner: JobRunner;
  private readonly controller = new AbortController();
  private readonly logs: RunLogBuffer;
  private readonly logger: Logger;
  private readonly secrets: string[];
  private stopped: StopReason | null = null;
  private onStop: (reason: StopReason) => void = () => undefined;

  constructor(dependencies: ExecutorDependencies, claimed: ClaimedExecution, runner: JobRunner) {
    this.dependencies = dependencies;
    this.claimed = claimed;
    this.runner = runner;
    const { execution, job } = claimed;
    const { id: executionId, attempt } = execution;
    const { clock, policy, logger } = dependencies;
    this.logger = logger.child({ job: job.id, execution: executionId, attempt });
    const secrets = new RunSecrets([]);
    secrets.learnNamed(this.payload);
    this.logs = new RunLogBuffer(() => clock.now(), this.logger, policy.jobs.maxLogLines, secrets);
    this.secrets = collectSecrets(this.payload);
  }

  /** Tells the handler to stop; the first reason counts. */
  stop(reason: StopReason): void {
    if (this.stopped) return;
    this.stopped = reason;
    this.onStop(reason);
    this.controller.abort(reason);
  }

  /** Takes the log lines that are not yet in the database. */
  drainLogs(): NewJobExecutionLog[] {
    const { attempt } = this.claimed.execution;
    return this.logs.drain().map(({ at, level, message, data }) => ({
      attempt,
      timestamp: at,
      level,
      message,
      data,
    }));
  }

  /** Runs the handler to its end, or until it is told to stop; never rejects. */
  run(): Promise<AttemptReport> {
    const { job, execution } = this.claimed;
    return inSpan(job, execution, async (ids, span) => {
      const outcome = await this.settle();
      noteEnd(span, outcome.kind, "failure" in outcome ? outcome.failure.message : null);
      return { outcome, ids };
    });
  }

  private async settle(): Promise<AttemptReport["outcome"]> {
    const { clock } = this.dependencies;
    const { job } = this.claimed;
    const settled = this.call();
    const stopping = new Promise<StopReason>((resolve) => (this.onStop = resolve));
    if (this.stopped) this.onStop(this.stopped);
    const cancelTimer = clock.setTimer(job.timeoutMs, () =>
      this.stop(new JobTimeoutError(`"${job.name}"`, job.timeoutMs)),
    );
    const first = await Promise.race([settled, stopping]);
    cancelTimer();
    const reason = this.stopped;
    const late = first instanceof Error ? await this.waitForStopped(settled) : null;
    try {
      return first instanceof Error ? this.judgeStopped(first, late, settled) : this.judge(first);
    } catch (error) {
      this.logger.error({ err: error, reason: reason?.name }, "What a handler threw could not be looked at");
      const failure = {
        message: "The handler threw something that cannot be looked at.",
        type: "unknown",
        stack: null,
      };
      return { kind: "failed", failure, retry: "backoff" };
    }
  }

  /** The handler's end as a value; one that throws at once is like one that rejects. */
  private async call(): Promise<Settled> {
    const span = this.beginSpan();
    try {
      return { ok: true, value: await span.call(() => this.runner.run(this.payload, this.context())) };
    } catch (error) {
      return { ok: false, error };
    } finally {
      span.end();
    }
  }

  /** The code of a workflow that a job runs is watched as that. */
  private beginSpan(): Span {
    const { job, execution } = this.claimed;
    if (job.handlerType === "workflow") return UNWATCHED;
    const what = `handler "${job.handlerName}" of job "${job.name}"`;
    return this.dependencies.loopWatch.begin({ what, which: `execution ${execution.id}`, owner: { jobId: job.id } });
  }

  /** How the handler ends that was told to stop; null when it does not within the grace. */
  private waitForStopped(settled: Promise<Settled>): Promise<Settled | null> {
    const { clock, policy } = this.dependencies;
    return new Promise((resolve) => {
      const cancel = clock.setTimer(policy.jobs.abortGraceMs, () => resolve(null));
      void settled.then((end) => {
        cancel();
        resolve(end);
      });
    });
  }

  private judge(end: Settled): AttemptOutcome {
    if (end.ok) return this.success(end.value);
    const { error } = end;
    if (error instanceof SnoozeError) {
      return { kind: "snoozed", forMs: waitOf(error.forMs), reason: redactText(error.message, this.secrets) };
    }
    return { kind: "failed", failure: this.describe(error), retry: retryOf(error) };
  }

  private judgeStopped(reason: StopReason, late: Settled | null, settled: Promise<Settled>): AttemptReport["outcome"] {
    if (reason instanceof ClaimLostError) return this.discard(late, settled, { kind: "discarded" });
    if (reason instanceof JobTimeoutError)
      return this.discard(late, settled, { kind: "timeout", failure: this.describe(reason) });
    // It was done before it heard that it should stop.
    if (late?.ok) return this.success(late.value);
    if (reason instanceof JobCancelledError)
      return this.discard(late, settled, { kind: "cancelled", reason: reason.message });
    if (late) return { kind: "released", reason: "The engine stopped." };
    return this.discard(late, settled, { kind: "unsettled" });
  }

  /** Says in the logs what becomes of a result that nobody waits for. */
  private discard<T>(late: Settled | null, settled: Promise<Settled>, outcome: T): T {
    if (late) {
      if (late.ok) this.logs.add("warn", "The handler ended after it was told to stop; its result is discarded.");
      return outcome;
    }
    this.logs.add("warn", "The handler did not end when it was told to; whatever it still does is not waited for.");
    void settled.then(({ ok }) => this.logger.warn({ ok }, "A late end of a handler is discarded"));
    return outcome;
  }

  private success(value: unknown): AttemptOutcome {
    const { maxResultBytes } = this.dependencies.policy.jobs;
    if (value === undefined) return { kind: "success", result: null };
    try {
      const text = encodeJson(value, "result", maxResultBytes);
      // encodeJson accepts JSON values only.
      return { kind: "success", result: redactValue(JSON.parse(text) as JsonValue, this.secrets) };
    } catch (error) {
      // The work is done; only its result can't be kept.
      const message = error instanceof Error ? error.message : String(error);
      this.logs.add("warn", `The result is not kept: ${message}`);
      return { kind: "success", result: { notStored: message } };
    }
  }

  private describe(error: unknown): JobFailure {
    const { maxErrorLength } = this.dependencies.policy.jobs;
    const text = (value: unknown) => redactText(textOf(value), this.secrets).slice(0, maxErrorLength);
    if (!(error instanceof Error)) return { message: text(error), type: typeof error, stack: null };
    const { message, name, stack } = error;
    return { message: text(message), type: text(name), stack: stack === undefined ? null : text(stack) };
  }

  private get payload(): JsonValue {
    const { execution, job } = this.claimed;
    return execution.payload ?? job.payload;
  }

  private context(): JobContext {
    const { execution, job } = this.claimed;
    const { clock } = this.dependencies;
    const line = (level: "debug" | "info" | "warn" | "error") => (message: string, data?: unknown) =>
      this.logs.add(level, message, data);
    return {
      jobId: job.id,
      jobName: job.name,
      executionId: execution.id,
      scheduledAt: execution.scheduledAt,
      attempt: execution.attempt,
      idempotencyKey: execution.idempotencyKey,
      missedCount: execution.missedCount,
      signal: this.controller.signal,
      now: () => clock.now(),
      log: { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") },
    };
  }
}

function retryOf(error: unknown): Extract<AttemptOutcome, { kind: "failed" }>["retry"] {
  if (error instanceof NonRetryableError || error instanceof SchemaError) return "never";
  if (error instanceof RetryAfterError) return { afterMs: waitOf(error.afterMs) };
  if (error instanceof RateLimitError && error.retryAfterMs !== null) return { afterMs: waitOf(error.retryAfterMs) };
  return "backoff";
}

/** A year: whoever asks for a longer wait, or for one that is no number, has made a mistake. */
const LONGEST_WAIT_MS = 365 * 24 * 3_600_000;

function waitOf(milliseconds: number): number {
  // The type is what the handler's author says of it.
  const wait = Number(milliseconds);
  return Number.isNaN(wait) ? 0 : Math.ceil(Math.min(Math.max(0, wait), LONGEST_WAIT_MS));
}

/** Anything may be thrown, even what cannot be made a text. */
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "something that has no text";
  }
}
