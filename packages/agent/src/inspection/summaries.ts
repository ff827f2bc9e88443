/** The short forms in which inputs, outputs, runs and events appear in lists and in each other's views. */
import type { HandlerRun, Input, ListedEvent, Mutation, WorkflowId } from "@millrace/db";
import type { Inspected } from "./inspected.ts";

/** A workflow as others name it. */
export interface WorkflowReference {
  id: WorkflowId;
  name: string;
}

/** Names the workflow of a row. */
export type NameWorkflow = (id: WorkflowId) => WorkflowReference;

/** Looks up the names of the workflows of all these rows at once. */
export async function nameWorkflows(
  { stores }: Inspected,
  rows: Iterable<{ workflowId: WorkflowId | null }>,
): Promise<NameWorkflow> {
  const ids = [...rows].flatMap(({ workflowId }) => (workflowId === null ? [] : [workflowId]));
  const names = await stores.names.workflows(ids);
  // A row goes with its workflow, so a name is missing only where both went meanwhile.
  return (id) => ({ id, name: names.get(id)?.name ?? id });
}

export type InputSummary = ReturnType<typeof summariseInput>;
export type OutputSummary = ReturnType<typeof summariseOutput>;
export type OutputDescription = ReturnType<typeof describeOutput>;
export type RunSummary = ReturnType<typeof summariseRun>;
export type EventSummary = ReturnType<typeof summariseEvent>;

export function summariseInput(input: Input, nameOf: NameWorkflow) {
  const { id, workflowId, source, type, externalId, title, status, createdAt } = input;
  return { id, workflow: nameOf(workflowId), source, type, externalId, title, status, createdAt };
}

export function summariseOutput(mutation: Mutation, nameOf: NameWorkflow) {
  const { id, workflowId, handlerRunId, connector, operation, title, status } = mutation;
  const { resolution, error, sentAt, createdAt, updatedAt } = mutation;
  const what = { id, workflow: nameOf(workflowId), runId: handlerRunId, connector, operation, title };
  return { ...what, status, resolution, error, sentAt, createdAt, updatedAt };
}

/** Everything of one row of the mutation ledger. */
export function describeOutput(mutation: Mutation, nameOf: NameWorkflow) {
  const { workflowId: _workflowId, handlerRunId: _handlerRunId, ...rest } = mutation;
  return { ...rest, ...summariseOutput(mutation, nameOf) };
}

export function summariseRun(run: HandlerRun, nameOf: NameWorkflow) {
  const { id, workflowId, handlerType, handlerName, trigger, phase, status } = run;
  const { retryOf, attempt, mutationId, mutationOutcome, error, errorType, startedAt, endedAt } = run;
  const what = { id, workflow: nameOf(workflowId), handlerType, handlerName, trigger, phase, status };
  return { ...what, retryOf, attempt, mutationId, mutationOutcome, error, errorType, startedAt, endedAt };
}

export function summariseEvent(event: ListedEvent, topic: string, nameOf: NameWorkflow) {
  const { id, workflowId, messageId, status, reservedByRunId, createdByRunId, attemptNumber } = event;
  const { createdAt, updatedAt } = event;
  const what = { id, workflow: nameOf(workflowId), topic, messageId, status };
  return { ...what, reservedByRunId, createdByRunId, attemptNumber, createdAt, updatedAt };
}
