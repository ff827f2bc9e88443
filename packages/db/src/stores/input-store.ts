/** The input ledger: everything that came from outside and may cause something. */
import type { Selectable } from "kysely";
import { prepareQuery } from "../compiled-query.ts";
import type { Database, Transaction } from "../database.ts";
import { NotFoundError } from "../errors.ts";
import type { EventId, InputId, MutationId, RunId, WorkflowId } from "../ids.ts";
import type { InputTable } from "../schema.ts";
import type { InputStatus } from "../statuses.ts";
import {
  glanceAtInputs,
  inputsOfEvent,
  inputsOfMutation,
  inputsOfRun,
  walksOfInputs,
  type InputFilter,
  type InputGlance,
} from "./input-queries.ts";
import { listAlong, pageAlong, type Page } from "./paging.ts";

export interface Input {
  id: InputId;
  workflowId: WorkflowId;
  /** Where it came from, for example `mail`. */
  source: string;
  /** What it is, for example `invoice`. */
  type: string;
  /** Its identity at the source, for example a Message-ID. */
  externalId: string;
  title: string;
  status: InputStatus;
  createdByRunId: RunId | null;
  createdAt: number;
  updatedAt: number;
}

export type NewInput = Pick<Input, "workflowId" | "source" | "type" | "externalId" | "title" | "createdByRunId">;

function toInput(row: Selectable<InputTable>): Input {
  return {
    id: row.id,
    workflowId: row.workflow_id,
    source: row.source,
    type: row.type,
    externalId: row.external_id,
    title: row.title,
    status: row.status,
    createdByRunId: row.created_by_run_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

type Identity = Pick<NewInput, "workflowId" | "source" | "type" | "externalId">;

const byIdentity = prepareQuery<Identity>()((queries, argument) =>
  queries
    .selectFrom("inputs")
    .selectAll()
    .where("workflow_id", "=", argument("workflowId"))
    .where("source", "=", argument("source"))
    .where("type", "=", argument("type"))
    .where("external_id", "=", argument("externalId")),
);

const insert = prepareQuery<NewInput & { id: InputId; now: number }>()((queries, argument) =>
  queries
    .insertInto("inputs")
    .values({
      id: argument("id"),
      workflow_id: argument("workflowId"),
      source: argument("source"),
      type: argument("type"),
      external_id: argument("externalId"),
      title: argument("title"),
      status: "active",
      created_by_run_id: argument("createdByRunId"),
      created_at: argument("now"),
      updated_at: argument("now"),
    })
    .onConflict((conflict) => conflict.columns(["workflow_id", "source", "type", "external_id"]).doNothing()),
);

export class InputStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** By (workflow, source, type, external id), atomically; an input that is there already stays as it is. */
  getOrCreate(input: NewInput, now: number, tx?: Transaction): Promise<{ input: Input; created: boolean }> {
    const { workflowId, source, type, externalId, title, createdByRunId } = input;
    const row = { id: this.database.newId<InputId>(), workflowId, source, type, externalId, title };
    return this.database.write(async ({ executor }) => {
      const inserted = await insert.run(executor, { ...row, createdByRunId, now });
      // What was not inserted is there.
      if (inserted === 0) return { input: toInput(await byIdentity.only(executor, row)), created: false };
      return {
        input: { ...row, status: "active", createdByRunId, createdAt: now, updatedAt: now },
        created: true,
      };
    }, tx);
  }

  async find(id: InputId, tx?: Transaction): Promise<Input | null> {
    const row = await this.database.read(
      (executor) => executor.selectFrom("inputs").selectAll().where("id", "=", id).executeTakeFirst(),
      tx,
    );
    return row ? toInput(row) : null;
  }

  /** @throws NotFoundError */
  async get(id: InputId, tx?: Transaction): Promise<Input> {
    const input = await this.find(id, tx);
    if (!input) throw new NotFoundError("inputs", id);
    return input;
  }

  /** Inputs, newest first. */
  async list(filter: InputFilter = {}, tx?: Transaction): Promise<Input[]> {
    const rows = await this.database.read(
      (executor) => listAlong<InputTable>(executor, walksOfInputs(filter), filter),
      tx,
    );
    return rows.map(toInput);
  }

  /** A page of inputs, newest first, found among a bounded number of rows. */
  async page(filter: InputFilter = {}, tx?: Transaction): Promise<Page<Input, InputId>> {
    const { rows, next } = await this.database.read(
      (executor) => pageAlong<InputTable, InputId>(executor, walksOfInputs(filter), filter),
      tx,
    );
    return { rows: rows.map(toInput), next };
  }

  /** The inputs behind the events that a run reserved, and those that it registered, oldest first; at most 1,000. */
  async listOfRun(runId: RunId, tx?: Transaction): Promise<Input[]> {
    const rows = await this.database.read((executor) => inputsOfRun.all(executor, { runId }), tx);
    return rows.map(toInput);
  }

  /** The inputs behind an event, oldest first; at most 1,000. */
  async listOfEvent(eventId: EventId, tx?: Transaction): Promise<Input[]> {
    const rows = await this.database.read((executor) => inputsOfEvent.all(executor, { eventId }), tx);
    return rows.map(toInput);
  }

  /** The inputs that caused a mutation, oldest first; at most 1,000. */
  async listOfMutation(mutationId: MutationId, tx?: Transaction): Promise<Input[]> {
    const rows = await this.database.read((executor) => inputsOfMutation.all(executor, { mutationId }), tx);
    return rows.map(toInput);
  }

  /** What came of a workflow's newest inputs: for each source and type, how many mutations of which kind and status. */
  glance(workflowId: WorkflowId, newest = 500, tx?: Transaction): Promise<InputGlance[]> {
    return this.database.read((executor) => glanceAtInputs(executor, workflowId, newest), tx);
  }

  /** Marks an input as skipped; gives false when it was already. @throws NotFoundError */
  async skip(id: InputId, now: number, tx?: Transaction): Promise<boolean> {
    return this.database.transaction(async (inner) => {
      const result = await inner.executor
        .updateTable("inputs")
        .set({ status: "skipped", updated_at: now })
        .where("id", "=", id)
        .where("status", "=", "active")
        .executeTakeFirst();
      if (result.numUpdatedRows > 0n) return true;
      await this.get(id, inner);
      return false;
    }, tx);
  }

  /** Gives the number of inputs deleted (0 or 1). */
  async delete(id: InputId, tx?: Transaction): Promise<number> {
    const result = await this.database.write(
      ({ executor }) => executor.deleteFrom("inputs").where("id", "=", id).executeTakeFirst(),
      tx,
    );
    return Number(result.numDeletedRows);
  }
}
