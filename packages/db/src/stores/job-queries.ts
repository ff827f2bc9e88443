/** The queries of jobs; the hot ones are compiled once. */
import { sql } from "kysely";
import { prepareInsert, prepareQuery, prepareUpdate } from "../compiled-query.ts";
import type { QueryExecutor } from "../database.ts";
import type { JobId, PlatformId } from "../ids.ts";
import type { JobStatus, JobType } from "../job-statuses.ts";
import { idEndsWith } from "./id-ending.ts";
import { jobMapping } from "./job.ts";
import { contains } from "./text-search.ts";

export interface JobFilter {
  platformId?: PlatformId;
  statuses?: readonly JobStatus[];
  types?: readonly JobType[];
  handlerName?: string;
  /** Jobs that have all of these tags. */
  tags?: readonly string[];
  /** A piece of the name. */
  text?: string;
  /** A piece of the name, the id or the payload. */
  search?: string;
  /** A piece of the payload, as JSON has it. */
  payloadText?: string;
  /** Only those whose id ends so: hexadecimal digits and dashes. */
  idEnding?: string;
  /** Jobs whose next tick comes before this time. */
  nextRunBefore?: number;
  createdFrom?: number;
  createdBefore?: number;
  /** Jobs that were made before this one: the last id of the page before. */
  before?: JobId;
  /** Default 100. */
  limit?: number;
}

/** What a job has that has only been made. */
export const FRESH = {
  version: 1,
  pauseNote: null,
  pausedAt: null,
  runCount: 0,
  executionCount: 0,
  successCount: 0,
  failureCount: 0,
  consecutiveFailures: 0,
  totalDurationMs: 0,
  lastRun: null,
} as const;

export const newJobs = jobMapping.newRows(FRESH);

export const insert = prepareInsert(newJobs.columns, (queries, columns) =>
  // Together they are all columns.
  queries.insertInto("scheduled_jobs").values({ ...columns, ...newJobs.common } as never),
);

export const byId = prepareQuery<{ id: JobId }>()((queries, argument) =>
  queries.selectFrom("scheduled_jobs").selectAll().where("id", "=", argument("id")),
);

/** @param ids a list, as JSON */
export const byIds = prepareQuery<{ ids: string }>()((queries, argument) =>
  queries
    .selectFrom("scheduled_jobs")
    .selectAll()
    .where("id", "in", sql<JobId>`(select value from json_each(${argument("ids")}))`),
);

export const due = prepareQuery<{ now: number; limit: number }>()((queries, argument) =>
  queries
    .selectFrom("scheduled_jobs")
    .select("id")
    .where("next_run", "<=", argument("now"))
    .orderBy("next_run")
    .limit(argument("limit")),
);

export const earliest = prepareQuery<object>()((queries) =>
  queries
    .selectFrom("scheduled_jobs")
    .select("next_run")
    .where("next_run", "is not", null)
    .orderBy("next_run")
    .limit(1),
);

export const changeFromStatus = prepareUpdate<{ jobId: JobId; fromStatus: JobStatus }>()((queries, columns, argument) =>
  queries
    .updateTable("scheduled_jobs")
    .set(columns)
    .where("id", "=", argument("jobId"))
    .where("status", "=", argument("fromStatus")),
);

export const advanceFrom = prepareUpdate<{ jobId: JobId; fromNextRun: number }>()((queries, columns, argument) =>
  queries
    .updateTable("scheduled_jobs")
    .set(columns)
    .where("id", "=", argument("jobId"))
    .where("next_run", "=", argument("fromNextRun")),
);

interface OutcomeArguments {
  id: JobId;
  successes: number;
  failures: number;
  durationMs: number;
  startedAt: number;
  endStatus: JobStatus | null;
  version: number;
  now: number;
}

