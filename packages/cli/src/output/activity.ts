/** What an engine does, told as it happens: what came in, what was done about it, what waits for a person. */
import type { Engine } from "@millrace/agent";
import type { Mutation, MutationStatus } from "@millrace/db";
import type { Logger } from "pino";
import { adviceFor } from "./advice.ts";
import type { NameOf } from "./json.ts";
import type { Activity } from "./log-lines.ts";

/** Which changes of a mutation are told, and as what. */
const ACTIVITY_OF = {
  pending: "approval",
  in_flight: null,
  applied: "done",
  failed: "failed",
  needs_reconcile: "asking",
  indeterminate: "unknown",
} as const satisfies Record<MutationStatus, Activity | null>;

export function reportActivity(engine: Engine, logger: Logger, nameOf: NameOf): void {
  engine.on("input:registered", ({ id, workflowId, source, type, title }) => {
    logger.info({ activity: "in", workflow: nameOf(workflowId), input: id, source, type }, `${title} (${source})`);
  });
  engine.on("mutation:changed", (mutation) => {
    const activity = ACTIVITY_OF[mutation.status];
    if (activity !== null) logger.info(fieldsOf(mutation, activity, nameOf), describe(mutation));
  });
  engine.on("notification:created", (notification) => {
    const { id, workflowId, jobId, runId, mutationId, kind, message } = notification;
    const workflow = workflowId && nameOf(workflowId);
    const advice = adviceFor({ notification, workflow, mutation: mutationId === null ? null : { id: mutationId } });
    const fields = {
      activity: "person",
      workflow,
      job: jobId,
      notification: id,
      kind,
      run: runId,
      mutation: mutationId,
      advice,
    };
    logger.warn(fields, `${message} → ${advice.join(" ")}`);
  });
}

function fieldsOf(mutation: Mutation, activity: Activity, nameOf: NameOf) {
  const { id, workflowId, handlerRunId: run, connector, operation, status } = mutation;
  return { activity, workflow: nameOf(workflowId), run, mutation: id, connector, operation, status };
}

function describe({ title, error }: Mutation): string {
  return error === null ? title : `${title}: ${error}`;
}
