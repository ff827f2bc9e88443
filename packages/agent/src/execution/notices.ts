/** What the engine itself tells people about a workflow. */
import {
  CorruptRowError,
  type Job,
  type JobId,
  type NotificationKind,
  type Stores,
  type Workflow,
  type WorkflowId,
} from "@millrace/db";
import type { Logger } from "pino";
import type { TransitionApplier } from "./transition-applier.ts";

export interface NoticeDependencies {
  applier: TransitionApplier;
  stores: Stores;
  logger: Logger;
}

/** What a notification is about. */
export type NoticeOwner = { workflowId: WorkflowId } | { jobId: JobId };

/** A workflow whose code this process does not have is deferred, and a person is told once; it never fails. */
export async function deferForMissingCode(dependencies: NoticeDependencies, workflow: Workflow): Promise<void> {
  const { id, name, status } = workflow;
  if (status !== "active") return;
  const message = `Workflow "${name}" has work to do, but this process does not have its code. Deploy it here, or pause or archive the workflow.`;
  if (await tellOnce(dependencies, { workflowId: id }, "missing_code", message))
    dependencies.logger.warn({ workflow: name }, message);
}

/** Something that should not be possible keeps a workflow from going on in this process. */
export async function reportStuck(dependencies: NoticeDependencies, id: WorkflowId, error: unknown): Promise<void> {
  if (error instanceof CorruptRowError) return reportUnreadable(dependencies, id, error);
  const message =
    "The engine could not go on with this workflow. It is looked at again from time to time; a restart recovers it. The log of the process says why.";
  await tellOnce(dependencies, { workflowId: id }, "internal", message);
}

/** A row can't be read: its workflow waits, and no other does. */
export async function reportUnreadable(
  dependencies: NoticeDependencies,
  id: WorkflowId,
  error: CorruptRowError,
): Promise<void> {
  const message = `The engine could not go on with this workflow. ${error.message} It is looked at again from time to time: mend the row, or restore the database from a backup.`;
  if (await tellOnce(dependencies, { workflowId: id }, "internal", message))
    dependencies.logger.error({ err: error, workflowId: id }, message);
}

/** A job whose handler this process does not have is deferred, and a person is told once; it never fails. */
export async function deferForMissingHandler(dependencies: NoticeDependencies, job: Job): Promise<void> {
  const { id, name, handlerType, handlerName } = job;
  const message = `Job "${name}" has work to do, but this process has no ${handlerType} handler "${handlerName}". Register it here, or pause or cancel the job.`;
  if (await tellOnce(dependencies, { jobId: id }, "missing_handler", message))
    dependencies.logger.warn({ job: id, handler: handlerName }, message);
}

/** Takes back what was said about missing handlers that are here now. */
export async function settleMissingHandlers(
  { applier, stores }: NoticeDependencies,
  isHere: (job: Job) => boolean,
): Promise<void> {
  for (const { id, kind, jobId } of await stores.notifications.listOpen()) {
    if (kind !== "missing_handler" || jobId === null) continue;
    const job = await findReadable(stores, jobId);
    if (job && isHere(job))
      await applier.inOneTransaction("notice.settle", ({ tx, now }) => stores.notifications.resolve(id, now, tx));
  }
}

async function findReadable({ jobs }: Stores, id: JobId): Promise<Job | null> {
  try {
    return await jobs.find(id);
  } catch (error) {
    if (error instanceof CorruptRowError) return null;
    throw error;
  }
}

/** A schedule that is enabled does not tick, or cannot be read. */
export async function reportDeadSchedule(
  dependencies: NoticeDependencies,
  owner: NoticeOwner,
  message: string,
): Promise<void> {
  if (await tellOnce(dependencies, owner, "dead_schedule", message)) dependencies.logger.error(owner, message);
}

/** A handler lets nothing else run. @param what the handler, the same each time: so it is said once */
export async function reportBlockingHandler(
  dependencies: NoticeDependencies,
  owner: NoticeOwner,
  { what, limitMs }: { what: string; limitMs: number },
): Promise<void> {
  const message = `While ${what} ran, nothing else could run in this process for longer than ${limitMs} ms. Whatever computes for long, or waits without await, belongs into a worker thread or a process of its own. The log of the process has each case.`;
  await tellOnce(dependencies, owner, "logic", message);
}

/** Gives false where the same is open already. */
function tellOnce(
  { applier, stores }: NoticeDependencies,
  owner: NoticeOwner,
  kind: NotificationKind,
  message: string,
): Promise<boolean> {
  return applier.inOneTransaction("notice.tell", async (step) => {
    const { notifications } = stores;
    const open =
      "jobId" in owner
        ? await notifications.listOpenOfJob(owner.jobId, step.tx)
        : await notifications.listOpen(owner.workflowId, step.tx);
    if (open.some((notification) => notification.kind === kind && notification.message === message)) return false;
    const notice = { ...owner, runId: null, mutationId: null, kind, message };
    const created = await notifications.create(notice, step.now, step.tx);
    step.announce({ name: "notification:created", args: [created] });
    return true;
  });
}
