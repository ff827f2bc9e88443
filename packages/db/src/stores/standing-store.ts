/** How inputs stand: for many of them at once, the statuses of all that came of each. */
import { sql } from "kysely";
import type { Database, Transaction } from "../database.ts";
import type { InputId, RunId } from "../ids.ts";
import type { EventStatus, MutationStatus, RunStatus } from "../statuses.ts";
import { chunk } from "./chunk.ts";

/** What came of an input, as far as it tells how the input stands. */
export interface InputConsequences {
  /** Each status that any of its events has. */
  events: EventStatus[];
  /** The runs that reserved any of them and did not commit. */
  runs: { id: RunId; status: RunStatus }[];
  /** How many of its mutations are alike. */
  mutations: { status: MutationStatus; resolvedAt: number | null; approvedAt: number | null; count: number }[];
}

/** The runs that ever reserved an event of an input, each once. */
const RUNS_OF_INPUTS = sql.raw(`event_inputs cross join run_events on run_events.event_id = event_inputs.event_id`);

export class StandingStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Of each of these inputs, also of those of which nothing came. */
  async consequencesOf(ids: readonly InputId[], tx?: Transaction): Promise<Map<InputId, InputConsequences>> {
    const found = new Map<InputId, InputConsequences>(ids.map((id) => [id, { events: [], runs: [], mutations: [] }]));
    for (const piece of chunk(ids)) {
      for (const { inputId, status } of await this.eventsOf(piece, tx)) found.get(inputId)?.events.push(status);
      for (const { inputId, ...run } of await this.runsOf(piece, tx)) found.get(inputId)?.runs.push(run);
      for (const { inputId, ...group } of await this.mutationsOf(piece, tx)) found.get(inputId)?.mutations.push(group);
    }
    return found;
  }

  private async eventsOf(ids: readonly InputId[], tx?: Transaction) {
    const { rows } = await this.database.read(
      (executor) =>
        sql<{ inputId: InputId; status: EventStatus }>`
          select distinct event_inputs.input_id as inputId, events.status
          from event_inputs cross join events on events.id = event_inputs.event_id
          where event_inputs.input_id in (${sql.join(ids)})`.execute(executor),
      tx,
    );
    return rows;
  }

  private async runsOf(ids: readonly InputId[], tx?: Transaction) {
    const { rows } = await this.database.read(
      (executor) =>
        sql<{ inputId: InputId; id: RunId; status: RunStatus }>`
          select distinct event_inputs.input_id as inputId, handler_runs.id, handler_runs.status
          from ${RUNS_OF_INPUTS} cross join handler_runs on handler_runs.id = run_events.run_id
          where event_inputs.input_id in (${sql.join(ids)}) and +handler_runs.status <> 'committed'`.execute(executor),
      tx,
    );
    return rows;
  }

  private async mutationsOf(ids: readonly InputId[], tx?: Transaction) {
    const { rows } = await this.database.read(
      (executor) =>
        sql<{ inputId: InputId } & InputConsequences["mutations"][number]>`
          select event_inputs.input_id as inputId, mutations.status, mutations.resolved_at as resolvedAt,
            mutations.approved_at as approvedAt, count(distinct mutations.id) as count
          from ${RUNS_OF_INPUTS} cross join mutations on mutations.handler_run_id = run_events.run_id
          where event_inputs.input_id in (${sql.join(ids)})
          group by 1, 2, 3, 4`.execute(executor),
      tx,
    );
    return rows;
  }
}
