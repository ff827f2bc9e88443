/** What runs next on a platform, read in the order of the indexes of what is due. Times are Unix milliseconds. */
import { sql, type SqlBool } from "kysely";
import type { Database, Transaction } from "../database.ts";
import type { PlatformId, WorkflowId } from "../ids.ts";
import type { DstGap, DstOverlap } from "../job-statuses.ts";
import type { HandlerType, ScheduleType } from "../statuses.ts";
import { jobMapping, type Job } from "./job.ts";

/** Up to when to look, and at how many. */
export interface UpcomingBounds {
  until: number;
  limit: number;
}

/** A handler that runs at a time. */
export interface UpcomingHandler {
  workflowId: WorkflowId;
  workflow: string;
  handler: string;
  at: number;
}

export interface UpcomingProducer extends UpcomingHandler {
  scheduleType: ScheduleType;
  /** A duration such as `5m`, or a cron expression. */
  scheduleValue: string;
  timezone: string;
  dstGap: DstGap;
  dstOverlap: DstOverlap;
}

export interface UpcomingRetry extends UpcomingHandler {
  handlerType: HandlerType;
}

/**
 * Only workflows of the platform that may run. The sign hides the platform from the search for an index: what is due is
 * walked in its order.
 */
const mayRun = (platformId: PlatformId) =>
  sql<SqlBool>`+workflow.platform_id = ${platformId} and workflow.status = 'active' and workflow.error is null`;

const OF_WORKFLOW = ["workflow.id as workflowId", "workflow.name as workflow"] as const;

export class UpcomingStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Producers whose schedule is due, soonest first; only those of workflows that may run. */
  async listProducers(
    platformId: PlatformId,
    { until, limit }: UpcomingBounds,
    tx?: Transaction,
  ): Promise<UpcomingProducer[]> {
    return this.database.read(
      (executor) =>
        executor
          .selectFrom("producer_schedules as schedule")
          .innerJoin("workflows as workflow", "workflow.id", "schedule.workflow_id")
          .where("schedule.next_run_at", "<", until)
          .where(mayRun(platformId))
          .select([
            ...OF_WORKFLOW,
            "schedule.producer_name as handler",
            "schedule.next_run_at as at",
            "schedule.schedule_type as scheduleType",
            "schedule.schedule_value as scheduleValue",
            "schedule.timezone as timezone",
            "schedule.dst_gap as dstGap",
            "schedule.dst_overlap as dstOverlap",
          ])
          .orderBy("schedule.next_run_at")
          .limit(limit)
          .execute(),
      tx,
    );
  }

  /** Consumers that asked to be woken, soonest first; only those of workflows that may run. */
  async listWakes(
    platformId: PlatformId,
    { until, limit }: UpcomingBounds,
    tx?: Transaction,
  ): Promise<UpcomingHandler[]> {
    return this.database.read(
      (executor) =>
        executor
          .selectFrom("handler_state as state")
          .innerJoin("workflows as workflow", "workflow.id", "state.workflow_id")
          // Said so, for the index holds only those.
          .where("state.wake_at", ">", 0)
          .where("state.wake_at", "<", until)
          .where(mayRun(platformId))
          .select([...OF_WORKFLOW, "state.handler_name as handler", "state.wake_at as at"])
          .orderBy("state.wake_at")
          .limit(limit)
          .execute(),
      tx,
    );
  }

  /** Failed runs that are tried again, soonest first; only those of workflows that may run. */
  async listRetries(
    platformId: PlatformId,
    { until, limit }: UpcomingBounds,
    tx?: Transaction,
  ): Promise<UpcomingRetry[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("workflows as workflow")
          .innerJoin("handler_runs as run", "run.id", "workflow.pending_retry_run_id")
          .where("workflow.retry_at", "<", until)
          .where(mayRun(platformId))
          .select([
            ...OF_WORKFLOW,
            "run.handler_name as handler",
            "run.handler_type as handlerType",
            "workflow.retry_at as at",
          ])
          .orderBy("workflow.retry_at")
          .limit(limit)
          .execute(),
      tx,
    );
    // The condition leaves out those without a time.
    return rows.map((row) => ({ ...row, at: Number(row.at) }));
  }

  /** Jobs whose next tick comes, soonest first. */
  async listJobs(platformId: PlatformId, { until, limit }: UpcomingBounds, tx?: Transaction): Promise<Job[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("scheduled_jobs")
          .selectAll()
          .where("platform_id", "=", platformId)
          .where("next_run", "<", until)
          .orderBy("next_run")
          .limit(limit)
          .execute(),
      tx,
    );
    return rows.map(jobMapping.fromListedRow);
  }
}
