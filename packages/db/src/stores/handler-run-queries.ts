/** How runs are found: the ways through the indexes of their table. */
import { sql, type SqlBool } from "kysely";
import { prepareQuery } from "../compiled-query.ts";
import type { QueryExecutor } from "../database.ts";
import type { InputId, PlatformId, RunId, WorkflowId } from "../ids.ts";
import { RUN_STATUSES, type HandlerType, type RunStatus } from "../statuses.ts";
import { idEndsWith } from "./id-ending.ts";
import { equals, isWord, ofPlatform, passes, when, type Condition, type PageFilter, type Walk } from "./paging.ts";
import { contains } from "./text-search.ts";

/** Times are those at which runs started; `text` is looked for in the handler's name and in the error. */
export interface HandlerRunFilter extends PageFilter<RunId> {
  workflowId?: WorkflowId;
  handlerName?: string;
  handlerType?: HandlerType;
  status?: RunStatus;
  statuses?: readonly RunStatus[];
  /** Only those whose id ends so: hexadecimal digits and dashes. */
  idEnding?: string;
}

/** Statuses that so many runs have that no index leads to them. */
const COMMON: ReadonlySet<RunStatus> = new Set(["committed"]);

/** As the condition of the partial index has it. */
const isStopped = sql<SqlBool>`status not in ('active', 'committed')`;

/** A walk for each status that is rare; one through all runs where a common one is asked for, or none. */
export function walksOfRuns(filter: HandlerRunFilter): Walk[] {
  const { workflowId, handlerName, handlerType, platformId, text } = filter;
  const tests = [
    ...when(handlerName, (name) => equals("handler_name", name)),
    ...when(handlerType, (type) => equals("handler_type", type)),
    ...when(platformId, ofPlatform),
    ...when(filter.idEnding, idEndsWith),
    ...(text ? [contains(["handler_name", "error"], text)] : []),
  ];
  const walk = (along: Condition[], more: Condition[] = []): Walk => ({
    table: "handler_runs",
    time: "started_at",
    along,
    tests: [...more, ...tests],
  });
  const ofWorkflow = when(workflowId, (id) => equals("workflow_id", id));
  const statuses = askedStatuses(filter);
  if (!statuses) return [walk(ofWorkflow)];
  if (statuses.some((status) => COMMON.has(status))) return [walk(ofWorkflow, [passes("status", statuses)])];
  const inWorkflow = when(workflowId, (id) => passes("workflow_id", [id]));
  return statuses.map((status) =>
    status === "active"
      ? { ...walk([isWord("status", status)], inWorkflow), sorted: true }
      : walk([isWord("status", status), isStopped], inWorkflow),
  );
}

/** Undefined for all of them. */
function askedStatuses({ status, statuses }: HandlerRunFilter): RunStatus[] | undefined {
  if (!statuses) return status && [status];
  return [...new Set(statuses)].filter((one) => !status || one === status);
}

const MOST_TO_EACH_SIDE = 1_000;

/** A chain is a line: each run retries at most one, and at most one retries it. */
export const chainOf = prepareQuery<{ runId: RunId }>()((queries, argument) =>
  queries
    .withRecursive("earlier(id, retry_of, steps)", (cte) =>
      cte
        .selectFrom("handler_runs")
        .select(["id", "retry_of", sql<number>`0`.as("steps")])
        .where("id", "=", argument("runId"))
        .unionAll(
          cte
            .selectFrom("earlier")
            .innerJoin("handler_runs as run", "run.id", "earlier.retry_of")
            .select(["run.id", "run.retry_of", sql<number>`earlier.steps + 1`.as("steps")])
            .where("earlier.steps", "<", sql.lit(MOST_TO_EACH_SIDE)),
        ),
    )
    .withRecursive("later(id, steps)", (cte) =>
      cte
        .selectFrom("handler_runs")
        .select(["id", sql<number>`0`.as("steps")])
        .where("id", "=", argument("runId"))
        .unionAll(
          cte
            .selectFrom("later")
            .innerJoin("handler_runs as run", "run.retry_of", "later.id")
            .select(["run.id", sql<number>`later.steps + 1`.as("steps")])
            .where("later.steps", "<", sql.lit(MOST_TO_EACH_SIDE)),
        ),
    )
    .selectFrom("handler_runs")
    .selectAll()
    .where("id", "in", (inner) =>
      inner.selectFrom("earlier").select("id").union(inner.selectFrom("later").select("id")),
    )
    .orderBy("attempt")
    .orderBy("id"),
);

export const runsOfInput = prepareQuery<{ inputId: InputId; limit: number }>()((queries, argument) =>
  queries
    .selectFrom("handler_runs")
    .selectAll()
    .where("id", "in", (inner) =>
      inner
        .selectFrom("event_inputs")
        .innerJoin("run_events", "run_events.event_id", "event_inputs.event_id")
        .where("event_inputs.input_id", "=", argument("inputId"))
        .select("run_events.run_id"),
    )
    // By the id, which is what they are looked up by; the sign keeps SQLite from walking all runs by their time.
    .orderBy(sql`+started_at`, "desc")
    .orderBy("id", "desc")
    .limit(argument("limit")),
);

/** How many runs have which status. */
export interface RunCounts {
  total: number;
  /** Only the statuses that a run has. */
  byStatus: Partial<Record<RunStatus, number>>;
}

/**
 * All runs of the span are counted in the index of workflows, those that stopped or are active in the small indexes of
 * these; what is left is committed. One statement, so that the counts are of one moment.
 */
export async function countRuns(
  executor: QueryExecutor,
  { platformId, from, until }: { platformId: PlatformId; from: number; until: number },
): Promise<RunCounts> {
  const inSpan = sql`started_at >= ${from} and started_at < ${until}`;
  // CROSS JOIN, so that SQLite goes from the workflows to their runs and not the other way round.
  const ofWorkflows = sql`workflows cross join handler_runs on handler_runs.workflow_id = workflows.id`;
  const stopped = sql.join(RUN_STATUSES.filter((one) => one !== "active" && one !== "committed").map(sql.lit));
  const { rows } = await sql<{ status: RunStatus | "total"; runs: number }>`
    select 'total' as status, count(*) as runs from ${ofWorkflows}
      where workflows.platform_id = ${platformId} and ${inSpan}
    union all
    select 'active', count(*) from handler_runs
      where status = 'active' and +started_at >= ${from} and +started_at < ${until} and ${ofPlatform(platformId)}
    union all
    select status, count(*) from handler_runs
      where status in (${stopped}) and ${isStopped} and ${inSpan} and ${ofPlatform(platformId)} group by status
  `.execute(executor);
  const counts: RunCounts = { total: 0, byStatus: {} };
  let committed = 0;
  for (const { status, runs } of rows) {
    if (status === "total") counts.total = runs;
    else if (runs > 0) counts.byStatus[status] = runs;
    committed += status === "total" ? runs : -runs;
  }
  if (committed > 0) counts.byStatus.committed = committed;
  return counts;
}
