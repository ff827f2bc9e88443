/** What came of what, across tables: which runs handled an event, which runs and mutations followed from a run. */
import type { Database, Transaction } from "../database.ts";
import type { EventId, RunId } from "../ids.ts";
import type { EventStatus } from "../statuses.ts";
import { chunk } from "./chunk.ts";
import { hasOnlySkippedInputs } from "./event-queries.ts";
import type { HandlerRun } from "./handler-run.ts";
import { toMutation, type Mutation } from "./mutation.ts";

/** An event that a run has reserved, as it is now. */
export interface HandledEvent {
  id: EventId;
  topic: string;
  messageId: string;
  status: EventStatus;
  /** The run that holds or has consumed it. */
  reservedByRunId: RunId | null;
  /** Whether every input behind it is skipped. */
  inputsSkipped: boolean;
}

export class LineageStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Every event that a run has ever reserved, oldest first. */
  async eventsHandledBy(runId: RunId, tx?: Transaction): Promise<HandledEvent[]> {
    const [rows, skipped] = await this.database.read(async (executor) => {
      const handled = executor.selectFrom("run_events").select("event_id").where("run_id", "=", runId);
      return [
        await executor
          .selectFrom("events")
          .innerJoin("topics", "topics.id", "events.topic_id")
          .where("events.id", "in", handled)
          .select(["events.id", "topics.name as topic", "events.message_id", "events.status"])
          .select("events.reserved_by_run_id")
          .orderBy("events.created_at")
          .orderBy("events.id")
          .execute(),
        await executor
          .selectFrom("events")
          .select("id")
          .where("id", "in", handled)
          .where(hasOnlySkippedInputs)
          .execute(),
      ] as const;
    }, tx);
    const inputsSkipped = new Set(skipped.map(({ id }) => id));
    return rows.map(({ id, topic, message_id, status, reserved_by_run_id }) => ({
      id,
      topic,
      messageId: message_id,
      status,
      reservedByRunId: reserved_by_run_id,
      inputsSkipped: inputsSkipped.has(id),
    }));
  }

  /** Every run that has ever reserved one of these events. */
  async runsThatHandled(eventIds: readonly EventId[], tx?: Transaction): Promise<RunId[]> {
    const found = new Set<RunId>();
    for (const ids of chunk(eventIds)) {
      const rows = await this.database.read(
        (executor) =>
          executor.selectFrom("run_events").select("run_id").distinct().where("event_id", "in", ids).execute(),
        tx,
      );
      for (const row of rows) found.add(row.run_id);
    }
    return [...found];
  }

  /** The runs that have reserved events which these runs published; at most `limit` of them. */
  async runsCausedBy(runIds: readonly RunId[], limit: number, tx?: Transaction): Promise<RunId[]> {
    const found = new Set<RunId>();
    for (const ids of chunk(runIds)) {
      const rows = await this.database.read(
        (executor) =>
          executor
            .selectFrom("events")
            .innerJoin("run_events", "run_events.event_id", "events.id")
            .select("run_events.run_id")
            .distinct()
            .where("events.created_by_run_id", "in", ids)
            .orderBy("run_events.run_id")
            .limit(limit)
            .execute(),
        tx,
      );
      for (const row of rows) found.add(row.run_id);
    }
    return [...found].slice(0, limit);
  }

  /** The mutations of these runs, oldest first. */
  async mutationsOf(runIds: readonly RunId[], tx?: Transaction): Promise<Mutation[]> {
    const found: Mutation[] = [];
    for (const ids of chunk(runIds)) {
      const rows = await this.database.read(
        (executor) => executor.selectFrom("mutations").selectAll().where("handler_run_id", "in", ids).execute(),
        tx,
      );
      found.push(...rows.map(toMutation));
    }
    return found.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  }

  /** The first run of the same handler that began after this one and has committed with a state of its own. */
  async laterWithState(run: HandlerRun, tx?: Transaction): Promise<RunId | null> {
    const row = await this.database.read(
      (executor) =>
        executor
          .selectFrom("handler_runs")
          .select("id")
          .where("workflow_id", "=", run.workflowId)
          .where("started_at", ">=", run.startedAt)
          .where((expression) =>
            expression.or([expression("started_at", ">", run.startedAt), expression("id", ">", run.id)]),
          )
          .where("handler_name", "=", run.handlerName)
          .where("handler_type", "=", run.handlerType)
          .where("status", "=", "committed")
          .where("output_state", "is not", null)
          .orderBy("started_at")
          .orderBy("id")
          .limit(1)
          .executeTakeFirst(),
      tx,
    );
    return row?.id ?? null;
  }
}
