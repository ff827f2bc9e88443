/** What a handler remembers between runs, and when it asked to be woken. */
import type { Selectable } from "kysely";
import { decodeJson, decodeListedJson, encodeJson, type DecodeJson } from "../codecs.ts";
import { prepareQuery } from "../compiled-query.ts";
import type { Database, Transaction } from "../database.ts";
import type { HandlerStateId, RunId, WorkflowId } from "../ids.ts";
import type { JsonValue } from "../json.ts";
import type { HandlerStateTable } from "../schema.ts";

export interface HandlerState {
  id: HandlerStateId;
  workflowId: WorkflowId;
  handlerName: string;
  state: JsonValue;
  /** When it wants to run again without an event, in Unix milliseconds; 0 means never. */
  wakeAt: number;
  updatedByRunId: RunId | null;
  updatedAt: number;
}

/** When a handler wants to be woken. */
export type WakeTime = Pick<HandlerState, "workflowId" | "handlerName" | "wakeAt">;

/** Whose state it is. */
export interface HandlerKey {
  workflowId: WorkflowId;
  handlerName: string;
}

function toHandlerState(row: Selectable<HandlerStateTable>, decode: DecodeJson = decodeJson): HandlerState {
  return {
    id: row.id,
    workflowId: row.workflow_id,
    handlerName: row.handler_name,
    state: decode(row.state, "handler_state", row.id, "state"),
    wakeAt: row.wake_at,
    updatedByRunId: row.updated_by_run_id,
    updatedAt: row.updated_at,
  };
}

interface WriteArguments extends HandlerKey {
  id: HandlerStateId;
  state: string;
  wakeAt: number;
  runId: RunId | null;
  now: number;
}

const byKey = prepareQuery<HandlerKey>()((queries, argument) =>
  queries
    .selectFrom("handler_state")
    .selectAll()
    .where("workflow_id", "=", argument("workflowId"))
    .where("handler_name", "=", argument("handlerName")),
);

const upsertState = prepareQuery<WriteArguments>()((queries, argument) =>
  queries
    .insertInto("handler_state")
    .values({
      id: argument("id"),
      workflow_id: argument("workflowId"),
      handler_name: argument("handlerName"),
      state: argument("state"),
      wake_at: argument("wakeAt"),
      updated_by_run_id: argument("runId"),
      updated_at: argument("now"),
    })
    .onConflict((conflict) =>
      conflict.columns(["workflow_id", "handler_name"]).doUpdateSet({
        state: argument("state"),
        updated_by_run_id: argument("runId"),
        updated_at: argument("now"),
      }),
    ),
);

const upsertWakeAt = prepareQuery<WriteArguments>()((queries, argument) =>
  queries
    .insertInto("handler_state")
    .values({
      id: argument("id"),
      workflow_id: argument("workflowId"),
      handler_name: argument("handlerName"),
      state: argument("state"),
      wake_at: argument("wakeAt"),
      updated_by_run_id: argument("runId"),
      updated_at: argument("now"),
    })
    .onConflict((conflict) =>
      conflict.columns(["workflow_id", "handler_name"]).doUpdateSet({
        wake_at: argument("wakeAt"),
        updated_by_run_id: argument("runId"),
        updated_at: argument("now"),
      }),
    ),
);

const wakeTimes = prepareQuery<object>()((queries) =>
  queries
    .selectFrom("handler_state")
    .select(["workflow_id as workflowId", "handler_name as handlerName", "wake_at as wakeAt"])
    .where("wake_at", ">", 0)
    .orderBy("wake_at"),
);

export class HandlerStateStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async find(key: HandlerKey, tx?: Transaction): Promise<HandlerState | null> {
    const row = await this.database.read((executor) => byKey.first(executor, key), tx);
    return row ? toHandlerState(row) : null;
  }

  /** All of a workflow's handlers that have state or a wake time, by name. */
  async getForWorkflow(workflowId: WorkflowId, tx?: Transaction): Promise<HandlerState[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("handler_state")
          .selectAll()
          .where("workflow_id", "=", workflowId)
          .orderBy("handler_name")
          .execute(),
      tx,
    );
    return rows.map((row) => toHandlerState(row, decodeListedJson));
  }

  /** Saves a handler's state; its wake time stays. @throws ValueTooLargeError, NotSerialisableError */
  async saveState(key: HandlerKey, state: unknown, runId: RunId | null, now: number, tx?: Transaction): Promise<void> {
    const text = encodeJson(state, `state of ${key.handlerName}`, this.database.limits.stateBytes);
    const id = this.database.newId<HandlerStateId>();
    await this.database.write(
      ({ executor }) => upsertState.run(executor, { ...key, id, state: text, wakeAt: 0, runId, now }),
      tx,
    );
  }

  /** Sets when a handler wants to be woken (0 = never); its state stays. */
  async saveWakeAt(key: HandlerKey, wakeAt: number, runId: RunId | null, now: number, tx?: Transaction): Promise<void> {
    const id = this.database.newId<HandlerStateId>();
    await this.database.write(
      ({ executor }) => upsertWakeAt.run(executor, { ...key, id, state: "null", wakeAt, runId, now }),
      tx,
    );
  }

  /** Handlers whose wake time has come, soonest first. */
  async getConsumersWithDueWakeAt(now: number, tx?: Transaction): Promise<HandlerState[]> {
    return this.listWaking(now, tx);
  }

  /** Handlers with a wake time up to `until` (default: any), soonest first. */
  async listWaking(until?: number, tx?: Transaction): Promise<HandlerState[]> {
    const rows = await this.database.read((executor) => {
      let query = executor.selectFrom("handler_state").selectAll().where("wake_at", ">", 0);
      if (until !== undefined) query = query.where("wake_at", "<=", until);
      return query.orderBy("wake_at").execute();
    }, tx);
    return rows.map((row) => toHandlerState(row, decodeListedJson));
  }

  /**
   * Goes through all handlers that want to be woken, soonest first, without their states.
   * @param visit may ask nothing of the database
   */
  eachWakeTime(visit: (time: WakeTime) => void, tx?: Transaction): Promise<void> {
    return this.database.read((executor) => wakeTimes.each(executor, {}, visit), tx);
  }

  /** Gives the number of states deleted (0 or 1). */
  async delete(key: HandlerKey, tx?: Transaction): Promise<number> {
    const result = await this.database.write(
      ({ executor }) =>
        executor
          .deleteFrom("handler_state")
          .where("workflow_id", "=", key.workflowId)
          .where("handler_name", "=", key.handlerName)
          .executeTakeFirst(),
      tx,
    );
    return Number(result.numDeletedRows);
  }
}
