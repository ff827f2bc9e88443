/** Many rows in few numbers: workflows at a glance, what came of the newest inputs, and what needs a person. */
import { sql, type SqlBool } from "kysely";
import type { Database, Transaction } from "../database.ts";
import type { PlatformId, WorkflowId } from "../ids.ts";
import { onlyRow } from "../only-row.ts";
import type { HandlerRunTable } from "../schema.ts";
import type { MutationStatus, NotificationKind } from "../statuses.ts";
import { chunk } from "./chunk.ts";
import { toListedRun, type HandlerRun } from "./handler-run.ts";

/** How many mutations of an operation have a status. */
export interface OutputCount {
  connector: string;
  operation: string;
  status: MutationStatus;
  mutations: number;
}

/** The mutations of a connector whose outcome is unknown and that nobody has settled. */
export interface Outage {
  connector: string;
  count: number;
  /** When the first and the last of them were sent, in Unix milliseconds. */
  first: number;
  last: number;
}

export class GlanceStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** How many events are pending in each of these workflows; none where there are none. */
  pendingEvents(ids: readonly WorkflowId[], tx?: Transaction): Promise<Map<WorkflowId, number>> {
    return this.counts("events", sql<SqlBool>`status = 'pending'`, ids, tx);
  }

  /** How many notifications of each of these workflows are open; none where there are none. */
  openNotifications(ids: readonly WorkflowId[], tx?: Transaction): Promise<Map<WorkflowId, number>> {
    return this.counts("notifications", sql<SqlBool>`resolved_at is null`, ids, tx);
  }

  /** The run of each of these workflows that started last. */
  async lastRuns(ids: readonly WorkflowId[], tx?: Transaction): Promise<Map<WorkflowId, HandlerRun>> {
    const found = new Map<WorkflowId, HandlerRun>();
    for (const piece of chunk(ids)) {
      const rows = await this.database.read(async (executor) => {
        const result = await sql<HandlerRunTable>`
          select * from handler_runs where id in (
            select (
              select run.id from handler_runs as run where run.workflow_id = workflows.id
              order by run.started_at desc, run.id desc limit 1)
            from workflows where workflows.id in (${sql.join(piece)}))`.execute(executor);
        return result.rows;
      }, tx);
      for (const row of rows) found.set(row.workflow_id, toListedRun(row));
    }
    return found;
  }

  /** How many of a workflow's newest inputs there are, up to `newest`, and when the oldest of them came. */
  async newestInputs(
    workflowId: WorkflowId,
    newest: number,
    tx?: Transaction,
  ): Promise<{ count: number; since: number | null }> {
    const { rows } = await this.database.read(
      (executor) =>
        sql<{ count: number; since: number | null }>`
          select count(*) as count, min(created_at) as since from (
            select created_at from inputs where workflow_id = ${workflowId}
            order by created_at desc, id desc limit ${newest})`.execute(executor),
      tx,
    );
    return onlyRow(rows);
  }

  /** The mutations that a workflow's newest inputs led to, each counted once however many inputs are behind it. */
  async outputsOfNewestInputs(workflowId: WorkflowId, newest: number, tx?: Transaction): Promise<OutputCount[]> {
    const { rows } = await this.database.read(
      (executor) =>
        sql<OutputCount>`
          with newest as (
            select id from inputs where workflow_id = ${workflowId} order by created_at desc, id desc limit ${newest})
          select connector, operation, status, count(*) as mutations from mutations
          where handler_run_id in (
            select run_events.run_id from newest
            cross join event_inputs on event_inputs.input_id = newest.id
            cross join run_events on run_events.event_id = event_inputs.event_id)
          group by connector, operation, status order by connector, operation, status`.execute(executor),
      tx,
    );
    return rows;
  }

  /** Which handlers of a workflow made its newest mutations, and through which connectors. */
  async connectorsOfHandlers(
    workflowId: WorkflowId,
    newest: number,
    tx?: Transaction,
  ): Promise<{ handlerName: string; connector: string }[]> {
    const { rows } = await this.database.read(
      (executor) =>
        sql<{ handlerName: string; connector: string }>`
          select distinct handler_runs.handler_name as handlerName, newest.connector from (
            select handler_run_id, connector from mutations where workflow_id = ${workflowId}
            order by created_at desc, id desc limit ${newest}) as newest
          cross join handler_runs on handler_runs.id = newest.handler_run_id
          order by 1, 2`.execute(executor),
      tx,
    );
    return rows;
  }

  /** How many notifications of a platform are open, by kind; only the kinds that there are. */
  async openByKind(platformId: PlatformId, tx?: Transaction): Promise<{ kind: NotificationKind; count: number }[]> {
    const { rows } = await this.database.read(
      (executor) =>
        sql<{ kind: NotificationKind; count: number }>`
          select kind, count(*) as count from notifications
          where resolved_at is null and (
            exists (select 1 from workflows where workflows.id = workflow_id and platform_id = ${platformId})
            or exists (select 1 from scheduled_jobs where scheduled_jobs.id = job_id and platform_id = ${platformId}))
          group by kind order by kind`.execute(executor),
      tx,
    );
    return rows;
  }

  /** The connectors of a platform that mutations of unknown outcome went through, those with the most first. */
  async outages(platformId: PlatformId, tx?: Transaction): Promise<Outage[]> {
    const { rows } = await this.database.read(
      (executor) =>
        sql<Outage>`
          select connector, count(*) as count, min(coalesce(sent_at, created_at)) as first,
            max(coalesce(sent_at, created_at)) as last
          from mutations
          where status in ('needs_reconcile', 'indeterminate') and status <> 'applied'
            and (status = 'needs_reconcile' or resolved_at is null)
            and +workflow_id in (select workflows.id from workflows where platform_id = ${platformId})
          group by connector order by count desc, connector`.execute(executor),
      tx,
    );
    return rows;
  }

  private async counts(
    table: "events" | "notifications",
    condition: ReturnType<typeof sql<SqlBool>>,
    ids: readonly WorkflowId[],
    tx?: Transaction,
  ): Promise<Map<WorkflowId, number>> {
    const found = new Map<WorkflowId, number>();
    for (const piece of chunk(ids)) {
      const { rows } = await this.database.read(
        (executor) =>
          sql<{ id: WorkflowId; count: number }>`
            select workflow_id as id, count(*) as count from ${sql.table(table)}
            where workflow_id in (${sql.join(piece)}) and ${condition} group by workflow_id`.execute(executor),
        tx,
      );
      for (const { id, count } of rows) found.set(id, count);
    }
    return found;
  }
}
