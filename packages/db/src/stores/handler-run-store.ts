/** Runs of handlers: where each stands, which it retries, and what it logged. */
import { sql, type Updateable } from "kysely";
import { decodeOptionalListedJson, encodeOptionalJson } from "../codecs.ts";
import { prepareQuery, prepareUpdate } from "../compiled-query.ts";
import type { Database, Transaction } from "../database.ts";
import { IllegalTransitionError, NotFoundError, TransitionConflictError } from "../errors.ts";
import type { InputId, PlatformId, RunId } from "../ids.ts";
import type { JsonValue } from "../json.ts";
import type { HandlerRunTable } from "../schema.ts";
import { isLegalRunTransition, type RunPhase, type RunPosition, type RunStatus } from "../statuses.ts";
import {
  chainOf,
  countRuns,
  runsOfInput,
  walksOfRuns,
  type HandlerRunFilter,
  type RunCounts,
} from "./handler-run-queries.ts";
import {
  toHandlerRun,
  toListedRun,
  type HandlerRun,
  type HandlerRunPatch,
  type NewHandlerRun,
  type RunLog,
} from "./handler-run.ts";
import { listAlong, pageAlong, type Page } from "./paging.ts";

type InsertArguments = Omit<
  HandlerRunTable,
  | "status"
  | "output_state"
  | "error"
  | "error_type"
  | "prepared_at"
  | "mutating_at"
  | "mutated_at"
  | "emitting_at"
  | "ended_at"
>;

const insert = prepareQuery<InsertArguments>()((queries, argument) =>
  queries.insertInto("handler_runs").values({
    id: argument("id"),
    session_id: argument("session_id"),
    workflow_id: argument("workflow_id"),
    script_id: argument("script_id"),
    handler_type: argument("handler_type"),
    handler_name: argument("handler_name"),
    trigger: argument("trigger"),
    phase: argument("phase"),
    status: "active",
    retry_of: argument("retry_of"),
    attempt: argument("attempt"),
    transient_failures: argument("transient_failures"),
    mutation_id: argument("mutation_id"),
    mutation_outcome: argument("mutation_outcome"),
    prepare_result: argument("prepare_result"),
    input_state: argument("input_state"),
    output_state: null,
    error: null,
    error_type: null,
    started_at: argument("started_at"),
    ended_at: null,
  }),
);

const byId = prepareQuery<{ id: RunId }>()((queries, argument) =>
  queries.selectFrom("handler_runs").selectAll().where("id", "=", argument("id")),
);

const guardedUpdate = prepareUpdate<{ runId: RunId; fromPhase: RunPhase; fromStatus: RunStatus }>()(
  (queries, columns, argument) =>
    queries
      .updateTable("handler_runs")
      .set(columns)
      .where("id", "=", argument("runId"))
      .where("phase", "=", argument("fromPhase"))
      .where("status", "=", argument("fromStatus")),
);

const position = (at: RunPosition) => `${at.phase}/${at.status}`;

