/** The decision log: what was decided about each due tick of a job or a producer, and why. */
import { sql, type SqlBool } from "kysely";
import type { Database, Transaction } from "../database.ts";
import { prepareQuery } from "../compiled-query.ts";
import type { JobExecutionId, JobId, RunId, ScheduleDecisionId, WorkflowId } from "../ids.ts";
import type { ScheduleDecisionTable } from "../job-schema.ts";
import type { TickDecision } from "../job-statuses.ts";
import type { PageCursor } from "./paging.ts";

export interface ScheduleDecision {
  id: ScheduleDecisionId;
  /** A job's tick, or … */
  jobId: JobId | null;
  /** … a tick of this workflow's producer. */
  workflowId: WorkflowId | null;
  producerName: string | null;
  /** The nominal time of the tick; of the first where it speaks of several. */
  scheduledAt: number;
  decidedAt: number;
  decision: TickDecision;
  reason: string | null;
  /** Of how many ticks it speaks. */
  count: number;
  executionId: JobExecutionId | null;
  runId: RunId | null;
}

export type NewScheduleDecision = Omit<ScheduleDecision, "id">;

export interface DecisionFilter {
  jobId?: JobId;
  workflowId?: WorkflowId;
  /** Only the ticks of this producer of the workflow. */
  producerName?: string;
  /** Only decisions behind this one: the last of the page before, with its nominal time. */
  before?: PageCursor<ScheduleDecisionId>;
  /** Default 100. */
  limit?: number;
}

const COLUMNS = {
  id: "id",
  jobId: "job_id",
  workflowId: "workflow_id",
  producerName: "producer_name",
  scheduledAt: "scheduled_at",
  decidedAt: "decided_at",
  decision: "decision",
  reason: "reason",
  count: "count",
  executionId: "execution_id",
  runId: "run_id",
} as const satisfies Record<keyof ScheduleDecision, keyof ScheduleDecisionTable>;

const insert = prepareQuery<ScheduleDecision>()((queries, argument) =>
  queries.insertInto("schedule_decisions").values({
    id: argument("id"),
    job_id: argument("jobId"),
    workflow_id: argument("workflowId"),
    producer_name: argument("producerName"),
    scheduled_at: argument("scheduledAt"),
    decided_at: argument("decidedAt"),
    decision: argument("decision"),
    reason: argument("reason"),
    count: argument("count"),
    execution_id: argument("executionId"),
    run_id: argument("runId"),
  }),
);

export class ScheduleDecisionStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async append(decision: NewScheduleDecision, tx?: Transaction): Promise<void> {
    const row = { ...decision, id: this.database.newId<ScheduleDecisionId>() };
    await this.database.write(({ executor }) => insert.run(executor, row), tx);
  }

  /** The decisions about a job's or a workflow's ticks, the latest first. */
  async list(filter: DecisionFilter, tx?: Transaction): Promise<ScheduleDecision[]> {
    const rows = await this.database.read((executor) => {
      let query = executor.selectFrom("schedule_decisions").selectAll();
      if (filter.jobId) query = query.where("job_id", "=", filter.jobId);
      if (filter.workflowId) query = query.where("workflow_id", "=", filter.workflowId);
      if (filter.producerName !== undefined) query = query.where("producer_name", "=", filter.producerName);
      const { before } = filter;
      if (before) query = query.where(sql<SqlBool>`(scheduled_at, id) < (${before.at}, ${before.id})`);
      return query
        .orderBy("scheduled_at", "desc")
        .orderBy("id", "desc")
        .limit(filter.limit ?? 100)
        .execute();
    }, tx);
    return rows.map(
      (row) =>
        // Each field is the column that COLUMNS names, of the same type.
        Object.fromEntries(
          Object.entries(COLUMNS).map(([field, column]) => [field, row[column]]),
        ) as unknown as ScheduleDecision,
    );
  }

  /** When the oldest decision was made; null where there is none. */
  async oldestDecidedAt(tx?: Transaction): Promise<number | null> {
    const row = await this.database.read(
      (executor) =>
        executor
          .selectFrom("schedule_decisions")
          .select("decided_at")
          .orderBy("decided_at")
          .limit(1)
          .executeTakeFirst(),
      tx,
    );
    return row?.decided_at ?? null;
  }

  /** Deletes what was decided before a time, at most `limit` rows; gives how many. */
  async deleteBefore(time: number, limit: number, tx?: Transaction): Promise<number> {
    const result = await this.database.write(
      ({ executor }) =>
        executor
          .deleteFrom("schedule_decisions")
          .where("id", "in", (inner) =>
            inner
              .selectFrom("schedule_decisions")
              .select("id")
              .where("decided_at", "<", time)
              .orderBy("decided_at")
              .limit(limit),
          )
          .executeTakeFirst(),
      tx,
    );
    return Number(result.numDeletedRows);
  }
}
