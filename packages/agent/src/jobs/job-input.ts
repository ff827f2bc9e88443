/** What users give to schedule a job: parsed here, with every fault named, and made into what is stored. */
import { hash } from "node:crypto";
import type { JobDefinition, JsonValue } from "@millrace/db";
import type { z } from "zod";
import type { Uniqueness } from "../execution/job-registration.ts";
import { scheduleOf } from "../execution/job-ticks.ts";
import { InvalidJobError } from "../job-errors.ts";
import type { Policy } from "../policy.ts";
import { cronFault, expandAlias } from "../schedule/cron-expression.ts";
import { nextTick } from "../schedule/schedule.ts";
import { isTimeZone } from "../schedule/time-zone.ts";
import {
  scheduledJob,
  type ParsedHandler,
  type ParsedInput as Parsed,
  type ScheduledJobInput,
} from "./job-input-schema.ts";

/** What an input means. */
export interface ParsedJob {
  id: string | null;
  key: string | null;
  definition: JobDefinition;
  /** The same for an input that means the same, whenever it is given. */
  digest: string;
  /** The same for an input that asks for the same schedule in the same words. */
  scheduleDigest: string;
  /** When it was read, in Unix milliseconds. */
  askedAt: number;
  unique: Uniqueness | null;
  createdBy: string | null;
}

/** @throws InvalidJobError naming every fault */
export function parseJob(input: ScheduledJobInput, now: number, policy: Policy["jobs"]): ParsedJob {
  const parsed = readInput(scheduledJob, input);
  const faults = [...scheduleFaults(parsed, now)];
  if (faults.length > 0) throw new InvalidJobError(`The job "${parsed.name}"`, faults);
  const definition = defineJob(parsed, now, policy);
  const { unique } = parsed;
  return {
    id: parsed.id ?? null,
    key: parsed.key ?? null,
    definition,
    ...digestsOf(parsed, definition),
    askedAt: now,
    unique: unique ? { key: unique.key, onConflict: unique.onConflict, windowMs: unique.window ?? 0 } : null,
    createdBy: parsed.createdBy ?? null,
  };
}

