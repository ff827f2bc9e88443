/** What executions have left: history, log lines, durations; and its retention. */
import { sql } from "kysely";
import { decodeOptionalListedJson, encodeOptionalJson } from "../codecs.ts";
import type { Database, Transaction } from "../database.ts";
import type { JobExecutionId, JobId, PlatformId } from "../ids.ts";
import type { ExecutionStatus } from "../job-statuses.ts";
import type { JsonValue } from "../json.ts";
import { onlyRow } from "../only-row.ts";
import type { LogLevel } from "../statuses.ts";
import { chunk } from "./chunk.ts";
import { idEndsWith } from "./id-ending.ts";
import { insertLog } from "./job-execution-queries.ts";
import { executionMapping, type JobExecution } from "./job-execution.ts";

/** Where a page ends: the next one begins behind it. */
export interface HistoryCursor {
  at: number;
  id: JobExecutionId;
}

export interface HistoryFilter {
  statuses?: readonly ExecutionStatus[];
  /** Executions whose nominal time is this or later, in Unix milliseconds. */
  from?: number;
  /** Executions whose nominal time is earlier. */
  until?: number;
  after?: HistoryCursor;
  /** Default 100. */
  limit?: number;
}

export interface JobExecutionLog {
  seq: number;
  attempt: number;
  timestamp: number;
  level: LogLevel;
  message: string;
  data: JsonValue;
}

export type NewJobExecutionLog = Omit<JobExecutionLog, "seq">;

export interface LogFilter {
  levels?: readonly LogLevel[];
  /** Lines behind this one. */
  afterSeq?: number;
  /** Default 1,000. */
  limit?: number;
}

/** Which finished executions are old enough to go. */
export interface ExpirySelector {
  statuses: readonly ExecutionStatus[];
  completedBefore: number;
  /** The last one of the last look. */
  after?: HistoryCursor;
  limit: number;
}

