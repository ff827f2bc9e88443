/**
 * What can become due in a workflow, as the agenda keeps it: one text says all of it, since an engine at rest may keep
 * hundreds of thousands.
 */
import type { MutationId, WorkflowId } from "@millrace/db";

/** What can become due. */
export type Due =
  | { kind: "wake" | "schedule"; workflowId: WorkflowId; handler: string }
  | { kind: "retry"; workflowId: WorkflowId }
  | { kind: "reconcile"; mutationId: MutationId };

declare const brand: unique symbol;
/** One of {@link Due} as a text. */
export type DueKey = string & { readonly [brand]: "due" };

export function keyOf(kind: "wake" | "schedule", workflowId: WorkflowId, handler: string): DueKey;
export function keyOf(kind: "retry", workflowId: WorkflowId): DueKey;
export function keyOf(kind: "reconcile", mutationId: MutationId): DueKey;
export function keyOf(...parts: string[]): DueKey {
  // Joined, a text is in one piece; a template would keep its pieces in memory as well. The brand is given here alone.
  return parts.join(SEPARATOR) as DueKey;
}

export function readDue(key: DueKey): Due {
  // These are the parts that `keyOf` has joined; neither a kind nor an id has a space.
  const [kind, id, ...rest] = key.split(SEPARATOR) as [Due["kind"], string, ...string[]];
  switch (kind) {
    case "wake":
    case "schedule":
      return { kind, workflowId: id as WorkflowId, handler: rest.join(SEPARATOR) };
    case "retry":
      return { kind, workflowId: id as WorkflowId };
    case "reconcile":
      return { kind, mutationId: id as MutationId };
  }
}

const SEPARATOR = " ";
