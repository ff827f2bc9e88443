/** The mutation ledger: one row for each external action, and what is known about whether it happened. */
import type { Updateable } from "kysely";
import { encodeJson, encodeOptionalJson } from "../codecs.ts";
import { prepareQuery, prepareUpdate } from "../compiled-query.ts";
import type { Database, Transaction } from "../database.ts";
import { IllegalTransitionError, NotFoundError, TransitionConflictError } from "../errors.ts";
import type { MutationId, PlatformId, RunId } from "../ids.ts";
import type { MutationTable } from "../schema.ts";
import { MUTATION_TRANSITIONS, type MutationStatus } from "../statuses.ts";
import { chunk } from "./chunk.ts";
import {
  boundsOfMutations,
  countUnapplied,
  walksOfMutations,
  type MutationCounts,
  type MutationFilter,
} from "./mutation-queries.ts";
import { toListedMutation, toMutation, type Mutation, type MutationPatch, type NewMutation } from "./mutation.ts";
import { listAlong, pageAlong, type Page } from "./paging.ts";

type InsertArguments = Pick<
  MutationTable,
  | "id"
  | "handler_run_id"
  | "workflow_id"
  | "connector"
  | "operation"
  | "params"
  | "idempotency_key"
  | "title"
  | "status"
  | "sent_at"
  | "created_at"
>;

const insert = prepareQuery<InsertArguments>()((queries, argument) =>
  queries
    .insertInto("mutations")
    .values({
      id: argument("id"),
      handler_run_id: argument("handler_run_id"),
      workflow_id: argument("workflow_id"),
      connector: argument("connector"),
      operation: argument("operation"),
      params: argument("params"),
      idempotency_key: argument("idempotency_key"),
      title: argument("title"),
      status: argument("status"),
      sent_at: argument("sent_at"),
      reconcile_attempts: 0,
      not_applied_count: 0,
      created_at: argument("created_at"),
      updated_at: argument("created_at"),
    })
    .onConflict((conflict) => conflict.column("handler_run_id").doNothing())
    .returningAll(),
);

const byRun = prepareQuery<{ runId: RunId }>()((queries, argument) =>
  queries.selectFrom("mutations").selectAll().where("handler_run_id", "=", argument("runId")),
);

const byId = prepareQuery<{ id: MutationId }>()((queries, argument) =>
  queries.selectFrom("mutations").selectAll().where("id", "=", argument("id")),
);

const guardedUpdate = prepareUpdate<{ mutationId: MutationId; fromStatus: MutationStatus }>()(
  (queries, columns, argument) =>
    queries
      .updateTable("mutations")
      .set(columns)
      .where("id", "=", argument("mutationId"))
      .where("status", "=", argument("fromStatus")),
);

