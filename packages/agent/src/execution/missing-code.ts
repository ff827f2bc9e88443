/** A workflow whose code this process does not have is deferred, and a person is told once; it never fails. */
import type { Stores, Workflow } from "@millrace/db";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";

export async function deferForMissingCode(
  { stores, clock, logger }: { stores: Stores; clock: Clock; logger: Logger },
  { id: workflowId, name, status }: Workflow,
): Promise<void> {
  if (status !== "active") return;
  const open = await stores.notifications.listOpen(workflowId);
  if (open.some(({ kind }) => kind === "missing_code")) return;
  const message = `Workflow "${name}" has work to do, but this process does not have its code. Deploy it here, or pause or archive the workflow.`;
  logger.warn({ workflow: name }, message);
  await stores.notifications.create(
    { workflowId, runId: null, mutationId: null, kind: "missing_code", message },
    clock.now(),
  );
}
