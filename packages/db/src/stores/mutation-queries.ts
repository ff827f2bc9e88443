/** How mutations are found: the ways through the indexes of their table. */
import { sql, type SqlBool } from "kysely";
import type { QueryExecutor } from "../database.ts";
import type { InputId, MutationId, PlatformId, WorkflowId } from "../ids.ts";
import { MUTATION_STATUSES, type MutationStatus } from "../statuses.ts";
import { idEndsWith } from "./id-ending.ts";
import { equals, isWord, ofPlatform, passes, when, type Condition, type PageFilter, type Walk } from "./paging.ts";
import { contains } from "./text-search.ts";

/** Times are those of their making; `text` is looked for in the title, the parameters and the error. */
export interface MutationFilter extends PageFilter<MutationId> {
  workflowId?: WorkflowId;
  connector?: string;
  operation?: string;
  statuses?: readonly MutationStatus[];
  /** Another name of `from`. */
  createdFrom?: number;
  /** Another name of `until`. */
  createdBefore?: number;
  /** Only those caused by this input. */
  inputId?: InputId;
  /** Only those whose outcome is unknown and that nobody has resolved. */
  unresolved?: boolean;
  /** Only those whose id ends so: hexadecimal digits and dashes. */
  idEnding?: string;
}

/** The bounds of a filter under one name each; of two, the narrower. */
export function boundsOfMutations(filter: MutationFilter): PageFilter<MutationId> {
  const { createdFrom, createdBefore, from, until, ...rest } = filter;
  const earliest = [from, createdFrom].filter((at) => at !== undefined);
  const latest = [until, createdBefore].filter((at) => at !== undefined);
  return {
    ...rest,
    ...(earliest.length > 0 && { from: Math.max(...earliest) }),
    ...(latest.length > 0 && { until: Math.min(...latest) }),
  };
}

/** As the condition of the partial index has it. */
const isNotApplied = sql<SqlBool>`status <> 'applied'`;

/** A walk for each status that is rare; one through all mutations where applied ones are asked for, or all. */
export function walksOfMutations(filter: MutationFilter): Walk[] {
  const { workflowId, connector, inputId } = filter;
  const tests = testsOfMutations(filter);
  const walk = (along: Condition[], more: Condition[] = []): Walk => ({
    table: "mutations",
    time: "created_at",
    along,
    tests: [...more, ...tests],
  });
  const passesWorkflow = when(workflowId, (id) => passes("workflow_id", [id]));
  const passesConnector = when(connector, (name) => passes("connector", [name]));
  // Few are of one input: they are looked up and put in order, whatever else is asked.
  if (inputId) {
    const statuses = when(askedStatuses(filter), (all) => passes("status", all));
    return [{ ...walk([causedBy(inputId)], [...passesWorkflow, ...passesConnector, ...statuses]), sorted: true }];
  }
  const statuses = askedStatuses(filter);
  if (statuses && !statuses.includes("applied")) {
    return statuses.map((status) =>
      walk([isWord("status", status), isNotApplied], [...passesWorkflow, ...passesConnector]),
    );
  }
  const passesStatus = when(statuses, (all) => passes("status", all));
  return workflowId === undefined
    ? [
        walk(
          when(connector, (name) => equals("connector", name)),
          passesStatus,
        ),
      ]
    : [walk([equals("workflow_id", workflowId)], [...passesConnector, ...passesStatus])];
}

function testsOfMutations({ operation, platformId, text, unresolved, idEnding }: MutationFilter): Condition[] {
  return [
    ...when(operation, (name) => equals("operation", name)),
    ...when(platformId, ofPlatform),
    ...(unresolved ? [sql<SqlBool>`resolved_at is null`] : []),
    ...when(idEnding, idEndsWith),
    ...(text ? [contains(["title", { json: "params" }, "error"], text)] : []),
  ];
}

/** Undefined for all of them. */
function askedStatuses({ statuses, unresolved }: MutationFilter): MutationStatus[] | undefined {
  if (!unresolved) return statuses && [...new Set(statuses)];
  return !statuses || statuses.includes("indeterminate") ? ["indeterminate"] : [];
}

const causedBy = (inputId: InputId): Condition =>
  sql<SqlBool>`handler_run_id in (
    select run_events.run_id from event_inputs
    inner join run_events on run_events.event_id = event_inputs.event_id
    where event_inputs.input_id = ${inputId})`;

/** How many mutations have each status but `applied`. */
export type MutationCounts = Record<Exclude<MutationStatus, "applied">, number>;

export async function countUnapplied(executor: QueryExecutor, platformId: PlatformId): Promise<MutationCounts> {
  const { rows } = await sql<{ status: keyof MutationCounts; mutations: number }>`
    select status, count(*) as mutations from mutations
    where ${isNotApplied} and ${ofPlatform(platformId)} group by status`.execute(executor);
  const counts = MUTATION_STATUSES.filter((status) => status !== "applied").map((status) => [
    status,
    rows.find((row) => row.status === status)?.mutations ?? 0,
  ]);
  // Every status but `applied` is there.
  return Object.fromEntries(counts) as MutationCounts;
}