export class MutationStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Get-or-create by run: a run has one mutation, however often this is called. */
  async create(
    mutation: NewMutation,
    now: number,
    tx?: Transaction,
  ): Promise<{ mutation: Mutation; created: boolean }> {
    const { limits, newId } = this.database;
    const row: InsertArguments = {
      id: newId<MutationId>(),
      handler_run_id: mutation.handlerRunId,
      workflow_id: mutation.workflowId,
      connector: mutation.connector,
      operation: mutation.operation,
      params: encodeJson(
        mutation.params,
        `parameters of ${mutation.connector}.${mutation.operation}`,
        limits.stateBytes,
      ),
      idempotency_key: mutation.idempotencyKey,
      title: mutation.title,
      status: mutation.status,
      sent_at: mutation.sentAt,
      created_at: now,
    };
    return this.database.write(async (inner) => {
      const inserted = await insert.first(inner.executor, row);
      if (inserted) return { mutation: toMutation(inserted), created: true };
      const stored = await byRun.only(inner.executor, { runId: mutation.handlerRunId });
      return { mutation: toMutation(stored), created: false };
    }, tx);
  }

  async find(id: MutationId, tx?: Transaction): Promise<Mutation | null> {
    const row = await this.database.read((executor) => byId.first(executor, { id }), tx);
    return row ? toMutation(row) : null;
  }

  /** Like `find`, as lists have it: with `UNREADABLE` in the place of a column that can't be read. */
  async findListed(id: MutationId, tx?: Transaction): Promise<Mutation | null> {
    const row = await this.database.read((executor) => byId.first(executor, { id }), tx);
    return row ? toListedMutation(row) : null;
  }

  /** @throws NotFoundError */
  async get(id: MutationId, tx?: Transaction): Promise<Mutation> {
    const mutation = await this.find(id, tx);
    if (!mutation) throw new NotFoundError("mutations", id);
    return mutation;
  }

  async findByRun(runId: RunId, tx?: Transaction): Promise<Mutation | null> {
    const row = await this.database.read((executor) => byRun.first(executor, { runId }), tx);
    return row ? toMutation(row) : null;
  }

  /** The mutations of these ids that there are, in no order. */
  async listByIds(ids: readonly MutationId[], tx?: Transaction): Promise<Mutation[]> {
    const rows: MutationTable[] = [];
    for (const piece of chunk(ids)) {
      const found = await this.database.read(
        (executor) => executor.selectFrom("mutations").selectAll().where("id", "in", piece).execute(),
        tx,
      );
      rows.push(...found);
    }
    return rows.map(toListedMutation);
  }

  /** Mutations, newest first. */
  async list(filter: MutationFilter = {}, tx?: Transaction): Promise<Mutation[]> {
    const bounds = boundsOfMutations(filter);
    const rows = await this.database.read(
      (executor) => listAlong<MutationTable>(executor, walksOfMutations(filter), bounds),
      tx,
    );
    return rows.map(toListedMutation);
  }

  /** A page of mutations, newest first, found among a bounded number of rows. */
  async page(filter: MutationFilter = {}, tx?: Transaction): Promise<Page<Mutation, MutationId>> {
    const bounds = boundsOfMutations(filter);
    const { rows, next } = await this.database.read(
      (executor) => pageAlong<MutationTable, MutationId>(executor, walksOfMutations(filter), bounds),
      tx,
    );
    return { rows: rows.map(toListedMutation), next };
  }

  /** How many of a platform's mutations have each status but `applied`, of which there may be any number. */
  countsByStatus(platformId: PlatformId, tx?: Transaction): Promise<MutationCounts> {
    return this.database.read((executor) => countUnapplied(executor, platformId), tx);
  }

  /** Every mutation that waits to be reconciled, soonest first. */
  async listReconciling(tx?: Transaction): Promise<Mutation[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("mutations")
          .selectAll()
          .where("status", "=", "needs_reconcile")
          .orderBy("next_reconcile_at")
          .execute(),
      tx,
    );
    return rows.map(toListedMutation);
  }

  /**
   * Moves a mutation from one status to another, in one guarded update.
   * @throws IllegalTransitionError, TransitionConflictError when it has another status, NotFoundError
   */
  async transition(
    id: MutationId,
    from: MutationStatus,
    patch: MutationPatch & { status: MutationStatus },
    now: number,
    tx?: Transaction,
  ): Promise<void> {
    const legal: readonly MutationStatus[] = MUTATION_TRANSITIONS[patch.status];
    if (!legal.includes(from)) throw new IllegalTransitionError("mutations", id, from, patch.status);
    const columns = this.toColumns(id, patch);
    await this.database.write(async (inner) => {
      const guard = { mutationId: id, fromStatus: from };
      if ((await guardedUpdate(inner.executor, { ...columns, updated_at: now }, guard)) > 0) return;
      const actual = await this.get(id, inner);
      throw new TransitionConflictError("mutations", id, from, actual.status);
    }, tx);
  }

  /** Changes what is noted on a mutation, but not its status. @throws NotFoundError */
  async annotate(id: MutationId, patch: Omit<MutationPatch, "status">, now: number, tx?: Transaction): Promise<void> {
    const columns = this.toColumns(id, patch);
    const result = await this.database.write(
      ({ executor }) =>
        executor
          .updateTable("mutations")
          .set({ ...columns, updated_at: now })
          .where("id", "=", id)
          .executeTakeFirst(),
      tx,
    );
    if (result.numUpdatedRows === 0n) throw new NotFoundError("mutations", id);
  }

  /** Gives the number of mutations deleted (0 or 1). */
  async delete(id: MutationId, tx?: Transaction): Promise<number> {
    const result = await this.database.write(
      ({ executor }) => executor.deleteFrom("mutations").where("id", "=", id).executeTakeFirst(),
      tx,
    );
    return Number(result.numDeletedRows);
  }

  private toColumns(id: MutationId, patch: MutationPatch): Updateable<MutationTable> {
    const { stateBytes } = this.database.limits;
    return {
      ...(patch.status !== undefined && { status: patch.status }),
      ...(patch.idempotencyKey !== undefined && { idempotency_key: patch.idempotencyKey }),
      ...(patch.result !== undefined && {
        result: encodeOptionalJson(patch.result, `result of mutation ${id}`, stateBytes),
      }),
      ...(patch.error !== undefined && { error: patch.error }),
      ...(patch.sentAt !== undefined && { sent_at: patch.sentAt }),
      ...(patch.approvedBy !== undefined && { approved_by: patch.approvedBy }),
      ...(patch.approvedAt !== undefined && { approved_at: patch.approvedAt }),
      ...(patch.approvalEvidence !== undefined && { approval_evidence: patch.approvalEvidence }),
      ...(patch.reconcileAttempts !== undefined && { reconcile_attempts: patch.reconcileAttempts }),
      ...(patch.notAppliedCount !== undefined && { not_applied_count: patch.notAppliedCount }),
      ...(patch.uncertainSince !== undefined && { uncertain_since: patch.uncertainSince }),
      ...(patch.lastReconcileAt !== undefined && { last_reconcile_at: patch.lastReconcileAt }),
      ...(patch.nextReconcileAt !== undefined && { next_reconcile_at: patch.nextReconcileAt }),
      ...(patch.resolution !== undefined && { resolution: patch.resolution }),
      ...(patch.resolvedBy !== undefined && { resolved_by: patch.resolvedBy }),
      ...(patch.resolvedAt !== undefined && { resolved_at: patch.resolvedAt }),
      ...(patch.evidence !== undefined && { evidence: patch.evidence }),
      ...(patch.lateOutcome !== undefined && {
        late_outcome: encodeOptionalJson(patch.lateOutcome, `late outcome of mutation ${id}`, stateBytes),
      }),
    };
  }
}
