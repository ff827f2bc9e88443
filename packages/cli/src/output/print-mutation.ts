/** Says how a mutation stands after a decision about it. */
import type { Mutation } from "@millrace/db";
import type { Context } from "../context.ts";
import { nameWorkflows } from "../open-operations.ts";
import type { Readings } from "../readings.ts";
import { shortId } from "./cells.ts";
import { mutationJson, printJson } from "./json.ts";
import { printable } from "./printable.ts";

export async function printMutation(
  readings: Pick<Readings, "workflows">,
  mutation: Mutation,
  { json }: { json?: true | undefined },
  { stdout }: Context,
): Promise<void> {
  const nameOf = await nameWorkflows(readings);
  if (json) printJson(stdout, mutationJson(mutation, nameOf));
  else stdout.write(`${shortId(mutation.id)} "${printable(mutation.title)}": ${stateOf(mutation)}.\n`);
}

function stateOf({ status, resolution, approvedBy, resolvedBy }: Mutation): string {
  if (resolution !== null) return `${status}, resolved as ${resolution} by ${resolvedBy}`;
  if (status === "pending" && approvedBy !== null)
    return `approved by ${approvedBy}; it is sent when its workflow runs`;
  return resolvedBy === null ? status : `${status}, decided by ${resolvedBy}`;
}
