/** Which jobs an event sets off. */
import type { Selectable } from "kysely";
import type { Database, Transaction } from "../database.ts";
import { NotFoundError } from "../errors.ts";
import type { EventHandlerId, JobId, PlatformId } from "../ids.ts";
import type { EventHandlerTable } from "../job-schema.ts";

export interface EventHandler {
  id: EventHandlerId;
  platformId: PlatformId;
  eventName: string;
  jobId: JobId;
  /** One that is not makes no executions. */
  enabled: boolean;
  createdAt: number;
  updatedAt: number;
}

function toEventHandler(row: Selectable<EventHandlerTable>): EventHandler {
  return {
    id: row.id,
    platformId: row.platform_id,
    eventName: row.event_name,
    jobId: row.job_id,
    enabled: row.enabled === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export class EventHandlerStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Says which event a job waits for; a job waits for one. */
  async save(
    handler: Pick<EventHandler, "platformId" | "eventName" | "jobId" | "enabled">,
    now: number,
    tx?: Transaction,
  ): Promise<EventHandler> {
    const { platformId, eventName, jobId } = handler;
    const changed = { event_name: eventName, enabled: handler.enabled ? 1 : 0, updated_at: now };
    const row = await this.database.write(
      ({ executor }) =>
        executor
          .insertInto("event_handlers")
          .values({
            ...changed,
            id: this.database.newId<EventHandlerId>(),
            platform_id: platformId,
            job_id: jobId,
            created_at: now,
          })
          .onConflict((conflict) => conflict.column("job_id").doUpdateSet(changed))
          .returningAll()
          .executeTakeFirstOrThrow(),
      tx,
    );
    return toEventHandler(row);
  }

  /** The enabled handlers of an event, in the order of their making. */
  async listEnabled(platformId: PlatformId, eventName: string, tx?: Transaction): Promise<EventHandler[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("event_handlers")
          .selectAll()
          .where("platform_id", "=", platformId)
          .where("event_name", "=", eventName)
          .where("enabled", "=", 1)
          .orderBy("id")
          .execute(),
      tx,
    );
    return rows.map(toEventHandler);
  }

  /** A platform's handlers, by event. */
  async list(platformId: PlatformId, tx?: Transaction): Promise<EventHandler[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("event_handlers")
          .selectAll()
          .where("platform_id", "=", platformId)
          .orderBy("event_name")
          .orderBy("id")
          .execute(),
      tx,
    );
    return rows.map(toEventHandler);
  }

  /** @throws NotFoundError when the job waits for no event */
  async setEnabled(jobId: JobId, enabled: boolean, now: number, tx?: Transaction): Promise<void> {
    const result = await this.database.write(
      ({ executor }) =>
        executor
          .updateTable("event_handlers")
          .set({ enabled: enabled ? 1 : 0, updated_at: now })
          .where("job_id", "=", jobId)
          .executeTakeFirst(),
      tx,
    );
    if (result.numUpdatedRows === 0n) throw new NotFoundError("event_handlers", jobId);
  }

  /** Lets a job wait for no event; gives the number of rows deleted (0 or 1). */
  async delete(jobId: JobId, tx?: Transaction): Promise<number> {
    const result = await this.database.write(
      ({ executor }) => executor.deleteFrom("event_handlers").where("job_id", "=", jobId).executeTakeFirst(),
      tx,
    );
    return Number(result.numDeletedRows);
  }
}
