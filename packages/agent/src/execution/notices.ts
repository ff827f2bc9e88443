/** What the engine itself tells people about a workflow. */
import type { NotificationKind, Stores, Workflow, WorkflowId } from "@millrace/db";
import type { Logger } from "pino";
import type { TransitionApplier } from "./transition-applier.ts";

export interface NoticeDependencies {
  applier: TransitionApplier;
  stores: Stores;
  logger: Logger;
}

/** A workflow whose code this process does not have is deferred, and a person is told once; it never fails. */
export async function deferForMissingCode(dependencies: NoticeDependencies, workflow: Workflow): Promise<void> {
  const { id, name, status } = workflow;
  if (status !== "active") return;
  const message = `Workflow "${name}" has work to do, but this process does not have its code. Deploy it here, or pause or archive the workflow.`;
  if (await tellOnce(dependencies, id, "missing_code", message)) dependencies.logger.warn({ workflow: name }, message);
}

/** Something that should not be possible keeps a workflow from going on in this process. */
export async function reportStuck(dependencies: NoticeDependencies, id: WorkflowId): Promise<void> {
  const message =
    "The engine could not go on with this workflow. It is looked at again from time to time; a restart recovers it. The log of the process says why.";
  await tellOnce(dependencies, id, "internal", message);
}

/** Gives false where the same is open already. */
function tellOnce(
  { applier, stores }: NoticeDependencies,
  workflowId: WorkflowId,
  kind: NotificationKind,
  message: string,
): Promise<boolean> {
  return applier.inOneTransaction(async (step) => {
    const open = await stores.notifications.listOpen(workflowId, step.tx);
    if (open.some((notification) => notification.kind === kind && notification.message === message)) return false;
    const notice = { workflowId, runId: null, mutationId: null, kind, message };
    const created = await stores.notifications.create(notice, step.now, step.tx);
    step.announce({ name: "notification:created", args: [created] });
    return true;
  });
}