/** Reads untrusted input. @throws InvalidJobError */
export function readInput<Output>(schema: z.ZodType<Output>, input: unknown, what = "The input"): Output {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join(".")}: ${message}` : message,
  );
  throw new InvalidJobError(what, faults);
}

function* scheduleFaults(job: Parsed, now: number): Generator<string> {
  if ("cron" in job && job.cron !== undefined) {
    const fault = cronFault(job.cron, job.timezone ?? "UTC");
    const place = fault?.position === null || fault === null ? "" : ` (at character ${fault.position + 1})`;
    if (fault) yield `${fault.field === "timezone" ? "timezone" : "cron"}: ${fault.message}${place}`;
  } else if ("timezone" in job && job.timezone !== undefined && !isTimeZone(job.timezone)) {
    yield `timezone: "${job.timezone}" is not an IANA time zone`;
  }
  if (job.type === "one_time") yield* oneTimeFaults(job, now);
  if (job.type === "recurring") yield* recurringFaults(job, now);
  if (job.timeout === 0) yield "timeout: must be longer than nothing";
}

function* oneTimeFaults(job: Extract<Parsed, { type: "one_time" }>, now: number): Generator<string> {
  if (job.at !== undefined && job.in !== undefined) yield "at, in: give one of them";
  if (job.at !== undefined && job.at < now) yield `at: ${new Date(job.at).toISOString()} is in the past`;
}

function* recurringFaults(job: Extract<Parsed, { type: "recurring" }>, now: number): Generator<string> {
  if ((job.interval === undefined) === (job.cron === undefined)) yield "interval, cron: give one of them";
  if (job.interval !== undefined && job.interval < MIN_INTERVAL_MS)
    yield `interval: must be at least ${MIN_INTERVAL_MS} ms`;
  if (job.interval !== undefined && (job.timezone !== undefined || job.dst !== undefined))
    yield "timezone, dst: go with cron; an interval is equally long everywhere";
  if (job.mode !== undefined && job.interval === undefined) yield "mode: goes with an interval";
  if (job.endsAt !== undefined && job.endsAt < Math.max(now, job.startsAt ?? now))
    yield `endsAt: ${new Date(job.endsAt).toISOString()} is before the first tick`;
}

/** More often than this is no schedule but a loop. */
const MIN_INTERVAL_MS = 100;

const DEFAULT_OVERLAP: Record<JobDefinition["type"], JobDefinition["overlapPolicy"]> = {
  cron: "skip",
  recurring: "skip",
  // What is to be once must not be left out because it was asked for again meanwhile.
  one_time: "buffer_all",
  // An event is a fact of its own: none may be left out because another is being worked on.
  event: "allow",
};

function defineJob(job: Parsed, now: number, policy: Policy["jobs"]): JobDefinition {
  const { defaults } = policy;
  const scheduled = job.type === "cron" || job.type === "recurring";
  const times = timesOf(job, now);
  return {
    name: job.name,
    description: job.description ?? null,
    type: job.type,
    ...times,
    ...handlerOf(job.handler),
    payload: job.payload ?? null,
    maxRetries: job.maxRetries ?? defaults.maxRetries,
    retryDelayMs: job.retryDelay ?? defaults.retryDelayMs,
    timeoutMs: job.timeout ?? defaults.timeoutMs,
    priority: job.priority ?? 0,
    delivery: job.delivery ?? "at_least_once",
    overlapPolicy: job.overlap ?? DEFAULT_OVERLAP[job.type],
    misfirePolicy: job.misfire?.policy ?? "latest",
    misfireGraceMs: job.misfire?.grace ?? graceOf(job.type, times, now, defaults.misfireGraceMs),
    misfireWindowMs: job.misfire?.window ?? defaults.misfireWindowMs,
    misfireLimit: job.misfire?.limit ?? defaults.misfireLimit,
    catchUp: job.catchUp ?? false,
    maxConcurrency: job.maxConcurrency ?? null,
    concurrencyKey: job.concurrency?.key ?? null,
    concurrencyKeyLimit: job.concurrency?.limit ?? null,
    uniqueKey: job.unique?.key ?? null,
    autoPauseAfter:
      job.autoPauseAfter === undefined && scheduled ? defaults.autoPauseAfter : (job.autoPauseAfter ?? null),
    keepLast: job.keepLast ?? defaults.keepLast,
    tags: [...new Set(job.tags ?? [])],
    metadata: job.metadata ?? null,
  };
}

type Times = Pick<
  JobDefinition,
  | "cronExpression"
  | "timezone"
  | "dstGap"
  | "dstOverlap"
  | "intervalMs"
  | "intervalMode"
  | "anchorAt"
  | "runAt"
  | "eventName"
  | "endsAt"
  | "maxRuns"
  | "jitterMs"
>;

const NO_TIMES: Times = {
  cronExpression: null,
  timezone: "UTC",
  dstGap: "shift",
  dstOverlap: "first",
  intervalMs: null,
  intervalMode: "fixed_rate",
  anchorAt: null,
  runAt: null,
  eventName: null,
  endsAt: null,
  maxRuns: null,
  jitterMs: 0,
};

function timesOf(job: Parsed, now: number): Times {
  const jittered = { ...NO_TIMES, jitterMs: job.jitter ?? 0 };
  switch (job.type) {
    case "event":
      return { ...jittered, eventName: job.event };
    case "one_time": {
      const { unique } = job;
      const delay = job.in ?? (unique?.onConflict === "debounce" ? (unique.window ?? 0) : 0);
      return { ...jittered, runAt: job.at ?? now + delay };
    }
    case "cron":
      return { ...jittered, ...zonedTimes(job), cronExpression: expandAlias(job.cron) };
    case "recurring":
      return {
        ...jittered,
        ...zonedTimes(job),
        cronExpression: job.cron === undefined ? null : expandAlias(job.cron),
        intervalMs: job.interval ?? null,
        intervalMode: job.mode ?? "fixed_rate",
        anchorAt: job.startsAt ?? null,
        endsAt: job.endsAt ?? null,
        maxRuns: job.maxRuns ?? null,
      };
  }
}

/** A tick that comes when the next one is nearer than itself is not on time. */
function graceOf(type: JobDefinition["type"], times: Times, now: number, most: number): number {
  const schedule = scheduleOf({ ...times, type });
  if (schedule === null || schedule.kind === "once") return most;
  if (schedule.kind === "interval") return Math.min(most, Math.floor(schedule.everyMs / 2));
  const first = nextTick(schedule, now);
  const second = first === null ? null : nextTick(schedule, first);
  return first === null || second === null ? most : Math.min(most, Math.floor((second - first) / 2));
}

function zonedTimes({
  timezone = "UTC",
  dst: policy = {},
}: Pick<Extract<Parsed, { type: "cron" }>, "timezone" | "dst">) {
  return { timezone, dstGap: policy.gap ?? "shift", dstOverlap: policy.overlap ?? "first" };
}

function handlerOf(handler: ParsedHandler): Pick<JobDefinition, "handlerType" | "handlerName" | "handlerTarget"> {
  if (typeof handler === "string") return { handlerType: "function", handlerName: handler, handlerTarget: null };
  if ("agent" in handler) return { handlerType: "agent", handlerName: handler.agent, handlerTarget: null };
  const { workflow, ...target } = handler;
  return { handlerType: "workflow", handlerName: workflow, handlerTarget: target };
}

/** Times that are counted from now are left as they were given, so that the same input has the same digest tomorrow. */
function digestsOf(parsed: Parsed, definition: JobDefinition): Pick<ParsedJob, "digest" | "scheduleDigest"> {
  const { type, cronExpression, timezone, dstGap, dstOverlap, intervalMs, intervalMode, anchorAt } = definition;
  const { eventName, endsAt, maxRuns, jitterMs } = definition;
  const schedule: JsonValue = {
    type,
    cronExpression,
    timezone,
    dstGap,
    dstOverlap,
    intervalMs,
    intervalMode,
    anchorAt,
    eventName,
    endsAt,
    maxRuns,
    jitterMs,
    runAt: parsed.type === "one_time" ? (parsed.at ?? null) : null,
    in: parsed.type === "one_time" ? (parsed.in ?? null) : null,
  };
  return { digest: digestOf({ ...definition, ...schedule }), scheduleDigest: digestOf(schedule) };
}

function digestOf(value: JsonValue): string {
  return hash("sha256", JSON.stringify(value), "hex");
}
