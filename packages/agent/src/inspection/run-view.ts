/** Runs in lists; one with its phases, attempts, reservations, data and log. */
import type {
  HandlerRun,
  HandlerType,
  JsonValue,
  LogLevel,
  NumberedRunLog,
  ReplayPhase,
  RunId,
  RunStatus,
} from "@millrace/db";
import { continuesAfterMutation } from "../execution/transitions.ts";
import type { Inspected } from "./inspected.ts";
import { ownerFilter, ownRow } from "./ownership.ts";
import { given, searchFilter, viewOf, type SearchRequest, type SearchView } from "./pages.ts";
import { phasesOf, type PhaseView } from "./run-phases.ts";
import {
  describeOutput,
  nameWorkflows,
  summariseEvent,
  summariseInput,
  summariseRun,
  type EventSummary,
  type InputSummary,
  type OutputDescription,
  type RunSummary,
} from "./summaries.ts";

/** Text is looked for in the handler's name and in the error. */
export interface RunRequest extends SearchRequest {
  /** A workflow's name. */
  workflow?: string | undefined;
  handler?: string | undefined;
  handlerType?: HandlerType | undefined;
  statuses?: readonly RunStatus[] | undefined;
}

export interface RunView {
  run: RunSummary & {
    /** The version of the workflow that it ran, for example `1.2`. */
    version: string;
    prepareResult: JsonValue | null;
    inputState: JsonValue | null;
    outputState: JsonValue | null;
  };
  phases: PhaseView[];
  /** The chain of retries that it belongs to, in order. */
  attempts: RunSummary[];
  output: OutputDescription | null;
  /** The events that it has ever reserved. */
  reserved: EventSummary[];
  published: EventSummary[];
  /** The inputs behind the events that it reserved, and those that it registered. */
  inputs: InputSummary[];
  logs: NumberedRunLog[];
  /** The phases from which a replay of it can be planned. */
  replayFrom: ReplayPhase[];
}

export interface LogRequest {
  /** Lines after this one. */
  after?: number | undefined;
  levels?: readonly LogLevel[] | undefined;
}

/** Of each kind of thing that belongs to a run, the most that are shown. */
const MOST = 200;
const MOST_LINES = 1_000;

/** @throws UnknownNameError, ForeignCursorError */
export async function listRuns(inspected: Inspected, request: RunRequest): Promise<SearchView<RunSummary>> {
  const { workflow, handler: handlerName, handlerType, statuses } = request;
  const owner = await ownerFilter(inspected, workflow);
  const page = await inspected.stores.handlerRuns.page({
    ...searchFilter<RunId>(request),
    ...owner,
    ...given({ handlerName, handlerType, statuses }),
  });
  const rows = await inspected.redaction.runs(page.rows);
  const nameOf = await nameWorkflows(inspected, rows);
  return viewOf({ ...page, rows }, request, (run) => summariseRun(run, nameOf));
}

/** @throws UnknownNameError */
export async function showRun(inspected: Inspected, id: string): Promise<RunView> {
  const { stores, redaction } = inspected;
  const run = await findRun(inspected, id);
  const [chain, output, reserved, published, inputs, logs, versions, nameOf] = await Promise.all([
    stores.handlerRuns.listChain(run.id),
    run.mutationId === null ? null : stores.mutations.findListed(run.mutationId),
    stores.events.listOfRun(run.id),
    stores.events.listCreatedByRun(run.id),
    stores.inputs.listOfRun(run.id),
    stores.details.logsOfRun(run.id, { limit: MOST_LINES }),
    stores.names.versions([run.scriptId]),
    nameWorkflows(inspected, [run]),
  ]);
  const { prepareResult, inputState, outputState, scriptId } = run;
  const version = versions.get(scriptId) ?? scriptId;
  const shown = output && (await redaction.mutation(output));
  const attempts = await redaction.runs(chain.slice(-MOST));
  const show = (event: (typeof reserved)[number]) => summariseEvent(event, event.topicName, nameOf);
  return {
    run: { ...summariseRun(run, nameOf), version, prepareResult, inputState, outputState },
    phases: phasesOf(run, output),
    attempts: attempts.map((attempt) => summariseRun(attempt, nameOf)),
    output: shown && describeOutput(shown, nameOf),
    reserved: reserved.slice(0, MOST).map(show),
    published: published.slice(0, MOST).map(show),
    inputs: inputs.slice(0, MOST).map((input) => summariseInput(input, nameOf)),
    logs: await redaction.dataOfRun(run, logs),
    replayFrom: replayPoints(run),
  };
}

/** A run's log lines in order: at most 1,000 at once. @throws UnknownNameError */
export async function listRunLogs(
  inspected: Inspected,
  id: string,
  { after, levels }: LogRequest,
): Promise<NumberedRunLog[]> {
  const run = await findRun(inspected, id);
  const lines = await inspected.stores.details.logsOfRun(run.id, { after, levels, limit: MOST_LINES });
  return inspected.redaction.dataOfRun(run, lines);
}

/** @throws UnknownNameError */
export async function findRun(inspected: Inspected, id: string): Promise<HandlerRun> {
  // Any text may be asked for; what is no id of a run is not found.
  const row = ownRow(inspected, "run", id, inspected.stores.handlerRuns.find(id as RunId));
  return inspected.redaction.run(await row);
}

/** Only a run that committed has handled its events; the plan says whether it can be done now. */
function replayPoints(run: Pick<HandlerRun, "handlerType" | "status" | "mutationOutcome">): ReplayPhase[] {
  if (run.status !== "committed") return [];
  if (run.handlerType === "producer") return ["executing"];
  return continuesAfterMutation(run) ? ["preparing", "emitting"] : ["preparing"];
}
