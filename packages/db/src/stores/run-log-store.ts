/** The log lines of all runs, in the order in which they came to be kept. */
import { sql, type SqlBool } from "kysely";
import { decodeOptionalListedJson } from "../codecs.ts";
import type { Database, Transaction } from "../database.ts";
import type { RunId, WorkflowId } from "../ids.ts";
import { onlyRow } from "../only-row.ts";
import type { LogLevel } from "../statuses.ts";
import type { RunLog } from "./handler-run.ts";

/** A line, and the run that wrote it. */
export interface RunLogLine extends RunLog {
  /** Lines that were kept later have a higher one. */
  position: number;
  runId: RunId;
  workflowId: WorkflowId;
  handlerName: string;
}

export interface RunLogFilter {
  workflowId?: WorkflowId;
  runId?: RunId;
  levels?: readonly LogLevel[];
  /** Lines behind this position, the first of them first. Without it: the last lines. */
  after?: number;
  /** Default 100. */
  limit?: number;
}

export class RunLogStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Lines in the order in which they were kept, which is that of time but for runs that wrote at the same time. */
  async list(filter: RunLogFilter = {}, tx?: Transaction): Promise<RunLogLine[]> {
    const { workflowId, runId, levels, after, limit = 100 } = filter;
    // SQLite numbers the rows of a table as they come.
    const position = sql<number>`run_logs.rowid`;
    const rows = await this.database.read((executor) => {
      let query = executor
        .selectFrom("run_logs")
        .innerJoin("handler_runs", "handler_runs.id", "run_logs.run_id")
        .selectAll("run_logs")
        .select(["handler_runs.workflow_id", "handler_runs.handler_name", position.as("position")]);
      // The sign keeps SQLite from going through all runs of the workflow.
      if (workflowId) query = query.where(sql<SqlBool>`+handler_runs.workflow_id = ${workflowId}`);
      if (runId) query = query.where("run_logs.run_id", "=", runId);
      if (levels) query = query.where("run_logs.level", "in", levels);
      if (after !== undefined) query = query.where(position, ">", after);
      return query
        .orderBy(position, after === undefined ? "desc" : "asc")
        .limit(limit)
        .execute();
    }, tx);
    const lines = rows.map((row) => ({
      position: row.position,
      runId: row.run_id,
      workflowId: row.workflow_id,
      handlerName: row.handler_name,
      at: row.at,
      level: row.level,
      message: row.message,
      data: decodeOptionalListedJson(row.data, "run_logs", row.run_id, "data"),
    }));
    return after === undefined ? lines.toReversed() : lines;
  }

  /** The position of the last line of all; 0 where there is none. */
  async lastPosition(tx?: Transaction): Promise<number> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("run_logs")
          .select(sql<number>`coalesce(max(rowid), 0)`.as("position"))
          .execute(),
      tx,
    );
    return onlyRow(rows).position;
  }
}
