/** Every limit, backoff, timeout and clamp, in one place. Times are in milliseconds. */
import { z } from "zod";
import { PolicyError } from "./errors.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const milliseconds = z.int().min(0);
const count = z.int().min(1);

const backoffSchema = (initialMs: number, maxMs: number) =>
  z.strictObject({
    /** The first delay. */
    initialMs: milliseconds.default(initialMs),
    /** By how much each delay is longer than the one before it. */
    factor: z.number().min(1).default(2),
    /** No delay is longer. */
    maxMs: milliseconds.default(maxMs),
    /** Each delay varies at random by up to this share of itself, in both directions. */
    jitter: z.number().min(0).max(1).default(0.2),
  });

export type Backoff = z.output<ReturnType<typeof backoffSchema>>;

const policySchema = z.strictObject({
  /** What a handler may take and use. */
  handler: z
    .strictObject({
      /** How long a producer, prepare, mutate (up to its call) or next may run. */
      timeoutMs: milliseconds.default(5 * MINUTE),
      /** How many pending events one `peek` gives at the most. */
      maxPeek: count.default(1_000),
      /** How many events a run may reserve. */
      maxReservations: count.default(10_000),
      /** How many events a run may publish. */
      maxPublishes: count.default(10_000),
      /** How many log lines of a run are kept. */
      maxLogLines: count.default(1_000),
    })
    .prefault({}),
  /** Calls of connectors. */
  call: z
    .strictObject({
      /** How long a mutation may take until its outcome is uncertain. */
      mutationTimeoutMs: milliseconds.default(MINUTE),
      /** How long a read may take. */
      readTimeoutMs: milliseconds.default(MINUTE),
      /** How long a reconcile may take until it counts as `retry`. */
      reconcileTimeoutMs: milliseconds.default(MINUTE),
    })
    .prefault({}),
  /** What follows transient failures (network, rate limits). */
  retry: z
    .strictObject({
      /** How many transient failures in a row are retried before a person is asked. */
      maxTransientFailures: count.default(5),
      /** How often in a row the process may end during a run, without progress in between, before a person is asked. */
      maxCrashes: count.default(10),
      backoff: backoffSchema(2 * SECOND, 10 * MINUTE).prefault({}),
    })
    .prefault({}),
  /** How the outcome of an uncertain mutation is found out. */
  reconcile: z
    .strictObject({
      /** How often the connector is asked before a person is. */
      maxAttempts: count.default(12),
      /** How long after the outcome became uncertain a person is asked. */
      deadlineMs: milliseconds.default(24 * HOUR),
      backoff: backoffSchema(5 * SECOND, HOUR).prefault({}),
      /** How many answers of "not applied" in a row, seen after the settle window, are believed. */
      confirmations: count.default(2),
      /** The time between two such answers. */
      confirmationDelayMs: milliseconds.default(SECOND),
    })
    .prefault({}),
  /** Wake times asked for by `prepare`. */
  wake: z
    .strictObject({
      /** No wake time is sooner than this. */
      minMs: milliseconds.default(30 * SECOND),
      /** No wake time is later than this. */
      maxMs: milliseconds.default(24 * HOUR),
    })
    .prefault({}),
  scheduling: z
    .strictObject({
      /** How many workflows run at once. */
      maxConcurrentWorkflows: count.default(128),
      /** After this many runs in a row a workflow lets the others go first. */
      maxRunsPerSession: count.default(100),
    })
    .prefault({}),
  /** What follows when the database can't be written (disk full, locked). */
  storage: z
    .strictObject({
      /** How long until a write is tried again; it is tried until it succeeds or the engine stops. */
      retryDelayMs: milliseconds.default(SECOND),
    })
    .prefault({}),
  /** What a handler does that lets nothing else run: see specs/done/engine.md. */
  watchdog: z
    .strictObject({
      /** How long the event loop may stand still while handlers run until that is reported; 0: nobody looks. */
      blockedMs: milliseconds.default(5 * SECOND),
    })
    .prefault({}),
  /** Jobs: see specs/done/jobs.md. */
  jobs: z
    .strictObject({
      /** How many executions run at once. */
      maxConcurrent: count.default(100),
      /** How many executions of one handler run at once. */
      maxConcurrentPerHandler: count.default(100),
      /** What a job has that says nothing else. */
      defaults: z
        .strictObject({
          maxRetries: z.int().min(0).default(3),
          retryDelayMs: milliseconds.default(MINUTE),
          timeoutMs: count.default(5 * MINUTE),
          misfireGraceMs: milliseconds.default(MINUTE),
          misfireWindowMs: milliseconds.default(DAY),
          misfireLimit: count.default(100),
          /** After so many failures in a row a cron or recurring job is paused. */
          autoPauseAfter: count.default(10),
          /** How many of a job's last executions are kept, however old. */
          keepLast: z.int().min(0).default(10),
        })
        .prefault({}),
      /** How retries of a job follow each other; the first delay is the job's own. */
      retry: z
        .strictObject({
          factor: z.number().min(1).default(2),
          maxMs: milliseconds.default(HOUR),
          jitter: z.number().min(0).max(1).default(0.2),
        })
        .prefault({}),
      /** How long a claim holds without being renewed; it is renewed at a third of it. */
      leaseMs: count.default(30 * SECOND),
      /** How long a handler that was told to stop (timeout, cancellation, shutdown) is waited for. */
      abortGraceMs: milliseconds.default(5 * SECOND),
      /** What one point of priority is worth in waiting time: so nothing starves. */
      priorityStepMs: milliseconds.default(MINUTE),
      /** How many ticks of a job are counted, or run, one by one in one go. */
      maxTicksAtOnce: count.default(1_000),
      /** How many due jobs are looked at in one transaction. */
      ticksPerTransaction: count.default(200),
      /** How many executions one backfill makes at the most. */
      maxBackfill: count.default(10_000),
      /** The longest text kept of an error or its stack, in characters. */
      maxErrorLength: count.default(10_000),
      /** The largest result that is kept, in bytes of JSON. */
      maxResultBytes: count.default(256 * 1024),
      /** How many log lines of an execution's attempt are kept. */
      maxLogLines: count.default(1_000),
      /** How many of a job's last executions its statistics look at. */
      statisticsWindow: count.default(1_000),
      retention: z
        .strictObject({
          /** How long executions that succeeded, were skipped or cancelled are kept. */
          successMs: milliseconds.default(7 * DAY),
          /** How long executions that failed or timed out are kept; and the decision log. */
          failureMs: milliseconds.default(30 * DAY),
          /** How often what is too old is looked for. */
          intervalMs: count.default(HOUR),
          /** How many rows one transaction deletes. */
          batch: count.default(500),
        })
        .prefault({}),
      watchdog: z
        .strictObject({
          /** How often schedules are looked at. */
          intervalMs: count.default(15 * MINUTE),
          /** A schedule whose next tick is this long past is reported … */
          overdueMs: count.default(10 * MINUTE),
          /** … if it still is so much later. */
          confirmMs: count.default(MINUTE),
        })
        .prefault({}),
    })
    .prefault({}),
  /** How long `stop` waits for what is running. */
  stop: z.strictObject({ graceMs: milliseconds.default(10 * SECOND) }).prefault({}),
});

/** The complete policy of an engine. */
export type Policy = z.output<typeof policySchema>;
/** What a user gives: any part of it; the rest has defaults. */
export type PolicyOptions = z.input<typeof policySchema>;

/** Fills in the defaults. @throws PolicyError naming each value that is unknown or out of its range */
export function resolvePolicy(options: PolicyOptions = {}): Policy {
  const parsed = policySchema.safeParse(options);
  if (!parsed.success) throw new PolicyError(`The policy is not valid:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
