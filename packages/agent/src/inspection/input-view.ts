/** Inputs in lists, and one with all that came of it. */
import type { Input, InputId, InputStatus } from "@millrace/db";
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
export async function listInputs(inspected: Inspected, request: InputRequest): Promise<SearchView<InputSummary>> {
  const { workflow, source, type, status } = request;
  const owner = await ownerFilter(inspected, workflow);
  const page = await inspected.stores.inputs.page({
    ...searchFilter<InputId>(request),
    ...owner,
    ...given({ source, type, status }),
  });
  const nameOf = await nameWorkflows(inspected, page.rows);
  return viewOf(page, request, (input) => summariseInput(input, nameOf));
}

/** @throws UnknownNameError */
export async function showInput(inspected: Inspected, id: string): Promise<InputStory> {
  const { stores } = inspected;
  const input = await findInput(inspected, id);
  const [events, newestRuns, newestOutputs, workflow, nameOf] = await Promise.all([
    stores.events.listOfInput(input.id, MOST + 1),
    stores.handlerRuns.listOfInput(input.id, MOST + 1),
    stores.mutations.list({ inputId: input.id, limit: MOST + 1 }),
    stores.workflows.get(input.workflowId),
    nameWorkflows(inspected, [input]),
  ]);
  const truncated = [events, newestRuns, newestOutputs].some(({ length }) => length > MOST);
  const trace = {
    input,
    events: events.slice(0, MOST),
    runs: newestRuns.slice(0, MOST).toReversed(),
    outputs: newestOutputs.slice(0, MOST).toReversed(),
  };
  return {
    input: { ...summariseInput(input, nameOf), createdByRunId: input.createdByRunId, updatedAt: input.updatedAt },
    state: inputState({
      input: input.status,
      events: events.map(({ status }) => status),
      runs: newestRuns,
      outputs: newestOutputs,
      stoppedRun: workflow.retryAt === null ? workflow.pendingRetryRunId : null,
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
