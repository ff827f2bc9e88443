/** Notifications: what needs a person. */
import type { Selectable } from "kysely";
import type { Database, Transaction } from "../database.ts";
import { NotFoundError } from "../errors.ts";
import type { JobId, MutationId, NotificationId, RunId, WorkflowId } from "../ids.ts";
import type { NotificationTable } from "../schema.ts";
import type { NotificationKind } from "../statuses.ts";
import { walksOfNotifications, type NotificationFilter } from "./notification-queries.ts";
import { listAlong, pageAlong, type Page } from "./paging.ts";

export interface Notification {
  id: NotificationId;
  /** It is about a workflow, or … */
  workflowId: WorkflowId | null;
  /** … about a job. */
  jobId: JobId | null;
  runId: RunId | null;
  mutationId: MutationId | null;
  kind: NotificationKind;
  message: string;
  createdAt: number;
  resolvedAt: number | null;
}

export type NewNotification = Pick<Notification, "runId" | "mutationId" | "kind" | "message"> &
  ({ workflowId: WorkflowId; jobId?: null } | { workflowId?: null; jobId: JobId });

/** Which open notifications to close. At least one part must be given. */
export interface NotificationSelector {
  workflowId?: WorkflowId;
  jobId?: JobId;
  runId?: RunId;
  mutationId?: MutationId;
  kinds?: readonly NotificationKind[];
}

function toNotification(row: Selectable<NotificationTable>): Notification {
  return {
    id: row.id,
    workflowId: row.workflow_id,
    jobId: row.job_id,
    runId: row.run_id,
    mutationId: row.mutation_id,
    kind: row.kind,
    message: row.message,
    createdAt: row.created_at,
    resolvedAt: row.resolved_at,
  };
}

export class NotificationStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async create(notification: NewNotification, now: number, tx?: Transaction): Promise<Notification> {
    const row: NotificationTable = {
      id: this.database.newId<NotificationId>(),
      workflow_id: notification.workflowId ?? null,
      job_id: notification.jobId ?? null,
      run_id: notification.runId,
      mutation_id: notification.mutationId,
      kind: notification.kind,
      message: notification.message,
      created_at: now,
      resolved_at: null,
    };
    await this.database.write(({ executor }) => executor.insertInto("notifications").values(row).execute(), tx);
    return toNotification(row);
  }

  /** @throws NotFoundError */
  async get(id: NotificationId, tx?: Transaction): Promise<Notification> {
    const row = await this.database.read(
      (executor) => executor.selectFrom("notifications").selectAll().where("id", "=", id).executeTakeFirst(),
      tx,
    );
    if (!row) throw new NotFoundError("notifications", id);
    return toNotification(row);
  }

  /** Notifications, newest first. */
  async list(filter: NotificationFilter = {}, tx?: Transaction): Promise<Notification[]> {
    const rows = await this.database.read(
      (executor) => listAlong<NotificationTable>(executor, walksOfNotifications(filter), filter),
      tx,
    );
    return rows.map(toNotification);
  }

  /** A page of notifications, newest first, found among a bounded number of rows. */
  async page(filter: NotificationFilter = {}, tx?: Transaction): Promise<Page<Notification, NotificationId>> {
    const { rows, next } = await this.database.read(
      (executor) => pageAlong<NotificationTable, NotificationId>(executor, walksOfNotifications(filter), filter),
      tx,
    );
    return { rows: rows.map(toNotification), next };
  }

  /** Open notifications, oldest first; of one workflow or of all. */
  async listOpen(workflowId?: WorkflowId, tx?: Transaction): Promise<Notification[]> {
    const rows = await this.database.read((executor) => {
      let query = executor.selectFrom("notifications").selectAll().where("resolved_at", "is", null);
      if (workflowId) query = query.where("workflow_id", "=", workflowId);
      return query.orderBy("created_at").orderBy("id").execute();
    }, tx);
    return rows.map(toNotification);
  }

  /** Open notifications about a job, oldest first. */
  async listOpenOfJob(jobId: JobId, tx?: Transaction): Promise<Notification[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("notifications")
          .selectAll()
          .where("resolved_at", "is", null)
          .where("job_id", "=", jobId)
          .orderBy("created_at")
          .orderBy("id")
          .execute(),
      tx,
    );
    return rows.map(toNotification);
  }

  /** Closes one. @throws NotFoundError when there is no open notification of this id */
  async resolve(id: NotificationId, now: number, tx?: Transaction): Promise<void> {
    const result = await this.database.write(
      ({ executor }) =>
        executor
          .updateTable("notifications")
          .set({ resolved_at: now })
          .where("id", "=", id)
          .where("resolved_at", "is", null)
          .executeTakeFirst(),
      tx,
    );
    if (result.numUpdatedRows === 0n) throw new NotFoundError("notifications", id);
  }

  /** Closes all open ones that match; gives how many. */
  async resolveMatching(selector: NotificationSelector, now: number, tx?: Transaction): Promise<number> {
    const result = await this.database.write(({ executor }) => {
      let query = executor.updateTable("notifications").set({ resolved_at: now }).where("resolved_at", "is", null);
      if (selector.workflowId) query = query.where("workflow_id", "=", selector.workflowId);
      if (selector.jobId) query = query.where("job_id", "=", selector.jobId);
      if (selector.runId) query = query.where("run_id", "=", selector.runId);
      if (selector.mutationId) query = query.where("mutation_id", "=", selector.mutationId);
      if (selector.kinds) query = query.where("kind", "in", selector.kinds);
      return query.executeTakeFirst();
    }, tx);
    return Number(result.numUpdatedRows);
  }

  /** Gives the number of notifications deleted (0 or 1). */
  async delete(id: NotificationId, tx?: Transaction): Promise<number> {
    const result = await this.database.write(
      ({ executor }) => executor.deleteFrom("notifications").where("id", "=", id).executeTakeFirst(),
      tx,
    );
    return Number(result.numDeletedRows);
  }
}
