/**
 * Jobs: what is to run, when, and how it went so far.
 *
 * Invariants:
 * 1. A change of status is guarded by the status that it was decided upon.
 * 2. `next_run` moves only from the value that it was seen at, so that no tick is taken twice.
 */
import { decodeListedJson, encodeJson } from "../codecs.ts";
import type { Database, QueryExecutor, Transaction } from "../database.ts";
import { IllegalTransitionError, NotFoundError, TransitionConflictError } from "../errors.ts";
import type { JobId, PlatformId } from "../ids.ts";
import type { ScheduledJobTable } from "../job-schema.ts";
import { JOB_TRANSITIONS, type JobStatus } from "../job-statuses.ts";
import type { JsonValue } from "../json.ts";
import { readEach, type ReadRows } from "../row-mapping.ts";
import { chunk } from "./chunk.ts";
import {
  addOutcome,
  advanceFrom,
  byId,
  byIds,
  changeFromStatus,
  due,
  earliest,
  filtered,
  FRESH,
  insert,
  newJobs,
  overdue,
  unscheduled,
  type JobFilter,
} from "./job-queries.ts";
import { jobMapping, type Job } from "./job.ts";

export type NewJob = Omit<Job, "id" | "createdAt" | "updatedAt" | keyof typeof FRESH>;
export type JobPatch = Partial<Omit<Job, "id" | "platformId" | "createdAt" | "updatedAt">>;

/** Each has a whole definition of the job. */
const MOST_VERSIONS = 200;

/** What an execution that is over means for its job. */
export interface JobOutcome {
  /** Null where it counts as neither: it was cancelled. */
  succeeded: boolean | null;
  durationMs: number;
  /** When it began, in Unix milliseconds. */
  startedAt: number;
  /** What the job becomes, if this was all that it had to do … */
  endsJobAs: "completed" | "failed" | null;
  /** … and it has not been edited since: this is the version that the execution was taken for. */
  version: number;
}

/** How far a job has come; all the rest of it changes with its version only. */
export type JobProgress = Pick<Job, "version" | "status" | "nextRun" | "lastRun" | "updatedAt" | "finishedAt"> &
  Pick<Job, "pauseNote" | "pausedAt" | "runCount" | "executionCount" | "successCount" | "failureCount"> &
  Pick<Job, "consecutiveFailures" | "totalDurationMs">;

export interface JobVersion {
  version: number;
  definition: JsonValue;
  createdBy: string | null;
  createdAt: number;
}

