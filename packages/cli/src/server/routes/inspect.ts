/** Whose things an operation is about: those of the platform (tenant) of who asks. */
import { WorkflowNotRunnableError, type Inspector } from "@millrace/agent";
import { DEFAULT_PLATFORM_ID } from "@millrace/db";
import type { RequestContext } from "../implementation.ts";

type Asked = Pick<RequestContext, "engine" | "principal">;

/** What the platform of who asks may look at. */
export const inspect = ({ engine, principal }: Asked): Inspector => engine.inspect(principal.platformId);

/**
 * Makes sure that the engine means the same workflow by a name as who asks: it knows those of the default platform.
 * @throws UnknownNameError; WorkflowNotRunnableError for a workflow of another platform, which no engine runs
 */
export async function assertOwnWorkflow(context: Asked, name: string): Promise<void> {
  const { platformId } = await inspect(context).workflowByName(name);
  if (platformId === DEFAULT_PLATFORM_ID) return;
  throw new WorkflowNotRunnableError(`Workflow "${name}" belongs to a platform whose workflows no engine runs.`);
}
