/** Replays: which past run was to run again from which phase, who asked for it, and which run came of it. */
import type { Selectable } from "kysely";
import { decodeJson, encodeJson } from "../codecs.ts";
import type { Database, Transaction } from "../database.ts";
import { CorruptRowError, TransitionConflictError } from "../errors.ts";
import type { MutationId, ReplayId, RunId, WorkflowId } from "../ids.ts";
import type { ReplayTable } from "../schema.ts";
import type { ReplayPhase } from "../statuses.ts";

export interface Replay {
  id: ReplayId;
  workflowId: WorkflowId;
  /** The past run. */
  runId: RunId;
  from: ReplayPhase;
  askedBy: string;
  evidence: string | null;
  /** The effects that whoever asked has said may happen again. */
  crossed: MutationId[];
  /** Unix milliseconds. */
  askedAt: number;
  /** The run that came of it; null while it has yet to begin. */
  startedRunId: RunId | null;
  /** When it was given up before it began, because its handler was gone. */
  withdrawnAt: number | null;
}

export type NewReplay = Pick<Replay, "workflowId" | "runId" | "from" | "askedBy" | "evidence" | "crossed">;

function toReplay(row: Selectable<ReplayTable>): Replay {
  return {
    id: row.id,
    workflowId: row.workflow_id,
    runId: row.run_id,
    from: row.from_phase,
    askedBy: row.asked_by,
    evidence: row.evidence,
    crossed: readCrossed(row),
    askedAt: row.asked_at,
    startedRunId: row.started_run_id,
    withdrawnAt: row.withdrawn_at,
  };
}

function readCrossed({ id, crossed }: Selectable<ReplayTable>): MutationId[] {
  const list = decodeJson(crossed, "replays", id, "crossed");
  if (!Array.isArray(list)) throw new CorruptRowError("replays", id, "crossed", new TypeError("It is no list."));
  return list.map((entry) => {
    if (typeof entry !== "string") throw new CorruptRowError("replays", id, "crossed", new TypeError("No id."));
    // Only ids of mutations are ever written there.
    return entry as MutationId;
  });
}

export class ReplayStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** @throws ConstraintViolationError when a replay of this workflow has yet to begin */
  async create(replay: NewReplay, now: number, tx?: Transaction): Promise<Replay> {
    const row: ReplayTable = {
      id: this.database.newId<ReplayId>(),
      workflow_id: replay.workflowId,
      run_id: replay.runId,
      from_phase: replay.from,
      asked_by: replay.askedBy,
      evidence: replay.evidence,
      crossed: encodeJson(replay.crossed, `effects crossed by a replay of run ${replay.runId}`),
      asked_at: now,
      started_run_id: null,
      withdrawn_at: null,
    };
    await this.database.write(({ executor }) => executor.insertInto("replays").values(row).execute(), tx);
    return toReplay(row);
  }

  /** The replay of a workflow that has yet to begin. */
  async findPending(workflowId: WorkflowId, tx?: Transaction): Promise<Replay | null> {
    const row = await this.database.read(
      (executor) =>
        executor
          .selectFrom("replays")
          .selectAll()
          .where("workflow_id", "=", workflowId)
          .where("started_run_id", "is", null)
          .where("withdrawn_at", "is", null)
          .executeTakeFirst(),
      tx,
    );
    return row ? toReplay(row) : null;
  }

  /** The replay as which a run began. */
  async findByStartedRun(runId: RunId, tx?: Transaction): Promise<Replay | null> {
    const row = await this.database.read(
      (executor) => executor.selectFrom("replays").selectAll().where("started_run_id", "=", runId).executeTakeFirst(),
      tx,
    );
    return row ? toReplay(row) : null;
  }

  /** The replays of a run, oldest first. */
  async listOfRun(runId: RunId, tx?: Transaction): Promise<Replay[]> {
    const rows = await this.database.read(
      (executor) => executor.selectFrom("replays").selectAll().where("run_id", "=", runId).orderBy("id").execute(),
      tx,
    );
    return rows.map(toReplay);
  }

  /** Notes the run as which a replay begins. @throws TransitionConflictError when it has begun, or was withdrawn */
  start(id: ReplayId, startedRunId: RunId, tx?: Transaction): Promise<void> {
    return this.endWaiting(id, { started_run_id: startedRunId }, tx);
  }

  /** Gives up a replay that has yet to begin. @throws TransitionConflictError when it has begun, or was withdrawn */
  withdraw(id: ReplayId, now: number, tx?: Transaction): Promise<void> {
    return this.endWaiting(id, { withdrawn_at: now }, tx);
  }

  private async endWaiting(
    id: ReplayId,
    columns: Pick<ReplayTable, "started_run_id"> | Pick<ReplayTable, "withdrawn_at">,
    tx?: Transaction,
  ): Promise<void> {
    const result = await this.database.write(
      ({ executor }) =>
        executor
          .updateTable("replays")
          .set(columns)
          .where("id", "=", id)
          .where("started_run_id", "is", null)
          .where("withdrawn_at", "is", null)
          .executeTakeFirst(),
      tx,
    );
    if (result.numUpdatedRows === 0n) throw new TransitionConflictError("replays", id, "waiting", "over");
  }
}
