/** How inputs are found: the ways through the indexes of their table, and what came of them. */
import { sql } from "kysely";
import { prepareQuery } from "../compiled-query.ts";
import type { QueryExecutor } from "../database.ts";
import type { EventId, InputId, MutationId, RunId, WorkflowId } from "../ids.ts";
import type { InputStatus, MutationStatus } from "../statuses.ts";
import { idEndsWith } from "./id-ending.ts";
import { equals, isWord, ofPlatform, passes, when, type Condition, type PageFilter, type Walk } from "./paging.ts";
import { contains } from "./text-search.ts";

/** Times are those at which inputs were registered; `text` is looked for in the title and in the external id. */
export interface InputFilter extends PageFilter<InputId> {
  workflowId?: WorkflowId;
  source?: string;
  type?: string;
  status?: InputStatus;
  /** Only those whose id ends so: hexadecimal digits and dashes. */
  idEnding?: string;
}

export function walksOfInputs(filter: InputFilter): Walk[] {
  const { workflowId, source, type, status, platformId, idEnding, text } = filter;
  const tests = [
    ...when(type, (value) => passes("type", [value])),
    ...when(platformId, ofPlatform),
    ...when(idEnding, idEndsWith),
    ...(text ? [contains(["title", "external_id"], text)] : []),
  ];
  const walk = (along: Condition[], more: Condition[]): Walk[] => [
    { table: "inputs", time: "created_at", along, tests: [...more, ...tests] },
  ];
  const passesWorkflow = when(workflowId, (id) => passes("workflow_id", [id]));
  const passesSource = when(source, (value) => passes("source", [value]));
  // Skipped inputs are rare and have an index of their own; of the others nearly all are active.
  if (status === "skipped") return walk([isWord("status", status)], [...passesWorkflow, ...passesSource]);
  const passesStatus = when(status, (value) => passes("status", [value]));
  return workflowId === undefined
    ? walk(
        when(source, (value) => equals("source", value)),
        passesStatus,
      )
    : walk([equals("workflow_id", workflowId)], [...passesSource, ...passesStatus]);
}

const MOST_INPUTS = 1_000;

export const inputsOfRun = prepareQuery<{ runId: RunId }>()((queries, argument) =>
  queries
    .selectFrom("inputs")
    .selectAll()
    .where("id", "in", (inner) =>
      inner
        .selectFrom("run_events")
        .innerJoin("event_inputs", "event_inputs.event_id", "run_events.event_id")
        .where("run_events.run_id", "=", argument("runId"))
        .select("event_inputs.input_id as id")
        .union(inner.selectFrom("inputs").where("created_by_run_id", "=", argument("runId")).select("id")),
    )
    // The sign keeps SQLite from walking all inputs by their time.
    .orderBy(sql`+created_at`)
    .orderBy("id")
    .limit(sql.lit(MOST_INPUTS)),
);

export const inputsOfMutation = prepareQuery<{ mutationId: MutationId }>()((queries, argument) =>
  queries
    .selectFrom("inputs")
    .selectAll()
    .where("id", "in", (inner) =>
      inner
        .selectFrom("mutations")
        .innerJoin("run_events", "run_events.run_id", "mutations.handler_run_id")
        .innerJoin("event_inputs", "event_inputs.event_id", "run_events.event_id")
        .where("mutations.id", "=", argument("mutationId"))
        .select("event_inputs.input_id"),
    )
    .orderBy(sql`+created_at`)
    .orderBy("id")
    .limit(sql.lit(MOST_INPUTS)),
);

export const inputsOfEvent = prepareQuery<{ eventId: EventId }>()((queries, argument) =>
  queries
    .selectFrom("inputs")
    .selectAll()
    .where("id", "in", (inner) =>
      inner.selectFrom("event_inputs").where("event_id", "=", argument("eventId")).select("input_id"),
    )
    .orderBy(sql`+created_at`)
    .orderBy("id")
    .limit(sql.lit(MOST_INPUTS)),
);

/** What came of inputs of one source and type. */
export interface InputGlance {
  source: string;
  type: string;
  inputs: number;
  skipped: number;
  /** What was done because of them; an input may be behind several, and several inputs behind one. */
  outputs: InputGlanceOutput[];
}

export interface InputGlanceOutput {
  connector: string;
  operation: string;
  status: MutationStatus;
  /** How many inputs are behind these mutations. */
  inputs: number;
  mutations: number;
}

type GlanceRow = InputGlanceOutput & { source: string; type: string; skipped: number | null };

/** One statement, so that all counts are of one moment. */
export async function glanceAtInputs(
  executor: QueryExecutor,
  workflowId: WorkflowId,
  newest: number,
): Promise<InputGlance[]> {
  const { rows } = await sql<GlanceRow>`
    with newest as (
      select id, source, type, status from inputs
      where workflow_id = ${workflowId} order by created_at desc, id desc limit ${newest})
    select source, type, '' as connector, '' as operation, '' as status,
      count(*) as inputs, 0 as mutations, sum(status = 'skipped') as skipped
    from newest group by source, type
    union all
    select newest.source, newest.type, mutations.connector, mutations.operation, mutations.status,
      count(distinct newest.id), count(distinct mutations.id), null
    from newest
      cross join event_inputs on event_inputs.input_id = newest.id
      cross join run_events on run_events.event_id = event_inputs.event_id
      cross join mutations on mutations.handler_run_id = run_events.run_id
    group by 1, 2, 3, 4, 5`.execute(executor);
  const glances: InputGlance[] = [];
  for (const { source, type, skipped, ...output } of rows) {
    if (skipped === null) glances.find((one) => one.source === source && one.type === type)?.outputs.push(output);
    else glances.push({ source, type, inputs: output.inputs, skipped, outputs: [] });
  }
  return glances.toSorted((one, other) => other.inputs - one.inputs);
}
