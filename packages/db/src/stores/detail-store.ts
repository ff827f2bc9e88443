/** What belongs to one event, run or workflow in other tables, as it is looked at. */
import { sql } from "kysely";
import { decodeOptionalListedJson } from "../codecs.ts";
import type { Database, Transaction } from "../database.ts";
import type { EventId, RunId, WorkflowId } from "../ids.ts";
import type { ScriptTable } from "../schema.ts";
import type { LogLevel } from "../statuses.ts";
import { toListedRun, type HandlerRun, type RunLog } from "./handler-run.ts";

/** A line of a run's log with its place in it: the first is 1. */
export interface NumberedRunLog extends RunLog {
  seq: number;
}

export interface RunLogPage {
  /** Only lines behind this one. */
  after?: number | undefined;
  levels?: readonly LogLevel[] | undefined;
  limit: number;
}

/** A version of a workflow without its source. */
export type VersionRow = Pick<ScriptTable, "id" | "major" | "minor" | "digest" | "origin" | "created_at">;

const VERSION_COLUMNS = ["id", "major", "minor", "digest", "origin", "created_at"] as const;

export class DetailStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** The runs that have ever reserved an event, newest first. */
  async runsOfEvent(eventId: EventId, limit: number, tx?: Transaction): Promise<HandlerRun[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("run_events")
          .innerJoin("handler_runs", "handler_runs.id", "run_events.run_id")
          .selectAll("handler_runs")
          .where("run_events.event_id", "=", eventId)
          // The sign keeps SQLite from walking all runs by their time.
          .orderBy(sql`+handler_runs.started_at`, "desc")
          .orderBy("handler_runs.id", "desc")
          .limit(limit)
          .execute(),
      tx,
    );
    return rows.map(toListedRun);
  }

  /** Lines of a run's log, in order. */
  async logsOfRun(runId: RunId, { after, levels, limit }: RunLogPage, tx?: Transaction): Promise<NumberedRunLog[]> {
    const rows = await this.database.read((executor) => {
      let query = executor.selectFrom("run_logs").selectAll().where("run_id", "=", runId);
      if (after !== undefined) query = query.where("seq", ">", after);
      if (levels) query = query.where("level", "in", levels);
      return query.orderBy("seq").limit(limit).execute();
    }, tx);
    return rows.map(({ seq, at, level, message, data }) => ({
      seq,
      at,
      level,
      message,
      data: decodeOptionalListedJson(data, "run_logs", runId, "data"),
    }));
  }

  /** The versions of a workflow, newest first. */
  versionsOf(workflowId: WorkflowId, limit: number, tx?: Transaction): Promise<VersionRow[]> {
    return this.database.read(
      (executor) =>
        executor
          .selectFrom("scripts")
          .select(VERSION_COLUMNS)
          .where("workflow_id", "=", workflowId)
          .orderBy("major", "desc")
          .orderBy("minor", "desc")
          .limit(limit)
          .execute(),
      tx,
    );
  }

  /** A version of a workflow with its source. */
  async findVersion(
    workflowId: WorkflowId,
    { major, minor }: { major: number; minor: number },
    tx?: Transaction,
  ): Promise<(VersionRow & { source: string }) | null> {
    const row = await this.database.read(
      (executor) =>
        executor
          .selectFrom("scripts")
          .select([...VERSION_COLUMNS, "source"])
          .where("workflow_id", "=", workflowId)
          .where("major", "=", major)
          .where("minor", "=", minor)
          .executeTakeFirst(),
      tx,
    );
    return row ?? null;
  }
}