export class JobStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** @throws ConstraintViolationError when the platform has a job of this key; ValueTooLargeError, NotSerialisableError */
  async create(job: NewJob, now: number, tx?: Transaction): Promise<Job> {
    const row: Job = { ...FRESH, ...job, id: this.database.newId<JobId>(), createdAt: now, updatedAt: now };
    const values = newJobs.values(row, `job ${job.name}`, this.database.limits.payloadBytes);
    await this.writeRow(
      row.tags.length > 0,
      async ({ executor }) => {
        await insert(executor, values);
        await this.saveTags(executor, row);
      },
      tx,
    );
    return row;
  }

  async find(id: JobId, tx?: Transaction): Promise<Job | null> {
    const row = await this.database.read((executor) => byId.first(executor, { id }), tx);
    return row ? jobMapping.fromRow(row) : null;
  }

  /** Those jobs that there are. */
  async findEach(ids: readonly JobId[], tx?: Transaction): Promise<ReadRows<Job>> {
    const rows = await this.database.read((executor) => byIds.all(executor, { ids: JSON.stringify(ids) }), tx);
    return readEach(rows, jobMapping.fromRow);
  }

  /** Like `find`, as lists have it: with `UNREADABLE` in the place of a column that can't be read. */
  async findListed(id: JobId, tx?: Transaction): Promise<Job | null> {
    const row = await this.database.read((executor) => byId.first(executor, { id }), tx);
    return row ? jobMapping.fromListedRow(row) : null;
  }

  /** @throws NotFoundError */
  async get(id: JobId, tx?: Transaction): Promise<Job> {
    const job = await this.find(id, tx);
    if (!job) throw new NotFoundError("scheduled_jobs", id);
    return job;
  }

  async findByKey(platformId: PlatformId, key: string, tx?: Transaction): Promise<Job | null> {
    const row = await this.database.read(
      (executor) =>
        executor
          .selectFrom("scheduled_jobs")
          .selectAll()
          .where("platform_id", "=", platformId)
          .where("key", "=", key)
          .executeTakeFirst(),
      tx,
    );
    return row ? jobMapping.fromRow(row) : null;
  }

  /** The newest job of a uniqueness key, over or not. */
  async findLatestByUniqueKey(platformId: PlatformId, uniqueKey: string, tx?: Transaction): Promise<Job | null> {
    const row = await this.database.read(
      (executor) =>
        executor
          .selectFrom("scheduled_jobs")
          .selectAll()
          .where("platform_id", "=", platformId)
          .where("unique_key", "=", uniqueKey)
          .orderBy("created_at", "desc")
          .orderBy("id", "desc")
          .limit(1)
          .executeTakeFirst(),
      tx,
    );
    return row ? jobMapping.fromRow(row) : null;
  }

  /** Jobs, newest first. */
  async list(filter: JobFilter = {}, tx?: Transaction): Promise<Job[]> {
    const rows = await this.database.read((executor) => filtered(executor, filter).execute(), tx);
    return rows.map(jobMapping.fromListedRow);
  }

  /** The jobs whose next tick has come, the earliest first. */
  async listDue(now: number, limit: number, tx?: Transaction): Promise<JobId[]> {
    const rows = await this.database.read((executor) => due.all(executor, { now, limit }), tx);
    return rows.map(({ id }) => id);
  }

  /** When the next tick of any job comes; null when none does. */
  async earliestNextRun(tx?: Transaction): Promise<number | null> {
    const row = await this.database.read((executor) => earliest.first(executor, {}), tx);
    return row?.next_run ?? null;
  }

  /** When the next tick of a platform's jobs comes; null when none does. */
  async earliestNextRunOf(platformId: PlatformId, tx?: Transaction): Promise<number | null> {
    const row = await this.database.read(
      (executor) =>
        executor
          .selectFrom("scheduled_jobs")
          .select("next_run")
          .where("platform_id", "=", platformId)
          .where("next_run", "is not", null)
          .orderBy("next_run")
          .limit(1)
          .executeTakeFirst(),
      tx,
    );
    return row?.next_run ?? null;
  }

  /** Jobs by status, every status named. */
  async countByStatus(platformId: PlatformId, tx?: Transaction): Promise<Map<JobStatus, number>> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("scheduled_jobs")
          .where("platform_id", "=", platformId)
          .groupBy("status")
          .select(["status", (expression) => expression.fn.countAll<number>().as("jobs")])
          .execute(),
      tx,
    );
    const counts = new Map<JobStatus, number>(Object.keys(JOB_TRANSITIONS).map((status) => [status as JobStatus, 0]));
    for (const row of rows) counts.set(row.status, Number(row.jobs));
    return counts;
  }

  /** Scheduled jobs that should have a next tick and have none, or one before `before`. */
  async listDead(before: number, limit: number, tx?: Transaction): Promise<Job[]> {
    const rows = await this.database.read(
      async (executor) => [
        ...(await overdue(executor, before, limit).execute()),
        ...(await unscheduled(executor, limit).execute()),
      ],
      tx,
    );
    return rows.slice(0, limit).map(jobMapping.fromListedRow);
  }

  /**
   * Changes a job that is still in the status in which it was seen.
   * @throws IllegalTransitionError, TransitionConflictError, NotFoundError
   */
  async change(
    seen: Pick<Job, "id" | "status" | "name">,
    patch: JobPatch,
    now: number,
    tx?: Transaction,
  ): Promise<void> {
    const { id, status } = seen;
    if (patch.status !== undefined && patch.status !== status) assertLegal(id, status, patch.status);
    const columns = { ...this.columns(patch, seen.name), updated_at: now };
    await this.writeRow(
      patch.tags !== undefined,
      async (own) => {
        const changed = await changeFromStatus(own.executor, columns, { jobId: id, fromStatus: status });
        if (changed === 0) throw conflict(id, status, (await this.get(id, own)).status);
        await this.replaceTags(own, id, patch);
      },
      tx,
    );
  }

  /** Pauses a job whose row cannot be read. @throws NotFoundError */
  async setAside(id: JobId, pauseNote: string, now: number, tx?: Transaction): Promise<void> {
    const result = await this.database.write(
      ({ executor }) =>
        executor
          .updateTable("scheduled_jobs")
          .set({ status: "paused", next_run: null, pause_note: pauseNote, paused_at: now, updated_at: now })
          .where("id", "=", id)
          .executeTakeFirst(),
      tx,
    );
    if (result.numUpdatedRows === 0n) throw new NotFoundError("scheduled_jobs", id);
  }

  /**
   * Takes the tick that a job was seen to be at.
   * @throws TransitionConflictError when somebody else has taken it, NotFoundError
   */
  async advance(
    seen: Pick<Job, "id" | "name"> & { nextRun: number },
    patch: JobPatch & { nextRun: number | null },
    now: number,
    tx?: Transaction,
  ): Promise<void> {
    const { id, nextRun } = seen;
    const columns = { ...this.columns(patch, seen.name), updated_at: now };
    await this.writeRow(
      patch.tags !== undefined,
      async (own) => {
        const changed = await advanceFrom(own.executor, columns, { jobId: id, fromNextRun: nextRun });
        if (changed === 0) {
          const actual = (await this.get(id, own)).nextRun;
          throw conflict(id, `next due at ${nextRun}`, `next due at ${actual}`);
        }
        await this.replaceTags(own, id, patch);
      },
      tx,
    );
  }

  /** Counts an execution that is over; ends the job where it says so and the job is open. @throws NotFoundError */
  async recordOutcome(id: JobId, outcome: JobOutcome, now: number, tx?: Transaction): Promise<JobProgress> {
    const { durationMs, startedAt, endsJobAs: endStatus, version } = outcome;
    const [successes, failures] = [Number(outcome.succeeded === true), Number(outcome.succeeded === false)];
    const given = { id, successes, failures, durationMs, startedAt, endStatus, version, now };
    const row = await this.database.write(({ executor }) => addOutcome.first(executor, given), tx);
    if (!row) throw new NotFoundError("scheduled_jobs", id);
    return row;
  }

  /** Keeps a version of a job's definition. */
  async saveVersion(id: JobId, version: JobVersion, tx?: Transaction): Promise<void> {
    const row = {
      job_id: id,
      version: version.version,
      definition: encodeJson(version.definition, `version ${version.version} of job ${id}`),
      created_by: version.createdBy,
      created_at: version.createdAt,
    };
    await this.database.write(({ executor }) => executor.insertInto("job_versions").values(row).execute(), tx);
  }

  /** A job's versions, newest first; at most 200. */
  async listVersions(id: JobId, tx?: Transaction): Promise<JobVersion[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("job_versions")
          .selectAll()
          .where("job_id", "=", id)
          .orderBy("version", "desc")
          .limit(MOST_VERSIONS)
          .execute(),
      tx,
    );
    return rows.map((row) => ({
      version: row.version,
      definition: decodeListedJson(row.definition, "job_versions", `${id}/${row.version}`, "definition"),
      createdBy: row.created_by,
      createdAt: row.created_at,
    }));
  }

  /** Deletes jobs with all they own; gives how many. */
  async delete(ids: readonly JobId[], tx?: Transaction): Promise<number> {
    return this.database.transaction(async ({ executor }) => {
      let deleted = 0;
      for (const piece of chunk(ids)) {
        const result = await executor.deleteFrom("scheduled_jobs").where("id", "in", piece).executeTakeFirst();
        deleted += Number(result.numDeletedRows);
      }
      return deleted;
    }, tx);
  }

  /** Deletes jobs in one of these statuses that ended before a time, at most `limit` of them; gives how many. */
  async deleteFinishedBefore(
    statuses: readonly JobStatus[],
    before: number,
    limit: number,
    tx?: Transaction,
  ): Promise<number> {
    const result = await this.database.write(
      ({ executor }) =>
        executor
          .deleteFrom("scheduled_jobs")
          .where("id", "in", (inner) =>
            inner
              .selectFrom("scheduled_jobs")
              .select("id")
              .where("finished_at", "<", before)
              .where("status", "in", statuses)
              .orderBy("finished_at")
              .limit(limit),
          )
          .executeTakeFirst(),
      tx,
    );
    return Number(result.numDeletedRows);
  }

  /** When the job ended that ended first; null where none has. */
  async oldestFinishedAt(tx?: Transaction): Promise<number | null> {
    const row = await this.database.read(
      (executor) =>
        executor
          .selectFrom("scheduled_jobs")
          .select("finished_at")
          .where("finished_at", "is not", null)
          .orderBy("finished_at")
          .limit(1)
          .executeTakeFirst(),
      tx,
    );
    return row?.finished_at ?? null;
  }

  private columns(fields: JobPatch, name: string): Partial<ScheduledJobTable> {
    const { payloadBytes } = this.database.limits;
    return jobMapping.toRow(fields, `job ${name}`, payloadBytes);
  }

  /** @param hasTags whether tags are written beside the job's row */
  private writeRow(hasTags: boolean, work: (tx: Transaction) => Promise<void>, tx?: Transaction): Promise<void> {
    return hasTags ? this.database.transaction(work, tx) : this.database.write(work, tx);
  }

  private async replaceTags(tx: Transaction, id: JobId, patch: JobPatch): Promise<void> {
    if (!patch.tags) return;
    await tx.executor.deleteFrom("job_tags").where("job_id", "=", id).execute();
    await this.saveTags(tx.executor, await this.get(id, tx));
  }

  private async saveTags(executor: QueryExecutor, { id, platformId, tags }: Job): Promise<void> {
    const rows = [...new Set(tags)].map((tag) => ({ job_id: id, platform_id: platformId, tag }));
    for (const piece of chunk(rows)) await executor.insertInto("job_tags").values(piece).execute();
  }
}

function assertLegal(id: JobId, from: JobStatus, to: JobStatus): void {
  const legal: readonly JobStatus[] = JOB_TRANSITIONS[to];
  if (!legal.includes(from)) throw new IllegalTransitionError("scheduled_jobs", id, from, to);
}

function conflict(id: JobId, expected: string, actual: string): TransitionConflictError {
  return new TransitionConflictError("scheduled_jobs", id, expected, actual);
}
