/** Outputs in lists; one with its inputs and attempts, and what a person may decide about it. */
import { RESOLUTIONS, type Mutation, type MutationId, type MutationStatus, type Resolution } from "@millrace/db";
import { isOpen } from "../execution/mutation-ledger.ts";
import { awaitsApproval } from "../execution/transitions.ts";
import { CONSEQUENCES, explainUnknown } from "../execution/unknown-outcome.ts";
import { findOperation } from "../workflow/workflow-registry.ts";
import type { Inspected } from "./inspected.ts";
import { ownerFilter, ownRow } from "./ownership.ts";
import { given, searchFilter, viewOf, type SearchRequest, type SearchView } from "./pages.ts";
import {
  describeOutput,
  nameWorkflows,
  summariseInput,
  summariseOutput,
  summariseRun,
  type InputSummary,
  type OutputDescription,
  type OutputSummary,
  type RunSummary,
} from "./summaries.ts";

/** Text is looked for in the title, the parameters and the error. */
export interface OutputRequest extends SearchRequest {
  /** A workflow's name. */
  workflow?: string | undefined;
  connector?: string | undefined;
  operation?: string | undefined;
  statuses?: readonly MutationStatus[] | undefined;
}

export interface OutputDetails {
  output: OutputDescription;
  /** The inputs that caused it, oldest first. */
  inputs: InputSummary[];
  /** The chain of retries that its run belongs to, in order. */
  attempts: RunSummary[];
  /** Null where the outcome is known. */
  explanation: { why: string; check: string } | null;
  /** The answers that a person may give now, and what follows from each. */
  answers: { resolution: Resolution; consequence: string }[];
  awaitsApproval: boolean;
}

/** Of the inputs and of the attempts, the most that are shown. */
const MOST = 200;

/** @throws UnknownNameError, ForeignCursorError */
export async function listOutputs(inspected: Inspected, request: OutputRequest): Promise<SearchView<OutputSummary>> {
  const { workflow, connector, operation, statuses } = request;
  const owner = await ownerFilter(inspected, workflow);
  const page = await inspected.stores.mutations.page({
    ...searchFilter<MutationId>(request),
    ...owner,
    ...given({ connector, operation, statuses }),
  });
  const rows = await inspected.redaction.mutations(page.rows);
  const nameOf = await nameWorkflows(inspected, rows);
  return viewOf({ ...page, rows }, request, (mutation) => summariseOutput(mutation, nameOf));
}

/** @throws UnknownNameError */
export async function showOutput(inspected: Inspected, id: string): Promise<OutputDetails> {
  const { stores } = inspected;
  const mutation = await findOutput(inspected, id);
  const [inputs, chain, run, nameOf] = await Promise.all([
    stores.inputs.listOfMutation(mutation.id),
    stores.handlerRuns.listChain(mutation.handlerRunId),
    stores.handlerRuns.findListed(mutation.handlerRunId),
    nameWorkflows(inspected, [mutation]),
  ]);
  const canBeAsked = canAsk(inspected, mutation);
  return {
    output: describeOutput(mutation, nameOf),
    inputs: inputs.slice(0, MOST).map((input) => summariseInput(input, nameOf)),
    attempts: chain.slice(-MOST).map((attempt) => summariseRun(attempt, nameOf)),
    explanation: isOpen(mutation) ? explainUnknown(mutation, canBeAsked) : null,
    answers: answersTo(mutation, canBeAsked),
    awaitsApproval:
      mutation.status === "pending" && mutation.approvedAt === null && run !== null && awaitsApproval(run),
  };
}

/** @throws UnknownNameError */
export async function findOutput(inspected: Inspected, id: string): Promise<Mutation> {
  // Any text may be asked for; what is no id of an output is not found.
  const row = ownRow(inspected, "output", id, inspected.stores.mutations.find(id as MutationId));
  return inspected.redaction.mutation(await row);
}

/** The short form of the rows of the ledger that have these ids; those of other platforms are left out. */
export async function summariseOutputs(inspected: Inspected, ids: readonly MutationId[]): Promise<OutputSummary[]> {
  const { stores, platformId, redaction } = inspected;
  const found = await redaction.mutations(await stores.mutations.listByIds(ids));
  const owners = await stores.names.workflows(found.map(({ workflowId }) => workflowId));
  const own = found.filter(({ workflowId }) => owners.get(workflowId)?.platformId === platformId);
  const nameOf = await nameWorkflows(inspected, own);
  return own.map((mutation) => summariseOutput(mutation, nameOf));
}

/** Whether the connector can be asked what became of it; null where the code that would know does not run here. */
function canAsk({ code }: Inspected, { workflowId, connector, operation }: Mutation): boolean | null {
  const workflow = code.find(workflowId);
  if (!workflow) return null;
  const found = findOperation(workflow, connector, operation);
  return found?.kind === "mutation" && found.reconcile !== undefined;
}

function answersTo(mutation: Mutation, canBeAsked: boolean | null): OutputDetails["answers"] {
  if (!isOpen(mutation)) return [];
  return RESOLUTIONS.filter((resolution) => resolution !== "try_again" || canBeAsked === true).map((resolution) => ({
    resolution,
    consequence: CONSEQUENCES[resolution],
  }));
}
