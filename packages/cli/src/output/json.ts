/** Output for programs: what `Operations` gives, with workflows named and times as ISO 8601 text. */
import type { Event, HandlerRun, Input, Mutation, Notification, RunLogLine, Workflow } from "@millrace/db";
import type { WorkflowSummary } from "@millrace/agent";
import type { OutputStream } from "../context.ts";

export function printJson(stdout: OutputStream, value: unknown): void {
  stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Gives a workflow's name by its id. */
export type NameOf = (id: Workflow["id"]) => string;

export const runJson = (run: HandlerRun, nameOf: NameOf) => ({
  ...run,
  workflow: nameOf(run.workflowId),
  startedAt: iso(run.startedAt),
  preparedAt: iso(run.preparedAt),
  mutatingAt: iso(run.mutatingAt),
  mutatedAt: iso(run.mutatedAt),
  emittingAt: iso(run.emittingAt),
  endedAt: iso(run.endedAt),
});

export const inputJson = (input: Input, nameOf: NameOf) => ({
  ...input,
  workflow: nameOf(input.workflowId),
  createdAt: iso(input.createdAt),
  updatedAt: iso(input.updatedAt),
});

export const mutationJson = (mutation: Mutation, nameOf: NameOf) => ({
  ...mutation,
  workflow: nameOf(mutation.workflowId),
  sentAt: iso(mutation.sentAt),
  approvedAt: iso(mutation.approvedAt),
  uncertainSince: iso(mutation.uncertainSince),
  lastReconcileAt: iso(mutation.lastReconcileAt),
  nextReconcileAt: iso(mutation.nextReconcileAt),
  resolvedAt: iso(mutation.resolvedAt),
  createdAt: iso(mutation.createdAt),
  updatedAt: iso(mutation.updatedAt),
});

export const runLogJson = ({ position: _position, ...line }: RunLogLine, nameOf: NameOf) => ({
  ...line,
  workflow: nameOf(line.workflowId),
  at: iso(line.at),
});

export const eventJson = (event: Event, nameOf: NameOf, topic: string) => ({
  ...event,
  workflow: nameOf(event.workflowId),
  topic,
  createdAt: iso(event.createdAt),
  updatedAt: iso(event.updatedAt),
});

export const notificationJson = (notification: Notification) => ({
  ...notification,
  createdAt: iso(notification.createdAt),
  resolvedAt: iso(notification.resolvedAt),
});

export const workflowJson = (workflow: WorkflowSummary) => ({
  ...workflow,
  schedules: workflow.schedules.map(({ producer, nextRunAt, lastRunAt }) => ({
    producer,
    nextRunAt: iso(nextRunAt),
    lastRunAt: iso(lastRunAt),
  })),
  wakes: workflow.wakes.map(({ consumer, wakeAt }) => ({ consumer, wakeAt: iso(wakeAt) })),
  retryAt: iso(workflow.retryAt),
});

/** A time in Unix milliseconds as ISO 8601 text. */
export const iso = (milliseconds: number | null) =>
  milliseconds === null ? null : new Date(milliseconds).toISOString();
