/** How jobs and executions are shown, and how lists of them are asked for. */
import {
  EXECUTION_STATUSES,
  JOB_STATUSES,
  JOB_TYPES,
  LOG_LEVELS,
  type HistoryCursor,
  type HistoryFilter,
  type Job as StoredJob,
  type JobDefinition,
  type JobExecution as StoredExecution,
  type JobExecutionId,
  type JobId,
  type LogFilter,
  type StoredJobFilter,
} from "@millrace/db";
import { z } from "zod";
import { scheduleOf } from "../execution/job-ticks.ts";
import { InvalidJobError } from "../job-errors.ts";
import { describeSchedule } from "../schedule/describe-schedule.ts";
import { describeDuration } from "../schedule/duration.ts";
import { readInput } from "./job-input.ts";
import type { Job, JobExecution, Page } from "./scheduler-port.ts";

export function toJob({ digest: _digest, totalDurationMs, ...job }: StoredJob): Job {
  const averageDurationMs = job.executionCount === 0 ? null : totalDurationMs / job.executionCount;
  return { ...job, averageDurationMs, schedule: describeJob(job) };
}

export function toExecution(execution: StoredExecution): JobExecution {
  const { rank: _rank, occurrence: _occurrence, unsettled: _unsettled, ...shown } = execution;
  return shown;
}

/** A job's schedule in words. */
export function describeJob(job: JobDefinition): string {
  const schedule = scheduleOf(job);
  if (schedule === null) return `whenever "${job.eventName ?? ""}" happens`;
  const text =
    job.intervalMode === "fixed_delay" && job.intervalMs !== null
      ? `${describeDuration(job.intervalMs)} after the end of the one before`
      : describeSchedule(schedule);
  const count = job.maxRuns === null ? "" : `, ${job.maxRuns} times`;
  const end = job.endsAt === null ? "" : `, until ${new Date(job.endsAt).toISOString()}`;
  return `${text}${count}${end}`;
}

/**
 * A part of a list.
 * @param items one more than the page has, where there are more: so an end is known to be one
 */
export function pageOf<Item, Shown>(
  items: readonly Item[],
  limit: number,
  show: (item: Item) => Shown,
  cursorAfter: (last: Item) => string,
): Page<Shown> {
  const page = items.slice(0, limit);
  const last = page.at(-1);
  return { items: page.map(show), nextCursor: last && items.length > limit ? cursorAfter(last) : null };
}

const FOREIGN_CURSOR = "cursor: is none of this list";
const ID = /^[0-9a-f-]{36}$/;

const pageFields = {
  cursor: z.string().min(1).optional(),
  limit: z.int().min(1).max(1_000).default(100),
};
const list = <const Words extends readonly [string, ...string[]]>(words: Words) => z.array(z.enum(words)).optional();
const time = z.number().min(0).optional();

const pageOptions = z.strictObject({ ...pageFields, jobId: z.string().optional() });
const decisionOptions = z.strictObject({ limit: pageFields.limit });
const searched = z.string().max(200).optional();
const jobFilter = z.strictObject({
  ...pageFields,
  statuses: list(JOB_STATUSES),
  types: list(JOB_TYPES),
  handler: z.string().optional(),
  tags: z.array(z.string()).max(20).optional(),
  text: searched,
  search: searched,
  payloadText: searched,
  idEnding: z
    .string()
    .regex(/^[0-9a-f-]{1,36}$/, "is no ending of an id")
    .optional(),
  nextRunBefore: time,
  createdFrom: time,
  createdBefore: time,
});
const historyOptions = z.strictObject({ ...pageFields, statuses: list(EXECUTION_STATUSES), from: time, until: time });
const logOptions = z.strictObject({
  levels: list(LOG_LEVELS),
  afterSeq: z.int().min(0).optional(),
  limit: z.int().min(1).max(10_000).default(1_000),
});

/** The same without the fields that are undefined. */
type Present<Fields> = {
  [Field in keyof Fields as undefined extends Fields[Field] ? never : Field]: Fields[Field];
} & {
  [Field in keyof Fields as undefined extends Fields[Field] ? Field : never]?: Exclude<Fields[Field], undefined>;
};

function present<Fields extends object>(fields: Fields): Present<Fields> {
  // What is left is what the type says.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<Fields>;
}

/** @throws InvalidJobError */
export function readJobFilter(options: unknown): StoredJobFilter & { limit: number } {
  const { cursor, handler, ...filter } = readInput(jobFilter, options, "The filter");
  if (cursor !== undefined && !ID.test(cursor)) throw new InvalidJobError("The filter", [FOREIGN_CURSOR]);
  // A cursor that looks like an id and names no job does no harm.
  return { ...present(filter), ...present({ before: cursor as JobId | undefined, handlerName: handler }) };
}

/** @throws InvalidJobError */
export function readHistoryOptions(options: unknown): HistoryFilter & { limit: number } {
  const { cursor, ...filter } = readInput(historyOptions, options, "An option");
  return { ...present(filter), ...readCursor(cursor) };
}

/** @throws InvalidJobError */
export function readLogOptions(options: unknown): LogFilter {
  return present(readInput(logOptions, options, "An option"));
}

/** @throws InvalidJobError */
export function readPageOptions(options: unknown): { limit: number; after?: HistoryCursor; jobId: string | null } {
  const { cursor, limit, jobId = null } = readInput(pageOptions, options, "An option");
  return { limit, jobId, ...readCursor(cursor) };
}

/** @throws InvalidJobError */
export function readDecisionOptions(options: unknown): { limit: number } {
  return readInput(decisionOptions, options, "The options");
}

/** A cursor of executions: a time and an id. */
export function cursorOf(at: number | null, id: JobExecutionId): string {
  return `${at ?? 0}.${id}`;
}

function readCursor(cursor: string | undefined): { after?: HistoryCursor } {
  if (cursor === undefined) return {};
  const [, at, id] = /^(\d{1,16})\.([0-9a-f-]{36})$/.exec(cursor) ?? [];
  if (at === undefined || id === undefined) throw new InvalidJobError("An option", [FOREIGN_CURSOR]);
  // The pattern has made sure that it looks like an id; one that is none does no harm.
  return { after: { at: Number(at), id: id as JobExecutionId } };
}
