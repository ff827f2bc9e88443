/** How all workflows are gone through, by id: a stretch at a time, so that no more of them is in memory at once. */
import type { WorkflowId } from "../ids.ts";

/** The next so many workflows. */
export interface NextWorkflows {
  /** The last one of those before; null where these are the first. */
  after: WorkflowId | null;
  limit: number;
}

/** Workflows that were read before, for what belongs to them. */
export interface WorkflowStretch {
  /** The last one before them; null where they are the first. */
  after: WorkflowId | null;
  /** The last one of them. */
  until: WorkflowId;
}

/** What the ids of a stretch come after. */
export function startOf({ after }: { after: WorkflowId | null }): WorkflowId {
  // Every id comes after the empty text, which is none.
  return after ?? ("" as WorkflowId);
}
