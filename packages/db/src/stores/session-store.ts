/** Sessions: bursts of runs of one workflow. */
import type { Selectable } from "kysely";
import { prepareQuery } from "../compiled-query.ts";
import type { Database, Transaction } from "../database.ts";
import { NotFoundError } from "../errors.ts";
import type { SessionId, WorkflowId } from "../ids.ts";
import type { SessionTable } from "../schema.ts";

export interface Session {
  id: SessionId;
  workflowId: WorkflowId;
  /** What started it: `event`, `schedule`, `wake`, `retry`, `manual` … */
  trigger: string;
  handlerRunCount: number;
  /** `completed`, `failed`, `suspended` or `interrupted`; null while it is open. */
  result: string | null;
  error: string | null;
  startedAt: number;
  endedAt: number | null;
}

export interface SessionEnd {
  result: string;
  error: string | null;
  handlerRunCount: number;
}

function toSession(row: Selectable<SessionTable>): Session {
  return {
    id: row.id,
    workflowId: row.workflow_id,
    trigger: row.trigger,
    handlerRunCount: row.handler_run_count,
    result: row.result,
    error: row.error,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
}

interface EndArguments extends SessionEnd {
  id: SessionId;
  now: number;
}

const end = prepareQuery<EndArguments>()((queries, argument) =>
  queries
    .updateTable("sessions")
    .set({
      result: argument("result"),
      error: argument("error"),
      handler_run_count: argument("handlerRunCount"),
      ended_at: argument("now"),
    })
    .where("id", "=", argument("id")),
);

const insert = prepareQuery<Pick<Session, "id" | "workflowId" | "trigger" | "startedAt">>()((queries, argument) =>
  queries.insertInto("sessions").values({
    id: argument("id"),
    workflow_id: argument("workflowId"),
    trigger: argument("trigger"),
    handler_run_count: 0,
    result: null,
    error: null,
    started_at: argument("startedAt"),
    ended_at: null,
  }),
);

export class SessionStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async create(session: Pick<Session, "workflowId" | "trigger">, now: number, tx?: Transaction): Promise<Session> {
    const created = { ...session, id: this.database.newId<SessionId>(), startedAt: now };
    await this.database.write(({ executor }) => insert.run(executor, created), tx);
    return { ...created, handlerRunCount: 0, result: null, error: null, endedAt: null };
  }

  /** @throws NotFoundError */
  async get(id: SessionId, tx?: Transaction): Promise<Session> {
    const row = await this.database.read(
      (executor) => executor.selectFrom("sessions").selectAll().where("id", "=", id).executeTakeFirst(),
      tx,
    );
    if (!row) throw new NotFoundError("sessions", id);
    return toSession(row);
  }

  /** A workflow's sessions, newest first. */
  async list(workflowId: WorkflowId, limit: number, tx?: Transaction): Promise<Session[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("sessions")
          .selectAll()
          .where("workflow_id", "=", workflowId)
          .orderBy("started_at", "desc")
          .orderBy("id", "desc")
          .limit(limit)
          .execute(),
      tx,
    );
    return rows.map(toSession);
  }

  /** @throws NotFoundError */
  async end(id: SessionId, outcome: SessionEnd, now: number, tx?: Transaction): Promise<void> {
    const changed = await this.database.write(({ executor }) => end.run(executor, { ...outcome, id, now }), tx);
    if (changed === 0) throw new NotFoundError("sessions", id);
  }

  /** Ends every open session, counting its runs; gives how many there were. For start-up recovery. */
  async endAllOpen(result: string, now: number, tx?: Transaction): Promise<number> {
    const outcome = await this.database.write(
      ({ executor }) =>
        executor
          .updateTable("sessions")
          .set((expression) => ({
            result,
            ended_at: now,
            handler_run_count: expression
              .selectFrom("handler_runs")
              .whereRef("handler_runs.session_id", "=", "sessions.id")
              .select((count) => count.fn.countAll<number>().as("runs")),
          }))
          .where("ended_at", "is", null)
          .executeTakeFirst(),
      tx,
    );
    return Number(outcome.numUpdatedRows);
  }

  /** Gives the number of sessions deleted (0 or 1); their runs go with them. */
  async delete(id: SessionId, tx?: Transaction): Promise<number> {
    const result = await this.database.write(
      ({ executor }) => executor.deleteFrom("sessions").where("id", "=", id).executeTakeFirst(),
      tx,
    );
    return Number(result.numDeletedRows);
  }
}