export const addOutcome = prepareQuery<OutcomeArguments>()((queries, argument) => {
  const ends = sql`${argument("endStatus")} is not null and version = ${argument("version")} and status in ('pending', 'active')`;
  return queries
    .updateTable("scheduled_jobs")
    .set({
      execution_count: sql`execution_count + 1`,
      success_count: sql`success_count + ${argument("successes")}`,
      failure_count: sql`failure_count + ${argument("failures")}`,
      consecutive_failures: sql`case when ${argument("successes")} > 0 then 0 else consecutive_failures + ${argument("failures")} end`,
      total_duration_ms: sql`total_duration_ms + ${argument("durationMs")}`,
      last_run: sql`case when last_run > ${argument("startedAt")} then last_run else ${argument("startedAt")} end`,
      next_run: sql`case when ${ends} then null else next_run end`,
      status: sql`case when ${ends} then ${argument("endStatus")} else status end`,
      finished_at: sql`case when ${ends} then ${argument("now")} else finished_at end`,
      updated_at: argument("now"),
    })
    .where("id", "=", argument("id"))
    .returning([
      "version",
      "status",
      "pause_note as pauseNote",
      "paused_at as pausedAt",
      "run_count as runCount",
      "execution_count as executionCount",
      "success_count as successCount",
      "failure_count as failureCount",
      "consecutive_failures as consecutiveFailures",
      "total_duration_ms as totalDurationMs",
      "next_run as nextRun",
      "last_run as lastRun",
      "updated_at as updatedAt",
      "finished_at as finishedAt",
    ]);
});

/** Jobs whose next tick should have been taken long ago. Only an open job has a next tick. */
export function overdue(executor: QueryExecutor, before: number, limit: number) {
  return executor
    .selectFrom("scheduled_jobs")
    .selectAll()
    .where("next_run", "<", before)
    .orderBy("next_run")
    .limit(limit);
}

/** Open jobs that go on for ever and have no next tick. */
export function unscheduled(executor: QueryExecutor, limit: number) {
  return (
    executor
      .selectFrom("scheduled_jobs")
      .selectAll()
      // As literals, so that SQLite sees that the partial index fits.
      .where(
        sql<boolean>`next_run is null and status in ('pending', 'active') and type = 'cron' and max_runs is null and ends_at is null`,
      )
      .orderBy("id")
      .limit(limit)
  );
}

/** Jobs, newest first. */
export function filtered(executor: QueryExecutor, filter: JobFilter) {
  let query = executor.selectFrom("scheduled_jobs").selectAll();
  // Tags carry their job's platform; asking for it twice would lead SQLite away from them.
  if (filter.platformId && !filter.tags?.length) query = query.where("platform_id", "=", filter.platformId);
  if (filter.statuses) query = query.where("status", "in", filter.statuses);
  if (filter.types) query = query.where("type", "in", filter.types);
  if (filter.handlerName !== undefined) query = query.where("handler_name", "=", filter.handlerName);
  for (const tag of filter.tags ?? []) {
    query = query.where("id", "in", (inner) => {
      const tagged = inner.selectFrom("job_tags").select("job_id").where("tag", "=", tag);
      return filter.platformId ? tagged.where("platform_id", "=", filter.platformId) : tagged;
    });
  }
  if (filter.text) query = query.where(contains(["name"], filter.text));
  if (filter.search) query = query.where(contains(["name", "id", { json: "payload" }], filter.search));
  if (filter.payloadText) query = query.where(contains([{ json: "payload" }], filter.payloadText));
  if (filter.idEnding !== undefined) query = query.where(idEndsWith(filter.idEnding));
  if (filter.nextRunBefore !== undefined) query = query.where("next_run", "<", filter.nextRunBefore);
  if (filter.createdFrom !== undefined) query = query.where("created_at", ">=", filter.createdFrom);
  if (filter.createdBefore !== undefined) query = query.where("created_at", "<", filter.createdBefore);
  if (filter.before) query = query.where("id", "<", filter.before);
  return query.orderBy("id", "desc").limit(filter.limit ?? 100);
}