export class HandlerRunStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Creates an active run. @throws ConstraintViolationError when its workflow has an active run already */
  async create(run: NewHandlerRun, now: number, tx?: Transaction): Promise<HandlerRun> {
    const id = this.database.newId<RunId>();
    const json = (value: JsonValue | null, what: string) =>
      encodeOptionalJson(value, `${what} of ${run.handlerName}`, this.database.limits.stateBytes);
    const row: InsertArguments = {
      id,
      session_id: run.sessionId,
      workflow_id: run.workflowId,
      script_id: run.scriptId,
      handler_type: run.handlerType,
      handler_name: run.handlerName,
      trigger: run.trigger,
      phase: run.phase,
      retry_of: run.retryOf,
      attempt: run.attempt,
      transient_failures: run.transientFailures,
      mutation_id: run.mutationId,
      mutation_outcome: run.mutationOutcome,
      prepare_result: json(run.prepareResult, "prepare result"),
      input_state: json(run.inputState, "state"),
      started_at: now,
    };
    await this.database.write(({ executor }) => insert.run(executor, row), tx);
    return {
      ...run,
      id,
      status: "active",
      outputState: null,
      error: null,
      errorType: null,
      startedAt: now,
      preparedAt: null,
      mutatingAt: null,
      mutatedAt: null,
      emittingAt: null,
      endedAt: null,
    };
  }

  async find(id: RunId, tx?: Transaction): Promise<HandlerRun | null> {
    const row = await this.database.read((executor) => byId.first(executor, { id }), tx);
    return row ? toHandlerRun(row) : null;
  }

  /** Like `find`, as lists have it: with `UNREADABLE` in the place of a column that can't be read. */
  async findListed(id: RunId, tx?: Transaction): Promise<HandlerRun | null> {
    const row = await this.database.read((executor) => byId.first(executor, { id }), tx);
    return row ? toListedRun(row) : null;
  }

  /** @throws NotFoundError */
  async get(id: RunId, tx?: Transaction): Promise<HandlerRun> {
    const run = await this.find(id, tx);
    if (!run) throw new NotFoundError("handler_runs", id);
    return run;
  }

  /** Runs, newest first. */
  async list(filter: HandlerRunFilter = {}, tx?: Transaction): Promise<HandlerRun[]> {
    const rows = await this.database.read(
      (executor) => listAlong<HandlerRunTable>(executor, walksOfRuns(filter), filter),
      tx,
    );
    return rows.map(toListedRun);
  }

  /** A page of runs, newest first, found among a bounded number of rows. */
  async page(filter: HandlerRunFilter = {}, tx?: Transaction): Promise<Page<HandlerRun, RunId>> {
    const { rows, next } = await this.database.read(
      (executor) => pageAlong<HandlerRunTable, RunId>(executor, walksOfRuns(filter), filter),
      tx,
    );
    return { rows: rows.map(toListedRun), next };
  }

  /** Every run that is active, oldest first. */
  async listActive(tx?: Transaction): Promise<HandlerRun[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("handler_runs")
          .selectAll()
          .where("status", "=", "active")
          // There is an index of those that are active; the sign keeps SQLite from walking all runs by their time.
          .orderBy(sql`+started_at`)
          .execute(),
      tx,
    );
    return rows.map(toListedRun);
  }

  /** The runs that retry this one; a chain is a line, so there is at most one. */
  async listRetriesOf(id: RunId, tx?: Transaction): Promise<HandlerRun[]> {
    const rows = await this.database.read(
      (executor) => executor.selectFrom("handler_runs").selectAll().where("retry_of", "=", id).orderBy("id").execute(),
      tx,
    );
    return rows.map(toListedRun);
  }

  /** The whole chain of retries that a run is part of, oldest first; at most 1,000 to each side of it. */
  async listChain(id: RunId, tx?: Transaction): Promise<HandlerRun[]> {
    const rows = await this.database.read((executor) => chainOf.all(executor, { runId: id }), tx);
    return rows.map(toListedRun);
  }

  /** The runs that have reserved an event which an input caused, newest first. */
  async listOfInput(inputId: InputId, limit = 100, tx?: Transaction): Promise<HandlerRun[]> {
    const rows = await this.database.read((executor) => runsOfInput.all(executor, { inputId, limit }), tx);
    return rows.map(toListedRun);
  }

  /** How many of a platform's runs started in [from, until) have which status. */
  countsBetween(platformId: PlatformId, from: number, until: number, tx?: Transaction): Promise<RunCounts> {
    return this.database.read((executor) => countRuns(executor, { platformId, from, until }), tx);
  }

  /**
   * Moves a run from the position it is expected in to that of the patch, in one guarded update.
   * @throws IllegalTransitionError, TransitionConflictError when it is elsewhere, NotFoundError
   */
  async transition(
    run: Pick<HandlerRun, "id" | "handlerType" | "handlerName">,
    expected: RunPosition,
    patch: HandlerRunPatch,
    tx?: Transaction,
  ): Promise<void> {
    if (!isLegalRunTransition(run.handlerType, expected, patch)) {
      throw new IllegalTransitionError("handler_runs", run.id, position(expected), position(patch));
    }
    // What stays is not written: there are indexes of the status.
    const moved = patch.status === expected.status ? {} : { status: patch.status };
    const columns = { phase: patch.phase, ...moved, ...this.toColumns(run.handlerName, patch) };
    await this.database.write(async (inner) => {
      const guard = { runId: run.id, fromPhase: expected.phase, fromStatus: expected.status };
      if ((await guardedUpdate(inner.executor, columns, guard)) > 0) return;
      const actual = await this.get(run.id, inner);
      throw new TransitionConflictError("handler_runs", run.id, position(expected), position(actual));
    }, tx);
  }

  /** Adds log lines after those that the run has. */
  async appendLogs(id: RunId, logs: readonly RunLog[], tx?: Transaction): Promise<void> {
    if (logs.length === 0) return;
    await this.database.transaction(async ({ executor }) => {
      const last = await executor
        .selectFrom("run_logs")
        .select((expression) => expression.fn.max("seq").as("seq"))
        .where("run_id", "=", id)
        .executeTakeFirst();
      let seq = Number(last?.seq ?? 0);
      for (const { at, level, message, data } of logs) {
        seq += 1;
        const text = encodeOptionalJson(data, `log data of run ${id}`);
        await executor.insertInto("run_logs").values({ run_id: id, seq, at, level, message, data: text }).execute();
      }
    }, tx);
  }

  /** A run's log lines, in order. */
  async listLogs(id: RunId, tx?: Transaction): Promise<RunLog[]> {
    const rows = await this.database.read(
      (executor) => executor.selectFrom("run_logs").selectAll().where("run_id", "=", id).orderBy("seq").execute(),
      tx,
    );
    return rows.map(({ at, level, message, data }) => ({
      at,
      level,
      message,
      data: decodeOptionalListedJson(data, "run_logs", id, "data"),
    }));
  }

  /** Gives the number of runs deleted (0 or 1). */
  async delete(id: RunId, tx?: Transaction): Promise<number> {
    const result = await this.database.write(
      ({ executor }) => executor.deleteFrom("handler_runs").where("id", "=", id).executeTakeFirst(),
      tx,
    );
    return Number(result.numDeletedRows);
  }

  private toColumns(handlerName: string, patch: HandlerRunPatch): Updateable<HandlerRunTable> {
    const { stateBytes } = this.database.limits;
    return {
      ...(patch.sessionId !== undefined && { session_id: patch.sessionId }),
      ...(patch.mutationId !== undefined && { mutation_id: patch.mutationId }),
      ...(patch.mutationOutcome !== undefined && { mutation_outcome: patch.mutationOutcome }),
      ...(patch.prepareResult !== undefined && {
        prepare_result: encodeOptionalJson(patch.prepareResult, `prepare result of ${handlerName}`, stateBytes),
      }),
      ...(patch.outputState !== undefined && {
        output_state: encodeOptionalJson(patch.outputState, `state of ${handlerName}`, stateBytes),
      }),
      ...(patch.error !== undefined && { error: patch.error }),
      ...(patch.errorType !== undefined && { error_type: patch.errorType }),
      ...(patch.preparedAt !== undefined && { prepared_at: patch.preparedAt }),
      ...(patch.mutatingAt !== undefined && { mutating_at: patch.mutatingAt }),
      ...(patch.mutatedAt !== undefined && { mutated_at: patch.mutatedAt }),
      ...(patch.emittingAt !== undefined && { emitting_at: patch.emittingAt }),
      ...(patch.endedAt !== undefined && { ended_at: patch.endedAt }),
    };
  }
}
