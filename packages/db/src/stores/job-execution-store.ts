/**
 * Executions of jobs: each tick, event or request has one row with all its attempts.
 *
 * Invariants:
 * 1. A tick has one record, whoever inserts it and how often.
 * 2. An execution is taken by one claim at a time; every write of the one who holds it names the claim's fencing token.
 * 3. What is over never changes, but for the execution that repeats it.
 */
import { sql, type NotNull } from "kysely";
import type { Database, Transaction } from "../database.ts";
import { IllegalTransitionError, NotFoundError, TransitionConflictError } from "../errors.ts";
import type { JobExecutionId, JobId } from "../ids.ts";
import type { JobExecutionTable } from "../job-schema.ts";
import { EXECUTION_TRANSITIONS, type ExecutionStatus } from "../job-statuses.ts";
import { readEach, type ReadRows } from "../row-mapping.ts";
import {
  byId,
  changeClaimed,
  changeFromStatus,
  claim,
  earliestDue,
  firstOpenOfJob,
  FRESH,
  isPending,
  insert,
  newExecutions,
  openOfJob,
  park,
  ready,
  releaseDue,
  renew,
  tick,
  unpark,
  type ClaimArguments,
} from "./job-execution-queries.ts";
import { executionMapping, type JobExecution } from "./job-execution.ts";

export type NewJobExecution = Omit<JobExecution, "id" | "createdAt" | "updatedAt" | keyof typeof FRESH> & {
  /** Given where others must know it beforehand. */
  id?: JobExecutionId;
};
export type JobExecutionPatch = Partial<Omit<JobExecution, "id" | "jobId" | "platformId" | "leaseToken" | "createdAt">>;

/** What a choice among ready executions needs to know of each. */
export type ReadyExecution = Pick<JobExecution, "id" | "jobId" | "concurrencyKey">;

/** A claim to be renewed. */
export interface Claim {
  id: JobExecutionId;
  leaseToken: number;
}

