/** Inputs in lists, and one with all that came of it. */
import type { Input, InputId, InputStatus, MutationStatus, Workflow } from "@millrace/db";
import type { Inspected } from "./inspected.ts";
import { inputState, tellStory, type InputState, type StoryEntry } from "./input-story.ts";
import { ownerFilter, ownRow } from "./ownership.ts";
import { given, searchFilter, viewOf, type SearchRequest, type SearchView } from "./pages.ts";
import {
  nameWorkflows,
  summariseEvent,
  summariseInput,
  summariseOutput,
  summariseRun,
  type EventSummary,
  type InputSummary,
  type OutputSummary,
  type RunSummary,
} from "./summaries.ts";

/** Text is looked for in the title and in the external id. */
export interface InputRequest extends SearchRequest {
  /** A workflow's name. */
  workflow?: string | undefined;
  source?: string | undefined;
  type?: string | undefined;
  status?: InputStatus | undefined;
}

/** An input in a list, with what became of it. */
export interface ListedInput extends InputSummary {
  state: InputState;
  /** How many outputs it led to: those that happened, those of which nobody knows, that failed, and that are to come. */
  outputs: { happened: number; unknown: number; failed: number; waiting: number };
}

export interface InputStory {
  input: InputSummary & Pick<Input, "createdByRunId" | "updatedAt">;
  state: InputState;
  events: EventSummary[];
  runs: RunSummary[];
  outputs: OutputSummary[];
  /** In the order of time. */
  story: StoryEntry[];
  /** Whether there is more than what is shown. */
  truncated: boolean;
}

/** Of each kind of thing that came of an input, the most that are shown. */
const MOST = 500;

/** @throws UnknownNameError, ForeignCursorError */
export async function listInputs(inspected: Inspected, request: InputRequest): Promise<SearchView<ListedInput>> {
  const { workflow, source, type, status } = request;
  const owner = await ownerFilter(inspected, workflow);
  const page = await inspected.stores.inputs.page({
    ...searchFilter<InputId>(request),
    ...owner,
    ...given({ source, type, status }),
  });
  const [nameOf, standingOf] = await Promise.all([
    nameWorkflows(inspected, page.rows),
    readStandings(inspected, page.rows),
  ]);
  return viewOf(page, request, (input) => ({ ...summariseInput(input, nameOf), ...standingOf(input) }));
}

/** How each of these inputs stands, in a few queries for all. */
async function readStandings(
  { stores }: Inspected,
  inputs: readonly Input[],
): Promise<(input: Input) => Pick<ListedInput, "state" | "outputs">> {
  const workflowIds = [...new Set(inputs.map(({ workflowId }) => workflowId))];
  const [consequences, ...workflows] = await Promise.all([
    stores.standings.consequencesOf(inputs.map(({ id }) => id)),
    ...workflowIds.map((id) => stores.workflows.findListed(id)),
  ]);
  const stoppedRuns = new Map(workflows.map((workflow) => [workflow?.id, stoppedRunOf(workflow)]));
  return ({ id, status, workflowId }) => {
    const { events, runs, mutations } = consequences.get(id) ?? { events: [], runs: [], mutations: [] };
    const stoppedRun = stoppedRuns.get(workflowId) ?? null;
    const state = inputState({ input: status, events, runs, outputs: mutations, stoppedRun });
    return { state, outputs: countOutputs(mutations) };
  };
}

const OUTPUT_GROUPS = {
  applied: "happened",
  failed: "failed",
  needs_reconcile: "unknown",
  indeterminate: "unknown",
  pending: "waiting",
  in_flight: "waiting",
} as const satisfies Record<MutationStatus, keyof ListedInput["outputs"]>;

function countOutputs(mutations: readonly { status: MutationStatus; count: number }[]): ListedInput["outputs"] {
  const outputs = { happened: 0, unknown: 0, failed: 0, waiting: 0 };
  for (const { status, count } of mutations) outputs[OUTPUT_GROUPS[status]] += count;
  return outputs;
}

/** The run that a workflow can't go on without a person. */
const stoppedRunOf = (workflow: Workflow | null) => (workflow?.retryAt === null ? workflow.pendingRetryRunId : null);

/** @throws UnknownNameError */
export async function showInput(inspected: Inspected, id: string): Promise<InputStory> {
  const { stores, redaction } = inspected;
  const input = await findInput(inspected, id);
  const [events, newestRuns, newestOutputs, workflow, nameOf] = await Promise.all([
    stores.events.listOfInput(input.id, MOST + 1),
    stores.handlerRuns.listOfInput(input.id, MOST + 1),
    stores.mutations.list({ inputId: input.id, limit: MOST + 1 }),
    stores.workflows.findListed(input.workflowId),
    nameWorkflows(inspected, [input]),
  ]);
  const truncated = [events, newestRuns, newestOutputs].some(({ length }) => length > MOST);
  const trace = {
    input,
    events: events.slice(0, MOST),
    runs: await redaction.runs(newestRuns.slice(0, MOST).toReversed()),
    outputs: await redaction.mutations(newestOutputs.slice(0, MOST).toReversed()),
  };
  return {
    input: { ...summariseInput(input, nameOf), createdByRunId: input.createdByRunId, updatedAt: input.updatedAt },
    state: inputState({
      input: input.status,
      events: events.map(({ status }) => status),
      runs: newestRuns,
      outputs: newestOutputs,
      stoppedRun: stoppedRunOf(workflow),
    }),
    events: trace.events.map((event) => summariseEvent(event, event.topicName, nameOf)),
    runs: trace.runs.map((run) => summariseRun(run, nameOf)),
    outputs: trace.outputs.map((output) => summariseOutput(output, nameOf)),
    story: tellStory(trace),
    truncated,
  };
}

/** @throws UnknownNameError */
export function findInput(inspected: Inspected, id: string): Promise<Input> {
  // Any text may be asked for; what is no id of an input is not found.
  return ownRow(inspected, "input", id, inspected.stores.inputs.find(id as InputId));
}
