/** Whose things are looked at: a platform (tenant) sees its own alone. */
import type { PlatformId, Workflow, WorkflowId } from "@millrace/db";
import { UnknownNameError } from "../errors.ts";
import type { Inspected } from "./inspected.ts";

/** @throws UnknownNameError where the platform has no workflow of this name */
export async function ownWorkflow({ stores, platformId }: Inspected, name: string): Promise<Workflow> {
  const workflow = await stores.workflows.findByName(name, platformId);
  if (workflow) return workflow;
  throw new UnknownNameError("workflow", name);
}

/**
 * The part of a list's filter that says whose rows are meant: those of one workflow, or of the platform.
 * @throws UnknownNameError where the platform has no workflow of this name
 */
export async function ownerFilter(
  inspected: Inspected,
  workflow: string | undefined,
): Promise<{ workflowId: WorkflowId } | { platformId: PlatformId }> {
  if (workflow === undefined) return { platformId: inspected.platformId };
  return { workflowId: (await ownWorkflow(inspected, workflow)).id };
}

/**
 * Gives the row if it is there and its workflow belongs to the platform that is looked at.
 * @throws UnknownNameError otherwise: whether another platform has it is not told
 */
export async function ownRow<Row extends { workflowId: WorkflowId }>(
  { stores, platformId }: Inspected,
  kind: string,
  id: string,
  find: Promise<Row | null>,
): Promise<Row> {
  const row = await find;
  if (row) {
    const owner = (await stores.names.workflows([row.workflowId])).get(row.workflowId);
    if (owner?.platformId === platformId) return row;
  }
  throw new UnknownNameError(kind, id);
}
