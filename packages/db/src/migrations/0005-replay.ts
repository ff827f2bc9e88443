/** Replays of past runs: who asked for each, on what grounds, which effects were crossed, and which run came of it. */
import type { Kysely } from "kysely";
import { condition, index, oneOf, owned, table, type AnySchema } from "./table-definition.ts";

export async function up(database: Kysely<AnySchema>): Promise<void> {
  let replays = table(database, "replays", {
    id: "text!",
    workflow_id: "text!",
    run_id: "text!",
    from_phase: "text!",
    asked_by: "text!",
    evidence: "text",
    crossed: "text!",
    asked_at: "bigint!",
    started_run_id: "text",
    withdrawn_at: "bigint",
  });
  replays = owned(replays, "replays_workflow_fk", "workflow_id", "workflows");
  await owned(replays, "replays_run_fk", "run_id", "handler_runs")
    .addCheckConstraint("replays_from_phase_check", oneOf("from_phase", ["preparing", "emitting", "executing"]))
    .addCheckConstraint("replays_end_check", condition("started_run_id is null or withdrawn_at is null"))
    .execute();
  await index(database, "replays", "run_index", ["run_id"]);
  await index(database, "replays", "started_index", ["started_run_id"], { where: "started_run_id is not null" });
  // A workflow continues one run at a time, so at most one of its replays has yet to begin.
  await index(database, "replays", "pending_index", ["workflow_id"], {
    where: "started_run_id is null and withdrawn_at is null",
    unique: true,
  });
}
