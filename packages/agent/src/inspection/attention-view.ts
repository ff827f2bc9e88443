/** What needs a person. */
import type { JobId, Notification, NotificationId, NotificationKind, RunId } from "@millrace/db";
import { UnknownNameError } from "../errors.ts";
import type { Inspected } from "./inspected.ts";
import { ownWorkflow } from "./ownership.ts";
import { given, searchFilter, viewOf, type SearchRequest, type SearchView } from "./pages.ts";
import { describeOutput, nameWorkflows, type OutputDescription, type WorkflowReference } from "./summaries.ts";

/** Text is looked for in the message. */
export interface AttentionRequest extends SearchRequest {
  state?: "open" | "resolved" | undefined;
  kinds?: readonly NotificationKind[] | undefined;
  /** A workflow's name. */
  workflow?: string | undefined;
  /** Only what is about an output through this connector. */
  connector?: string | undefined;
}

/** Something that needs a person, or did. */
export interface AttentionView {
  id: NotificationId;
  kind: NotificationKind;
  message: string;
  /** What it is about: a workflow, or a job. */
  workflow: WorkflowReference | null;
  job: { id: JobId; name: string } | null;
  runId: RunId | null;
  mutation: OutputDescription | null;
  createdAt: number;
  resolvedAt: number | null;
}

export interface AttentionCount {
  /** Everything that is open. */
  total: number;
  kinds: { kind: NotificationKind; count: number }[];
  /**
   * The connectors of outputs whose outcome is unknown and that nobody has settled. All of them were sent in
   * [from, until), in Unix milliseconds.
   */
  outages: { connector: string; count: number; from: number; until: number }[];
}

/** What needs a person, newest first. @throws UnknownNameError, ForeignCursorError */
export async function listAttention(
  inspected: Inspected,
  request: AttentionRequest,
): Promise<SearchView<AttentionView>> {
  const { stores, platformId } = inspected;
  const { state, kinds, workflow, connector } = request;
  const workflowId = workflow === undefined ? undefined : (await ownWorkflow(inspected, workflow)).id;
  const page = await stores.notifications.page({
    ...searchFilter<NotificationId>(request),
    platformId,
    ...given({ open: state && state === "open", kinds, workflowId, connector }),
  });
  const views = await viewNotifications(inspected, page.rows);
  return viewOf({ rows: views, next: page.next }, request, (view) => view);
}

/** How much needs a person, by kind. */
export async function countAttention({ stores, platformId }: Inspected): Promise<AttentionCount> {
  const [kinds, outages] = await Promise.all([
    stores.glances.openByKind(platformId),
    stores.glances.outages(platformId),
  ]);
  return {
    total: kinds.reduce((sum, { count }) => sum + count, 0),
    kinds,
    outages: outages.map(({ connector, count, first, last }) => ({ connector, count, from: first, until: last + 1 })),
  };
}

/** Notifications with what they are about. */
async function viewNotifications(
  inspected: Inspected,
  notifications: readonly Notification[],
): Promise<AttentionView[]> {
  const { stores, redaction } = inspected;
  const present = <Value>(values: readonly (Value | null)[]) => values.filter((value) => value !== null);
  const [nameOf, jobs, mutations] = await Promise.all([
    nameWorkflows(inspected, notifications),
    stores.names.jobs(present(notifications.map(({ jobId }) => jobId))),
    stores.mutations.listByIds(present(notifications.map(({ mutationId }) => mutationId))),
  ]);
  const byId = new Map(mutations.map((mutation) => [mutation.id, mutation]));
  const view = async (notification: Notification): Promise<AttentionView> => {
    const { id, kind, message, workflowId, jobId, runId, mutationId, createdAt, resolvedAt } = notification;
    const row = mutationId === null ? undefined : byId.get(mutationId);
    const mutation = row && (await redaction.mutation(row));
    return {
      id,
      kind,
      message: row ? await redaction.text(message, row) : message,
      workflow: workflowId && nameOf(workflowId),
      job: jobId && { id: jobId, name: jobs.get(jobId)?.name ?? jobId },
      runId,
      mutation: mutation ? describeOutput(mutation, nameOf) : null,
      createdAt,
      resolvedAt,
    };
  };
  return Promise.all(notifications.map(view));
}

/** @throws NotFoundError, UnknownNameError */
export async function findNotification({ stores, platformId }: Inspected, id: string): Promise<Notification> {
  // Any text may be asked for; what is no id of a notification is not found.
  const notification = await stores.notifications.get(id as NotificationId);
  const { workflowId, jobId } = notification;
  const owners = [
    workflowId && (await stores.names.workflows([workflowId])).get(workflowId),
    jobId && (await stores.names.jobs([jobId])).get(jobId),
  ];
  if (owners.some((owner) => owner && owner.platformId === platformId)) return notification;
  throw new UnknownNameError("notification", id);
}
