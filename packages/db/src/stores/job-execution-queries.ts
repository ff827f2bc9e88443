/** The hot queries of executions, each compiled once. */
import { sql } from "kysely";
import { prepareQuery, prepareUpdate } from "../compiled-query.ts";
import type { JobExecutionId, JobId } from "../ids.ts";
import type { JobExecutionLogTable, JobExecutionTable } from "../job-schema.ts";
import type { ExecutionStatus } from "../job-statuses.ts";
import { executionMapping } from "./job-execution.ts";

/** Inserts a row, or nothing where the tick (or the event) has its record already. */
export const insert = prepareQuery<JobExecutionTable>()((queries, argument) =>
  queries
    .insertInto("job_executions")
    // Each column takes the argument of its own name.
    .values(Object.fromEntries(executionMapping.columns.map((column) => [column, argument(column)])) as never)
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
  id: JobExecutionId;
  workerId: string;
  leaseExpiresAt: number;
  now: number;
}

export const claim = prepareQuery<ClaimArguments>()((queries, argument) =>
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
    .where("id", "=", argument("id"))
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