export class JobExecutionStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /**
   * Creates an execution; null where its tick, or its event, has a record already.
   * @throws ValueTooLargeError, NotSerialisableError, ConstraintViolationError when there is no such job
   */
  async create(execution: NewJobExecution, now: number, tx?: Transaction): Promise<JobExecution | null> {
    const id = execution.id ?? this.database.newId<JobExecutionId>();
    const row: JobExecution = { ...FRESH, ...execution, id, createdAt: now, updatedAt: now };
    const { payloadBytes } = this.database.limits;
    const values = newExecutions.values(row, `execution of ${execution.handlerName}`, payloadBytes);
    const created = await this.database.write(({ executor }) => insert(executor, values), tx);
    return created === 0 ? null : row;
  }

  async find(id: JobExecutionId, tx?: Transaction): Promise<JobExecution | null> {
    const row = await this.database.read((executor) => byId.first(executor, { id }), tx);
    return row ? executionMapping.fromRow(row) : null;
  }

  /** @throws NotFoundError */
  async get(id: JobExecutionId, tx?: Transaction): Promise<JobExecution> {
    const execution = await this.find(id, tx);
    if (!execution) throw new NotFoundError("job_executions", id);
    return execution;
  }

  /** Whose execution it is, also where the rest of its row cannot be read. @throws NotFoundError */
  async jobOf(id: JobExecutionId, tx?: Transaction): Promise<JobId> {
    const row = await this.database.read(
      (executor) => executor.selectFrom("job_executions").select("job_id").where("id", "=", id).executeTakeFirst(),
      tx,
    );
    if (!row) throw new NotFoundError("job_executions", id);
    return row.job_id;
  }

  /** What can be taken now, in the order in which it is to be taken. */
  async listReady(limit: number, tx?: Transaction): Promise<ReadyExecution[]> {
    const rows = await this.database.read((executor) => ready.all(executor, { limit }), tx);
    return rows.map((row) => ({ id: row.id, jobId: row.job_id, concurrencyKey: row.concurrency_key }));
  }

  /** A job's executions that are not over. */
  async listOpen(jobId: JobId, tx?: Transaction): Promise<Pick<JobExecution, "id" | "status">[]> {
    return this.database.read((executor) => openOfJob.all(executor, { jobId }), tx);
  }

  async hasOpen(jobId: JobId, tx?: Transaction): Promise<boolean> {
    return (await this.database.read((executor) => firstOpenOfJob.first(executor, { jobId }), tx)) !== undefined;
  }

  /** Takes a ready execution; null where it is not ready any more. @throws CorruptRowError, and it is taken all the same */
  async claim(
    { id, ...given }: ClaimArguments & { id: JobExecutionId },
    tx?: Transaction,
  ): Promise<JobExecution | null> {
    const { read, broken } = await this.claimEach([id], given, tx);
    for (const error of broken) throw error;
    return read[0] ?? null;
  }

  /** Takes those of these executions that are ready, also those that can't be read; in no order. */
  async claimEach(
    ids: readonly JobExecutionId[],
    given: ClaimArguments,
    tx?: Transaction,
  ): Promise<ReadRows<JobExecution>> {
    const asked = { ...given, ids: JSON.stringify(ids) };
    const rows = await this.database.write(({ executor }) => claim.all(executor, asked), tx);
    return readEach(rows, executionMapping.fromRow);
  }

  /**
   * Changes a running execution on behalf of the one who holds it; false where the claim is lost, or it is over.
   * @throws IllegalTransitionError, ValueTooLargeError, NotSerialisableError
   */
  async changeClaimed(
    { id, leaseToken }: Claim,
    patch: JobExecutionPatch,
    now: number,
    tx?: Transaction,
  ): Promise<boolean> {
    if (patch.status !== undefined) assertLegal(id, "running", patch.status);
    const columns = { ...this.columns(patch, id), updated_at: now };
    const changed = await this.database.write(
      ({ executor }) => changeClaimed(executor, columns, { executionId: id, leaseToken }),
      tx,
    );
    return changed === 1;
  }

  /**
   * Changes an execution that is still in the status in which it was seen.
   * @throws IllegalTransitionError, TransitionConflictError, NotFoundError
   */
  async change(
    seen: Pick<JobExecution, "id" | "status">,
    patch: JobExecutionPatch,
    now: number,
    tx?: Transaction,
  ): Promise<void> {
    const { id, status } = seen;
    const isOver = status !== "pending" && status !== "running";
    if (patch.status !== undefined && (isOver || patch.status !== status)) assertLegal(id, status, patch.status);
    else if (isOver) throw new IllegalTransitionError("job_executions", id, status, status);
    const columns = { ...this.columns(patch, id), updated_at: now };
    await this.database.write(async (own) => {
      const changed = await changeFromStatus(own.executor, columns, { executionId: id, fromStatus: status });
      if (changed === 1) return;
      const actual = (await this.get(id, own)).status;
      throw new TransitionConflictError("job_executions", id, status, actual);
    }, tx);
  }

  /** Names the execution that repeats one that is over. @throws NotFoundError */
  async markRedriven(id: JobExecutionId, by: JobExecutionId, now: number, tx?: Transaction): Promise<void> {
    const result = await this.database.write(
      ({ executor }) =>
        executor
          .updateTable("job_executions")
          .set({ redriven_by: by, updated_at: now })
          .where("id", "=", id)
          .executeTakeFirst(),
      tx,
    );
    if (result.numUpdatedRows === 0n) throw new NotFoundError("job_executions", id);
  }

  /**
   * Prolongs claims.
   * Gives of each one that still holds whether its cancellation was asked for; those that are lost are not named.
   */
  async renewLeases(
    claims: readonly Claim[],
    leaseExpiresAt: number,
    tx?: Transaction,
  ): Promise<Map<JobExecutionId, { cancelRequested: boolean }>> {
    return this.database.transaction(async ({ executor }) => {
      const held = new Map<JobExecutionId, { cancelRequested: boolean }>();
      for (const { id, leaseToken } of claims) {
        const row = await renew.first(executor, { id, leaseToken, leaseExpiresAt });
        if (row) held.set(id, { cancelRequested: row.cancel_requested_at !== null });
      }
      return held;
    }, tx);
  }

  /**
   * Running executions whose lease expires by a time, the earliest first.
   * @param settledOnly leaves out those whose handler was still running when its engine stopped
   */
  async listLost(by: number, settledOnly: boolean, limit: number, tx?: Transaction): Promise<JobExecution[]> {
    const rows = await this.database.read((executor) => {
      let query = executor
        .selectFrom("job_executions")
        .selectAll()
        // As literals, here and below, so that SQLite sees that the partial index fits.
        .where(sql<boolean>`status = 'running'`)
        .where("lease_expires_at", "<=", by);
      if (settledOnly) query = query.where("unsettled", "=", 0);
      return query.orderBy("lease_expires_at").limit(limit).execute();
    }, tx);
    return rows.map(executionMapping.fromRow);
  }

  /** Lets a pending execution wait for something. */
  async park(id: JobExecutionId, waitsFor: string, now: number, tx?: Transaction): Promise<number> {
    return this.database.write(({ executor }) => park.run(executor, { id, waitsFor, now }), tx);
  }

  /** Makes ready those who wait for something, by rank, at most `limit` of them; gives how many. */
  async unpark(waitsFor: string, limit: number, tx?: Transaction): Promise<number> {
    return this.database.write(({ executor }) => unpark.run(executor, { waitsFor, limit }), tx);
  }

  /** What pending executions wait for, each once. */
  async listWaits(tx?: Transaction): Promise<string[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("job_executions")
          .select("waits_for as waitsFor")
          .$narrowType<{ waitsFor: NotNull }>()
          .distinct()
          .where(sql<boolean>`status = 'pending' and waits_for is not null`)
          .execute(),
      tx,
    );
    return rows.map(({ waitsFor }) => waitsFor);
  }

  /** Lets a job's pending executions wait for something, or (null) for no more than their time; gives how many. */
  async holdJob(jobId: JobId, waitsFor: string | null, now: number, tx?: Transaction): Promise<number> {
    const result = await this.database.write(
      ({ executor }) =>
        executor
          .updateTable("job_executions")
          .set((expression) => ({
            waits_for: waitsFor ?? expression.case().when("due_at", ">", now).then("time").else(null).end(),
            updated_at: now,
          }))
          .where("job_id", "=", jobId)
          .where(isPending)
          .executeTakeFirst(),
      tx,
    );
    return Number(result.numUpdatedRows);
  }

  /** Makes ready what waited for its time, which has come; gives how many. */
  async releaseDue(now: number, tx?: Transaction): Promise<number> {
    return this.database.write(({ executor }) => releaseDue.run(executor, { now }), tx);
  }

  /** The earliest time that a pending execution waits for; null when none does. */
  async earliestDue(tx?: Transaction): Promise<number | null> {
    const row = await this.database.read((executor) => earliestDue.first(executor, {}), tx);
    return row?.due_at ?? null;
  }

  /** When the earliest lease of another worker expires; null when none runs anything. */
  async earliestForeignLease(workerId: string, tx?: Transaction): Promise<number | null> {
    const row = await this.database.read(
      (executor) =>
        executor
          .selectFrom("job_executions")
          .select("lease_expires_at")
          // As a literal, so that SQLite sees that the partial index fits.
          .where(sql<boolean>`status = 'running'`)
          .where("worker_id", "<>", workerId)
          .orderBy("lease_expires_at")
          .limit(1)
          .executeTakeFirst(),
      tx,
    );
    return row?.lease_expires_at ?? null;
  }

  /** Whether a tick has its record. */
  async hasTick(jobId: JobId, scheduledAt: number, tx?: Transaction): Promise<boolean> {
    const row = await this.database.read((executor) => tick.first(executor, { jobId, scheduledAt }), tx);
    return row !== undefined;
  }

  /** Deletes the ticks of a job that have not begun, for an edit makes them void; gives how many. */
  async deletePendingTicks(jobId: JobId, tx?: Transaction): Promise<number> {
    const result = await this.database.write(
      ({ executor }) =>
        executor
          .deleteFrom("job_executions")
          .where("job_id", "=", jobId)
          .where(isPending)
          .where("origin", "=", "schedule")
          .where("attempt", "=", 0)
          .executeTakeFirst(),
      tx,
    );
    return Number(result.numDeletedRows);
  }

  private columns(fields: JobExecutionPatch, name: string): Partial<JobExecutionTable> {
    return executionMapping.toRow(fields, `execution of ${name}`, this.database.limits.payloadBytes);
  }
}

function assertLegal(id: JobExecutionId, from: ExecutionStatus, to: ExecutionStatus): void {
  const legal: readonly ExecutionStatus[] = EXECUTION_TRANSITIONS[to];
  if (!legal.includes(from)) throw new IllegalTransitionError("job_executions", id, from, to);
}
