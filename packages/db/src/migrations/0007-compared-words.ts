/**
 * What a column with a few words may hold is compared word by word. For a list of more than two words SQLite makes a
 * table anew at each run of a statement that writes the column, and a job has eleven such columns: these were a third of
 * what it took to insert one.
 */
import { sql, type Kysely, type SqlBool } from "kysely";
import type { AnySchema } from "./table-definition.ts";

const LEVELS = ["debug", "info", "warn", "error"];

/** The constraints of rows that come in numbers: of each table, those of one column. */
const WORDS: Readonly<Record<string, Readonly<Record<string, readonly [column: string, words: readonly string[]]>>>> = {
  scheduled_jobs: {
    scheduled_jobs_type_check: ["type", ["cron", "one_time", "recurring", "event"]],
    scheduled_jobs_status_check: ["status", ["pending", "active", "paused", "completed", "failed", "cancelled"]],
    scheduled_jobs_handler_type_check: ["handler_type", ["function", "workflow", "agent"]],
    scheduled_jobs_overlap_policy_check: [
      "overlap_policy",
      ["skip", "buffer_one", "buffer_all", "cancel_other", "allow"],
    ],
    scheduled_jobs_misfire_policy_check: ["misfire_policy", ["latest", "all", "skip"]],
    scheduled_jobs_dst_overlap_check: ["dst_overlap", ["first", "last", "both"]],
  },
  job_executions: {
    job_executions_status_check: [
      "status",
      ["pending", "running", "success", "failed", "timeout", "cancelled", "skipped"],
    ],
    job_executions_origin_check: ["origin", ["schedule", "backfill", "event", "manual", "retry"]],
  },
  job_execution_logs: { job_execution_logs_level_check: ["level", LEVELS] },
  schedule_decisions: {
    schedule_decisions_decision_check: ["decision", ["fired", "skipped", "coalesced", "missed"]],
  },
  events: { events_status_check: ["status", ["pending", "reserved", "consumed", "skipped"]] },
  handler_runs: {
    handler_runs_status_check: [
      "status",
      [
        "active",
        "paused:transient",
        "paused:approval",
        "paused:reconciliation",
        "failed:logic",
        "failed:internal",
        "aborted",
        "committed",
        "crashed",
      ],
    ],
    handler_runs_outcome_check: ["mutation_outcome", ["applied", "none", "skipped"]],
  },
  run_logs: { run_logs_level_check: ["level", LEVELS] },
  mutations: {
    mutations_status_check: [
      "status",
      ["pending", "in_flight", "applied", "failed", "needs_reconcile", "indeterminate"],
    ],
    mutations_resolution_check: ["resolution", ["happened", "did_not_happen", "skip", "try_again"]],
  },
};

const CONSUMER_PHASES = ["preparing", "prepared", "mutating", "mutated", "emitting", "committed"];

export async function up(database: Kysely<AnySchema>): Promise<void> {
  for (const [table, constraints] of Object.entries(WORDS)) {
    for (const [name, [column, words]] of Object.entries(constraints))
      await replaceCheck(database, table, name, isOneOf(column, words));
  }
  const phases = sql<SqlBool>`(handler_type = 'producer' and (${isOneOf("phase", ["executing", "committed"])})) or (handler_type = 'consumer' and (${isOneOf("phase", CONSUMER_PHASES)}))`;
  await replaceCheck(database, "handler_runs", "handler_runs_phase_check", phases);
}

function isOneOf(column: string, words: readonly string[]) {
  const comparisons = words.map((word) => sql`${sql.ref(column)} = ${sql.lit(word)}`);
  return sql<SqlBool>`${sql.join(comparisons, sql` or `)}`;
}

async function replaceCheck(
  database: Kysely<AnySchema>,
  table: string,
  name: string,
  check: ReturnType<typeof isOneOf>,
): Promise<void> {
  await database.schema.alterTable(table).dropConstraint(name).execute();
  await database.schema.alterTable(table).addCheckConstraint(name, check).execute();
}
