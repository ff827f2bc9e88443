/** How much there is of what on a platform, counted in indexes that hold only what is open or what is in a span of time. */
import { sql } from "kysely";
import type { Database, Transaction } from "../database.ts";
import type { PlatformId } from "../ids.ts";
import { onlyRow } from "../only-row.ts";
import type { WorkflowStatus } from "../statuses.ts";

export class CountStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Workflows by status, and how many need attention. A status that none has is not named. */
  async workflows(
    platformId: PlatformId,
    tx?: Transaction,
  ): Promise<{ status: WorkflowStatus; count: number; withError: number }[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("workflows")
          .where("platform_id", "=", platformId)
          .groupBy("status")
          .orderBy("status")
          .select(["status", sql<number>`count(*)`.as("count"), sql<number>`count(error)`.as("withError")])
          .execute(),
      tx,
    );
    return rows.map(({ status, count, withError }) => ({
      status,
      count: Number(count),
      withError: Number(withError),
    }));
  }

  /** Notifications that are open. */
  openNotifications(platformId: PlatformId, tx?: Transaction): Promise<number> {
    return this.count(
      sql<{ count: number }>`
        select count(*) as count from notifications where resolved_at is null and (
          exists (select 1 from workflows where workflows.id = notifications.workflow_id and platform_id = ${platformId})
          or exists (select 1 from scheduled_jobs
            where scheduled_jobs.id = notifications.job_id and platform_id = ${platformId}))`,
      tx,
    );
  }

  /** Events that wait for a consumer. */
  pendingEvents(platformId: PlatformId, tx?: Transaction): Promise<number> {
    return this.count(
      sql<{ count: number }>`
        select count(*) as count from events where status = 'pending' and workflow_id in (
          select workflows.id from workflows where platform_id = ${platformId})`,
      tx,
    );
  }

  /** Executions of jobs that ended in [from, until), in Unix milliseconds. Those that never ran are not counted. */
  endedExecutions(platformId: PlatformId, from: number, until: number, tx?: Transaction): Promise<number> {
    return this.count(
      sql<{ count: number }>`
        select count(*) as count from job_executions
        where completed_at >= ${from} and completed_at < ${until} and +platform_id = ${platformId} and attempt > 0`,
      tx,
    );
  }

  private async count(query: ReturnType<typeof sql<{ count: number }>>, tx?: Transaction): Promise<number> {
    const { rows } = await this.database.read((executor) => query.execute(executor), tx);
    return Number(onlyRow(rows).count);
  }
}
