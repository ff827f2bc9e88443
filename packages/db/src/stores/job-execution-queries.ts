/** The hot queries of executions, each compiled once. */
import { sql } from "kysely";
import { prepareInsert, prepareQuery, prepareUpdate } from "../compiled-query.ts";
import type { JobExecutionId, JobId } from "../ids.ts";
import type { JobExecutionLogTable } from "../job-schema.ts";
import type { ExecutionStatus } from "../job-statuses.ts";
import { executionMapping } from "./job-execution.ts";

/** What an execution has that has only been made. */
export const FRESH = {
  attempt: 0,
  retryCount: 0,
  nextRetryAt: null,
  workerId: null,
  leaseToken: 0,
  leaseExpiresAt: null,
  unsettled: false,
  startedAt: null,
  durationMs: null,
  result: null,
  error: null,
  errorType: null,
  errorStack: null,
  cancelRequestedAt: null,
  spanId: null,
  redrivenBy: null,
} as const;

export const newExecutions = executionMapping.newRows(FRESH);

/** Inserts a row, or nothing where the tick (or the event) has its record already. */
export const insert = prepareInsert(newExecutions.columns, (queries, columns) =>
  queries
    .insertInto("job_executions")
    // Together they are all columns.
    .values({ ...columns, ...newExecutions.common } as never)
    .onConflict((conflict) => conflict.doNothing()),
);

export const byId = prepareQuery<{ id: JobExecutionId }>()((queries, argument) =>
  queries.selectFrom("job_executions").selectAll().where("id", "=", argument("id")),
);

export const ready = prepareQuery<{ limit: number }>()((queries, argument) =>
  queries
    .selectFrom("job_executions")
    .select(["id", "job_id", "concurrency_key"])
    // As literals, so that SQLite sees that the partial index fits.
    .where(sql<boolean>`status = 'pending' and waits_for is null`)
    .orderBy("rank")
    .orderBy("id")
    .limit(argument("limit")),
);

export interface ClaimArguments {
  workerId: string;
  leaseExpiresAt: number;
  now: number;
}

/** @param ids a list, as JSON */
export const claim = prepareQuery<ClaimArguments & { ids: string }>()((queries, argument) =>
  queries
    .updateTable("job_executions")
    .set({
      status: "running",
      worker_id: argument("workerId"),
      lease_token: sql`lease_token + 1`,
      lease_expires_at: argument("leaseExpiresAt"),
      unsettled: 0,
      attempt: sql`attempt + 1`,
      started_at: argument("now"),
      next_retry_at: null,
      updated_at: argument("now"),
    })
    .where("id", "in", sql<JobExecutionId>`(select value from json_each(${argument("ids")}))`)
    .where("status", "=", "pending")
    .where("waits_for", "is", null)
    .returningAll(),
);

/** Guards every write of an executor: a token that is not the last one belongs to somebody who has lost his claim. */
export const changeClaimed = prepareUpdate<{ executionId: JobExecutionId; leaseToken: number }>()(
  (queries, columns, argument) =>
    queries
      .updateTable("job_executions")
      .set(columns)
      .where("id", "=", argument("executionId"))
      .where("lease_token", "=", argument("leaseToken"))
      .where("status", "=", "running"),
);

export const changeFromStatus = prepareUpdate<{ executionId: JobExecutionId; fromStatus: ExecutionStatus }>()(
  (queries, columns, argument) =>
    queries
      .updateTable("job_executions")
      .set(columns)
      .where("id", "=", argument("executionId"))
      .where("status", "=", argument("fromStatus")),
);

export const renew = prepareQuery<{ id: JobExecutionId; leaseToken: number; leaseExpiresAt: number }>()(
  (queries, argument) =>
    queries
      .updateTable("job_executions")
      .set({ lease_expires_at: argument("leaseExpiresAt") })
      .where("id", "=", argument("id"))
      .where("lease_token", "=", argument("leaseToken"))
      .where("status", "=", "running")
      .returning("cancel_requested_at"),
);

export const park = prepareQuery<{ id: JobExecutionId; waitsFor: string; now: number }>()((queries, argument) =>
  queries
    .updateTable("job_executions")
    .set({ waits_for: argument("waitsFor"), updated_at: argument("now") })
    .where("id", "=", argument("id"))
    .where("status", "=", "pending"),
);

/** Those who wait for something are let go in the order of their rank. */
export const unpark = prepareQuery<{ waitsFor: string; limit: number }>()((queries, argument) =>
  queries
    .updateTable("job_executions")
    .set({ waits_for: null })
    .where("id", "in", (inner) =>
      inner
        .selectFrom("job_executions")
        .select("id")
        .where(sql<boolean>`status = 'pending' and waits_for is not null`)
        .where("waits_for", "=", argument("waitsFor"))
        .orderBy("rank")
        .orderBy("id")
        .limit(argument("limit")),
    ),
);

export const releaseDue = prepareQuery<{ now: number }>()((queries, argument) =>
  queries
    .updateTable("job_executions")
    .set({ waits_for: null })
    .where(sql<boolean>`status = 'pending' and waits_for = 'time'`)
    .where("due_at", "<=", argument("now")),
);

export const earliestDue = prepareQuery<object>()((queries) =>
  queries
    .selectFrom("job_executions")
    .select("due_at")
    .where(sql<boolean>`status = 'pending' and waits_for = 'time'`)
    .orderBy("due_at")
    .limit(1),
);

/** As literals, the first of them that of the index, so that SQLite sees that it fits. */
export const isPending = sql<boolean>`status <> 'success' and status = 'pending'`;

/** As literals, the first of them that of the index, so that SQLite sees that it fits. */
const isOpen = sql<boolean>`status <> 'success' and status in ('pending', 'running')`;

/** Of a job, those that are not over. */
export const openOfJob = prepareQuery<{ jobId: JobId }>()((queries, argument) =>
  queries.selectFrom("job_executions").select(["id", "status"]).where("job_id", "=", argument("jobId")).where(isOpen),
);

export const firstOpenOfJob = prepareQuery<{ jobId: JobId }>()((queries, argument) =>
  queries.selectFrom("job_executions").select("id").where("job_id", "=", argument("jobId")).where(isOpen).limit(1),
);

export const tick = prepareQuery<{ jobId: JobId; scheduledAt: number }>()((queries, argument) =>
  queries
    .selectFrom("job_executions")
    .select("id")
    .where("job_id", "=", argument("jobId"))
    .where("scheduled_at", "=", argument("scheduledAt"))
    .where("occurrence", "=", ""),
);

export const insertLog = prepareQuery<Omit<JobExecutionLogTable, "seq">>()((queries, argument) =>
  queries.insertInto("job_execution_logs").values((expression) => ({
    execution_id: argument("execution_id"),
    seq: expression
      .selectFrom("job_execution_logs")
      .where("execution_id", "=", argument("execution_id"))
      .select(sql<number>`coalesce(max(seq), 0) + 1`.as("next")),
    attempt: argument("attempt"),
    timestamp: argument("timestamp"),
    level: argument("level"),
    message: argument("message"),
    data: argument("data"),
  })),
);
