/**
 * A job as the form holds it: each field as it is typed, so that what is unfinished can stand there. Times are as a
 * `datetime-local` field has them, in the browser's time zone; durations are words such as "5m".
 */
import { toLocalField } from "../../../format/times.ts";
import type { Job } from "../../../services/jobs.ts";
import { durationText } from "./duration-text.ts";

export interface JobDraft {
  type: Job["type"];
  name: string;
  description: string;
  key: string;
  /** As `handler-options.ts` writes it; "" while none is chosen. */
  handler: string;
  payload: string;
  tags: string[];
  cron: string;
  timezone: string;
  gap: string;
  repeated: string;
  /** Whether a recurring job goes by an interval or an expression. */
  recurs: "interval" | "cron";
  interval: string;
  mode: string;
  startsAt: string;
  endsAt: string;
  maxRuns: string;
  /** When a job that runs once does. */
  when: "now" | "in" | "at";
  at: string;
  in: string;
  event: string;
  maxRetries: string;
  retryDelay: string;
  timeout: string;
  priority: string;
  delivery: string;
  overlap: string;
  misfirePolicy: string;
  misfireGrace: string;
  misfireWindow: string;
  misfireLimit: string;
  catchUp: boolean;
  maxConcurrency: string;
  concurrencyKey: string;
  concurrencyLimit: string;
  autoPauseAfter: string;
  keepLast: string;
  jitter: string;
  metadata: string;
}

/** A new job; what is left empty is as the host has it by default. */
export function emptyDraft(timezone: string): JobDraft {
  return {
    type: "cron",
    name: "",
    description: "",
    key: "",
    handler: "",
    payload: "",
    tags: [],
    cron: "0 9 * * 1-5",
    timezone,
    gap: "shift",
    repeated: "first",
    recurs: "interval",
    interval: "5m",
    mode: "fixed_rate",
    startsAt: "",
    endsAt: "",
    maxRuns: "",
    when: "at",
    at: "",
    in: "10m",
    event: "",
    maxRetries: "",
    retryDelay: "",
    timeout: "",
    priority: "",
    delivery: "at_least_once",
    overlap: "",
    misfirePolicy: "latest",
    misfireGrace: "",
    misfireWindow: "",
    misfireLimit: "",
    catchUp: false,
    maxConcurrency: "",
    concurrencyKey: "",
    concurrencyLimit: "",
    autoPauseAfter: "",
    keepLast: "",
    jitter: "",
    metadata: "",
  };
}

/** A job that is there, as the form shows it. */
export function draftOf(job: Job): JobDraft {
  return {
    ...emptyDraft(job.timezone),
    ...scheduleOf(job),
    type: job.type,
    name: job.name,
    description: job.description ?? "",
    key: job.key ?? "",
    handler: handlerOf(job),
    payload: jsonText(job.payload),
    tags: job.tags,
    maxRetries: String(job.maxRetries),
    retryDelay: durationText(job.retryDelayMs),
    timeout: durationText(job.timeoutMs),
    priority: String(job.priority),
    delivery: job.delivery,
    overlap: job.overlapPolicy,
    misfirePolicy: job.misfirePolicy,
    misfireGrace: durationText(job.misfireGraceMs),
    misfireWindow: durationText(job.misfireWindowMs),
    misfireLimit: String(job.misfireLimit),
    catchUp: job.catchUp,
    maxConcurrency: numberText(job.maxConcurrency),
    concurrencyKey: job.concurrencyKey ?? "",
    concurrencyLimit: numberText(job.concurrencyKeyLimit),
    autoPauseAfter: numberText(job.autoPauseAfter),
    keepLast: String(job.keepLast),
    jitter: durationText(job.jitterMs),
    metadata: jsonText(job.metadata),
  };
}

function scheduleOf(job: Job): Partial<JobDraft> {
  return {
    ...(job.cronExpression !== null && { cron: job.cronExpression }),
    gap: job.dstGap,
    repeated: job.dstOverlap,
    recurs: job.intervalMs === null ? "cron" : "interval",
    ...(job.intervalMs !== null && { interval: durationText(job.intervalMs) }),
    mode: job.intervalMode,
    startsAt: timeText(job.anchorAt),
    endsAt: timeText(job.endsAt),
    maxRuns: numberText(job.maxRuns),
    when: "at",
    at: timeText(job.runAt),
    event: job.eventName ?? "",
  };
}

function handlerOf({ handlerType, handlerName, handlerTarget }: Job): string {
  switch (handlerType) {
    case "function":
      return JSON.stringify(handlerName);
    case "agent":
      return JSON.stringify({ agent: handlerName });
    case "workflow":
      return JSON.stringify({ workflow: handlerName, ...(typeof handlerTarget === "object" ? handlerTarget : {}) });
  }
}

const jsonText = (value: unknown) => (value === null || value === undefined ? "" : JSON.stringify(value, null, 2));
const numberText = (value: number | null) => (value === null ? "" : String(value));
const timeText = (at: number | null) => (at === null ? "" : toLocalField(at));
