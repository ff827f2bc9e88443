/** What needs a person now, on all platforms, with the rows that it is about. */
import type { Job, Mutation, Notification, Stores } from "@millrace/db";
import type { RowRedaction } from "../workflow/row-redaction.ts";

/** Something that needs a person: a workflow, or a job. */
export interface Attention {
  notification: Notification;
  /** The workflow's name; null where it is about a job. */
  workflow: string | null;
  job: Job | null;
  mutation: Mutation | null;
}

/** Oldest first; what is secret is left out of it. */
export async function listOpenAttention(stores: Stores, redaction: RowRedaction): Promise<Attention[]> {
  const [notifications, workflows] = await Promise.all([stores.notifications.listOpen(), stores.workflows.list()]);
  const names = new Map(workflows.map(({ id, name }) => [id, name]));
  return Promise.all(
    notifications.map(async (notification) => {
      const { workflowId, jobId, mutationId } = notification;
      const row = mutationId === null ? null : await stores.mutations.findListed(mutationId);
      const message = row ? await redaction.text(notification.message, row) : notification.message;
      return {
        notification: { ...notification, message },
        workflow: workflowId && (names.get(workflowId) ?? workflowId),
        job: jobId === null ? null : await stores.jobs.findListed(jobId),
        mutation: row && (await redaction.mutation(row)),
      };
    }),
  );
}