export class JobHistoryStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** A job's executions, the latest nominal time first. */
  async list(jobId: JobId, filter: HistoryFilter = {}, tx?: Transaction): Promise<JobExecution[]> {
    const rows = await this.database.read((executor) => {
      let query = executor.selectFrom("job_executions").selectAll().where("job_id", "=", jobId);
      const { statuses, from, until, after } = filter;
      if (statuses) query = query.where("status", "in", statuses);
      // As a literal, so that SQLite sees that the index of those that did not succeed fits.
      if (statuses && !statuses.includes("success")) query = query.where(sql<boolean>`status <> 'success'`);
      if (from !== undefined) query = query.where("scheduled_at", ">=", from);
      if (until !== undefined) query = query.where("scheduled_at", "<", until);
      if (after) {
        query = query
          .where("scheduled_at", "<=", after.at)
          .where((expression) =>
            expression.or([expression("scheduled_at", "<", after.at), expression("id", "<", after.id)]),
          );
      }
      return query
        .orderBy("scheduled_at", "desc")
        .orderBy("id", "desc")
        .limit(filter.limit ?? 100)
        .execute();
    }, tx);
    return rows.map(executionMapping.fromListedRow);
  }

  /** Executions whose id ends so: hexadecimal digits and dashes. */
  async listByIdEnding(ending: string, limit: number, tx?: Transaction): Promise<JobExecution[]> {
    const rows = await this.database.read(
      (executor) => executor.selectFrom("job_executions").selectAll().where(idEndsWith(ending)).limit(limit).execute(),
      tx,
    );
    return rows.map(executionMapping.fromListedRow);
  }

  /** The nominal times in [from, until] that have the record of a tick. */
  async recordedTicks(jobId: JobId, from: number, until: number, tx?: Transaction): Promise<Set<number>> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("job_executions")
          .select("scheduled_at")
          .where("job_id", "=", jobId)
          .where("scheduled_at", ">=", from)
          .where("scheduled_at", "<=", until)
          .where("occurrence", "=", "")
          .execute(),
      tx,
    );
    return new Set(rows.map((row) => row.scheduled_at));
  }

  /** Failed and timed-out executions that nobody has repeated, the latest first. */
  async listDeadLetters(
    platformId: PlatformId,
    filter: { jobId?: JobId; after?: HistoryCursor; limit?: number } = {},
    tx?: Transaction,
  ): Promise<JobExecution[]> {
    const { jobId, after, limit = 100 } = filter;
    const rows = await this.database.read((executor) => {
      let query = executor
        .selectFrom("job_executions")
        .selectAll()
        .where(sql<boolean>`status in ('failed', 'timeout') and redriven_by is null`)
        .where("platform_id", "=", platformId);
      if (jobId) query = query.where("job_id", "=", jobId);
      if (after) {
        query = query
          .where("completed_at", "<=", after.at)
          .where((expression) =>
            expression.or([expression("completed_at", "<", after.at), expression("id", "<", after.id)]),
          );
      }
      return query.orderBy("completed_at", "desc").orderBy("id", "desc").limit(limit).execute();
    }, tx);
    return rows.map(executionMapping.fromListedRow);
  }

  /** The executions of a trace, oldest first. */
  async listByTrace(platformId: PlatformId, traceId: string, tx?: Transaction): Promise<JobExecution[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("job_executions")
          .selectAll()
          .where("trace_id", "=", traceId)
          .where("platform_id", "=", platformId)
          .orderBy("id")
          .execute(),
      tx,
    );
    return rows.map(executionMapping.fromListedRow);
  }

  /** How executions that ended in a span of time ended. */
  async countFinished(
    platformId: PlatformId,
    from: number,
    tx?: Transaction,
  ): Promise<{ status: ExecutionStatus; count: number; totalDurationMs: number }[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("job_executions")
          .where("completed_at", ">=", from)
          .where("platform_id", "=", platformId)
          .groupBy("status")
          .select(["status", sql<number>`count(*)`.as("count"), sql<number>`coalesce(sum(duration_ms), 0)`.as("total")])
          .execute(),
      tx,
    );
    return rows.map((row) => ({ status: row.status, count: Number(row.count), totalDurationMs: Number(row.total) }));
  }

  /** How many of a platform's executions are not over, by status, and since when the oldest ready one is due. */
  async countOpen(
    platformId: PlatformId,
    tx?: Transaction,
  ): Promise<{ pending: number; running: number; oldestReadyDueAt: number | null }> {
    const rows = await this.database.read((executor) => {
      // As literals, so that each part reads its own partial index and nothing of what is over.
      const part = (status: "ready" | "waiting" | "running", condition: string) =>
        executor
          .selectFrom("job_executions")
          .where(sql<boolean>`${sql.raw(condition)}`)
          .where("platform_id", "=", platformId)
          .select([
            sql.lit(status).as("part"),
            sql<number>`count(*)`.as("count"),
            sql<number | null>`min(due_at)`.as("oldest"),
          ]);
      return part("ready", "status = 'pending' and waits_for is null")
        .unionAll(part("waiting", "status = 'pending' and waits_for is not null"))
        .unionAll(part("running", "status = 'running'"))
        .execute();
    }, tx);
    // Each part gives one row, of nothing too.
    const of = (name: (typeof rows)[number]["part"]) => onlyRow(rows.filter(({ part }) => part === name));
    const count = (name: (typeof rows)[number]["part"]) => Number(of(name).count);
    return {
      pending: count("ready") + count("waiting"),
      running: count("running"),
      oldestReadyDueAt: of("ready").oldest,
    };
  }

  /** The durations and ends of a job's last executions that ran, the latest first. */
  async listDurations(
    jobId: JobId,
    limit: number,
    tx?: Transaction,
  ): Promise<{ status: ExecutionStatus; durationMs: number }[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("job_executions")
          .select(["status", "duration_ms"])
          .where("job_id", "=", jobId)
          .where("duration_ms", "is not", null)
          .orderBy("scheduled_at", "desc")
          .limit(limit)
          .execute(),
      tx,
    );
    return rows.map((row) => ({ status: row.status, durationMs: Number(row.duration_ms) }));
  }

  /** Adds lines behind those that are there. */
  async appendLogs(id: JobExecutionId, lines: readonly NewJobExecutionLog[], tx?: Transaction): Promise<void> {
    if (lines.length === 0) return;
    await this.database.transaction(async ({ executor }) => {
      for (const { attempt, timestamp, level, message, data } of lines) {
        await insertLog.run(executor, {
          execution_id: id,
          attempt,
          timestamp,
          level,
          message,
          data: encodeOptionalJson(data, "log data", this.database.limits.stateBytes),
        });
      }
    }, tx);
  }

  /** The lines of an execution, in order. */
  async listLogs(id: JobExecutionId, filter: LogFilter = {}, tx?: Transaction): Promise<JobExecutionLog[]> {
    const rows = await this.database.read((executor) => {
      let query = executor.selectFrom("job_execution_logs").selectAll().where("execution_id", "=", id);
      if (filter.levels) query = query.where("level", "in", filter.levels);
      if (filter.afterSeq !== undefined) query = query.where("seq", ">", filter.afterSeq);
      return query
        .orderBy("seq")
        .limit(filter.limit ?? 1_000)
        .execute();
    }, tx);
    return rows.map(({ seq, attempt, timestamp, level, message, data }) => ({
      seq,
      attempt,
      timestamp,
      level,
      message,
      data: decodeOptionalListedJson(data, "job_execution_logs", `${id}/${seq}`, "data"),
    }));
  }

  /** When the execution ended that ended first; null where none has. */
  async oldestCompletedAt(tx?: Transaction): Promise<number | null> {
    const row = await this.database.read(
      (executor) =>
        executor
          .selectFrom("job_executions")
          .select("completed_at")
          .where("completed_at", "is not", null)
          .orderBy("completed_at")
          .limit(1)
          .executeTakeFirst(),
      tx,
    );
    return row?.completed_at ?? null;
  }

  /** Finished executions that are old enough to go, oldest first, with what decides whether they may. */
  async listExpired(
    { statuses, completedBefore, after, limit }: ExpirySelector,
    tx?: Transaction,
  ): Promise<{ id: JobExecutionId; jobId: JobId; completedAt: number; keepLast: number; scheduledAt: number }[]> {
    const rows = await this.database.read((executor) => {
      let query = executor
        .selectFrom("job_executions")
        .innerJoin("scheduled_jobs", "scheduled_jobs.id", "job_executions.job_id")
        .where("job_executions.completed_at", "<", completedBefore)
        .where("job_executions.status", "in", statuses);
      if (after) {
        query = query
          .where("job_executions.completed_at", ">=", after.at)
          .where((expression) =>
            expression.or([
              expression("job_executions.completed_at", ">", after.at),
              expression("job_executions.id", ">", after.id),
            ]),
          );
      }
      return query
        .select([
          "job_executions.id",
          "job_executions.job_id",
          "job_executions.completed_at",
          "job_executions.scheduled_at",
          "scheduled_jobs.keep_last",
        ])
        .orderBy("job_executions.completed_at")
        .orderBy("job_executions.id")
        .limit(limit)
        .execute();
    }, tx);
    return rows.map((row) => ({
      id: row.id,
      jobId: row.job_id,
      completedAt: Number(row.completed_at),
      scheduledAt: row.scheduled_at,
      keepLast: row.keep_last,
    }));
  }

  /** A job's last execution but `count`, by nominal time and id; null where it has no more than that. */
  async findLastBut(jobId: JobId, count: number, tx?: Transaction): Promise<HistoryCursor | null> {
    const row = await this.database.read(
      (executor) =>
        executor
          .selectFrom("job_executions")
          .select(["scheduled_at", "id"])
          .where("job_id", "=", jobId)
          .orderBy("scheduled_at", "desc")
          .orderBy("id", "desc")
          .offset(count)
          .limit(1)
          .executeTakeFirst(),
      tx,
    );
    return row ? { at: row.scheduled_at, id: row.id } : null;
  }

  /** Deletes executions with their log lines; gives how many. */
  async delete(ids: readonly JobExecutionId[], tx?: Transaction): Promise<number> {
    return this.database.transaction(async ({ executor }) => {
      let deleted = 0;
      for (const piece of chunk(ids)) {
        const result = await executor.deleteFrom("job_executions").where("id", "in", piece).executeTakeFirst();
        deleted += Number(result.numDeletedRows);
      }
      return deleted;
    }, tx);
  }
}
