/** What users may write to schedule a job. */
import {
  DST_GAPS,
  DST_OVERLAPS,
  INTERVAL_MODES,
  MISFIRE_POLICIES,
  NotSerialisableError,
  OVERLAP_POLICIES,
  encodeJson,
  type JsonValue,
} from "@millrace/db";
import { z } from "zod";
import { parseDuration } from "../schedule/duration.ts";

/** A hundred years: whatever is longer is a mistake, and would lead to times that no calendar has. */
const LONGEST_MS = 36_525 * 24 * 3_600_000;
/** The last day of the year 9999, where cron expressions end too. */
const LATEST = Date.UTC(9999, 11, 31);

/** Milliseconds, or a text such as "30s", "5m" or "1h30m". */
const duration = z
  .union([z.int().min(0), z.string()], { error: 'is not a duration such as 500, "30s", "5m" or "1h"' })
  .transform((value, context) => {
    const milliseconds = typeof value === "number" ? value : parseDuration(value);
    if (milliseconds !== null && milliseconds <= LONGEST_MS) return milliseconds;
    const message =
      milliseconds === null
        ? `"${value}" is not a duration such as "30s", "5m" or "1h"`
        : "must not be longer than 100 years";
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

const NO_TIME = "is not a time such as 2026-01-31T09:00:00Z or 2026-01-31T10:00:00+01:00";

/** Without a zone a time means another instant on each machine. */
function timeFault({ input }: { input?: unknown }): string {
  if (typeof input !== "string" || !z.iso.datetime({ local: true }).safeParse(input).success) return NO_TIME;
  return `"${input}" needs a time zone: end it with Z for UTC, or with an offset such as +01:00`;
}

/** A `Date`, Unix milliseconds, or ISO 8601 with a zone. */
export const instant = z
  .union([z.date(), z.int().min(0), z.iso.datetime({ offset: true, error: timeFault })], { error: timeFault })
  .transform((value) => (typeof value === "number" ? value : new Date(value).getTime()))
  .refine((value) => value >= 0 && value <= LATEST, { error: "must be a time from 1970 to 9999" });

/** What JSON can say, made independent of what the caller does with it later. */
const json = z.custom<JsonValue>().transform((value, context): JsonValue => {
  try {
    // encodeJson accepts JSON values only.
    return JSON.parse(encodeJson(value, "it")) as JsonValue;
  } catch (error) {
    if (!(error instanceof NotSerialisableError)) throw error;
    context.addIssue({ code: "custom", message: error.message });
    return z.NEVER;
  }
});

const name = z.string().min(1).max(200);
/** What identifies may be made of several names. */
const identity = z.string().min(1).max(2_000);

const handlerReference = z.union(
  [
    identity,
    z.strictObject({ workflow: name, producer: name }),
    z.strictObject({ workflow: name, topic: name }),
    z.strictObject({ agent: name }),
  ],
  { error: "must be a handler's name, { workflow, producer }, { workflow, topic } or { agent }" },
);

const dst = z.strictObject({
  /** A local time that does not exist: at the end of the gap, or not on that day. Default `shift`. */
  gap: z.enum(DST_GAPS).optional(),
  /** A local time that occurs twice. Default `first`. */
  overlap: z.enum(DST_OVERLAPS).optional(),
});

const common = {
  /** Edits the job of this id. */
  id: z.string().optional(),
  /** Your own stable name for it: scheduling the same key again edits the job. */
  key: identity.optional(),
  name,
  description: z.string().max(2_000).optional(),
  /** A registered handler's name; `{ workflow, producer }`, `{ workflow, topic }` or `{ agent }`. */
  handler: handlerReference,
  payload: json.optional(),
  maxRetries: z.int().min(0).max(1_000).optional(),
  retryDelay: duration.optional(),
  timeout: duration.optional(),
  /** From -100 to 100; a higher one goes first. Default 0. */
  priority: z.int().min(-100).max(100).optional(),
  /** Whether an attempt may be made again. Default `at_least_once`. */
  delivery: z.enum(["at_least_once", "at_most_once"]).optional(),
  overlap: z.enum(OVERLAP_POLICIES).optional(),
  misfire: z
    .strictObject({
      policy: z.enum(MISFIRE_POLICIES).optional(),
      grace: duration.optional(),
      window: duration.optional(),
      limit: z.int().min(1).optional(),
    })
    .optional(),
  catchUp: z.boolean().optional(),
  /** How many of its executions run at once, with overlap `allow`. */
  maxConcurrency: z.int().min(1).optional(),
  /** Executions of one key share a limit; `{path}` in the key stands for a value of the payload. */
  concurrency: z.strictObject({ key: name, limit: z.int().min(1).default(1) }).optional(),
  unique: z
    .strictObject({
      key: name,
      onConflict: z.enum(["reject", "replace", "throttle", "debounce"]).default("reject"),
      /** For throttle and debounce. */
      window: duration.optional(),
    })
    .refine(({ onConflict, window }) => !(onConflict === "throttle" || onConflict === "debounce") || window, {
      path: ["window"],
      message: "is needed for throttle and debounce",
    })
    .optional(),
  /** After so many failures in a row the job is paused; null for never. */
  autoPauseAfter: z.int().min(1).nullable().optional(),
  keepLast: z.int().min(0).max(100_000).optional(),
  tags: z.array(name).max(100).optional(),
  metadata: z.record(z.string(), json).optional(),
  /** A tick is due up to so much later than its nominal time. */
  jitter: duration.optional(),
  createdBy: z.string().max(200).optional(),
};

const zoned = { timezone: z.string().optional(), dst: dst.optional() };

const once = {
  /** When; without it, and without `in`, at once. */
  at: instant.optional(),
  /** How long from now. */
  in: duration.optional(),
};

const bounds = {
  /** The first tick. Default: now. */
  startsAt: instant.optional(),
  /** No tick comes after this. */
  endsAt: instant.optional(),
  /** How many ticks run. */
  maxRuns: z.int().min(1).optional(),
};

const recurring = {
  interval: duration.optional(),
  /** `fixed_delay` counts from the end of an execution. Default `fixed_rate`. */
  mode: z.enum(INTERVAL_MODES).optional(),
  cron: z.string().optional(),
  ...zoned,
  ...bounds,
};

const oneTimeJob = z.strictObject({ ...common, ...once });
const recurringJob = z.strictObject({ ...common, ...recurring });
/** What a job of each type is for. */
const TYPES =
  "cron (at times of a calendar), recurring (again and again), one_time (once) or event (whenever it happens)";

/** Not everything that a program may hand over can be written as JSON. */
function shown(value: unknown): string {
  if (typeof value === "string" || typeof value === "number") return JSON.stringify(value);
  return value === null ? "null" : `a ${typeof value}`;
}

function typeFault({ code, input }: { code?: string; input?: unknown }): string | undefined {
  if (code !== "invalid_union") return undefined;
  const type: unknown = typeof input === "object" && input !== null && "type" in input ? input.type : undefined;
  return type === undefined ? `is missing: a job is ${TYPES}` : `${shown(type)} is no type of job. It is ${TYPES}`;
}

export const scheduledJob = z.discriminatedUnion(
  "type",
  [
    z.strictObject({ type: z.literal("cron"), ...common, cron: z.string(), ...zoned }),
    z.strictObject({ type: z.literal("one_time"), ...common, ...once }),
    z.strictObject({ type: z.literal("recurring"), ...common, ...recurring }),
    z.strictObject({ type: z.literal("event"), ...common, event: name }),
  ],
  { error: typeFault },
);

/** A job of any type. */
export type ScheduledJobInput = z.input<typeof scheduledJob>;
/** A job that runs once. */
export type OneTimeJobInput = z.input<typeof oneTimeJob>;
/** A job that runs again and again, without end or bounded by a count or a time. */
export type RecurringJobInput = z.input<typeof recurringJob>;

/** What was read of an input. */
export type ParsedInput = z.output<typeof scheduledJob>;
export type ParsedHandler = z.output<typeof handlerReference>;
