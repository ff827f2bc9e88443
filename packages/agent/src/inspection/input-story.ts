/** What came of an input, in words and in the order of time, and how it stands. Pure. */
import type {
  EventOfTopic,
  EventStatus,
  HandlerRun,
  Input,
  InputStatus,
  Mutation,
  RunId,
  RunStatus,
} from "@millrace/db";
import { isOpen } from "../execution/mutation-ledger.ts";

/** Whether anything is still to come of an input, and of whom it is waited for. */
export type InputState = "waiting" | "in_progress" | "needs_attention" | "done" | "skipped";

/** One thing that happened because of an input. */
export interface StoryEntry {
  /** Unix milliseconds. */
  at: number;
  kind:
    | "input_registered"
    | "event_published"
    | "run_started"
    | "run_ended"
    | "output_sent"
    | "output_settled"
    | "input_skipped";
  title: string;
  eventId: EventOfTopic["id"] | null;
  runId: RunId | null;
  outputId: Mutation["id"] | null;
  /** The status of what it is about. */
  status: string | null;
}

/** All that is known of what an input caused. */
export interface InputTrace {
  input: Input;
  events: readonly EventOfTopic[];
  runs: readonly HandlerRun[];
  outputs: readonly Mutation[];
}

/** What the state of an input follows from. */
export interface InputStanding {
  input: InputStatus;
  events: readonly EventStatus[];
  runs: readonly { id: RunId; status: RunStatus }[];
  outputs: readonly Pick<Mutation, "status" | "resolvedAt" | "approvedAt">[];
  /** The run that the workflow can't go on without a person; null where there is none. */
  stoppedRun: RunId | null;
}

/** What needs a person comes first, then what happens now, then what is to come. */
export function inputState({ input, events, runs, outputs, stoppedRun }: InputStanding): InputState {
  const isOver = events.every((status) => status === "consumed" || status === "skipped");
  if (outputs.some(needsPerson)) return "needs_attention";
  if (!isOver && runs.some(({ id }) => id === stoppedRun) && !outputs.some(isAsked)) return "needs_attention";
  if (events.includes("reserved") || runs.some(({ status }) => status === "active")) return "in_progress";
  if (outputs.some(isAsked)) return "in_progress";
  if (input === "skipped") return "skipped";
  return events.includes("pending") ? "waiting" : "done";
}

const needsPerson = ({ status, resolvedAt, approvedAt }: InputStanding["outputs"][number]) =>
  (status === "indeterminate" && resolvedAt === null) || (status === "pending" && approvedAt === null);

/** The connector is being asked, so nobody need decide. */
const isAsked = ({ status }: InputStanding["outputs"][number]) => status === "needs_reconcile";

/** An entry with its place among those of the same time. */
type Placed = StoryEntry & { place: string };

/**
 * Tells what came of an input; what has no known time is left out. Ids are made in the order of time, so of things at
 * the same time those with the lower id come first, and an end comes behind whatever it brought forth.
 */
export function tellStory(trace: InputTrace): StoryEntry[] {
  const { input, events, runs, outputs } = trace;
  const entries = [
    tellRegistration(input),
    ...events.map(tellEvent),
    ...runs.flatMap((run) => tellRun(run, lastOf(run, trace))),
    ...outputs.flatMap(tellOutput),
    ...(input.status === "skipped" ? [tellSkip(input)] : []),
  ];
  return entries
    .toSorted((one, other) => one.at - other.at || (one.place < other.place ? -1 : 1))
    .map(({ place: _place, ...entry }) => entry);
}

/** The last id of what a run brought forth. */
function lastOf({ id }: HandlerRun, { events, outputs }: InputTrace): string {
  const published = events.filter((event) => event.createdByRunId === id).map((event) => event.id);
  const called = outputs.filter((output) => output.handlerRunId === id).map((output) => output.id);
  return [id, ...published, ...called].toSorted().at(-1) ?? id;
}

/** Sorts behind whatever an id is followed by. */
const BEHIND = "~";

const about = { eventId: null, runId: null, outputId: null, status: null };

function tellRegistration({ id, source, type, title, createdAt, createdByRunId }: Input): Placed {
  const what = `"${title}" came in (${type} from ${source})`;
  return { ...about, at: createdAt, kind: "input_registered", title: what, runId: createdByRunId, place: id };
}

function tellEvent({ id, topicName, messageId, status, createdAt, createdByRunId }: EventOfTopic): Placed {
  const title = `Event "${messageId}" was published to ${topicName}`;
  const ids = { eventId: id, runId: createdByRunId, place: id };
  return { ...about, ...ids, at: createdAt, kind: "event_published", title, status };
}

function tellRun(run: HandlerRun, last: string): Placed[] {
  const { id, handlerType, handlerName, attempt, status, startedAt, endedAt } = run;
  const again = attempt > 1 ? `, attempt ${attempt}` : "";
  const title = `${handlerType === "consumer" ? "Consumer" : "Producer"} "${handlerName}" began${again}`;
  const began: Placed = { ...about, at: startedAt, kind: "run_started", title, runId: id, status, place: id };
  if (endedAt === null) return [began];
  const how = `"${handlerName}" ${HOW_RUNS_END[status]}`;
  return [began, { ...began, at: endedAt, kind: "run_ended", title: how, place: `${last}${BEHIND}${BEHIND}` }];
}

const HOW_RUNS_END: Record<RunStatus, string> = {
  active: "goes on",
  "paused:transient": "stopped for a while, and is tried again",
  "paused:approval": "stopped until a person decides",
  "paused:reconciliation": "stopped: it is not known whether its call took effect",
  "failed:logic": "failed",
  "failed:internal": "failed",
  aborted: "was given up",
  committed: "was completed",
  crashed: "ended with the process",
};

function tellOutput(mutation: Mutation): Placed[] {
  const { id, handlerRunId, title, status, sentAt } = mutation;
  const entry = { ...about, outputId: id, runId: handlerRunId, status, place: id };
  const told: Placed[] = [];
  if (sentAt !== null) told.push({ ...entry, at: sentAt, kind: "output_sent", title: `"${title}" was sent` });
  const at = settledAtOf(mutation);
  const how = `"${title}" ${howSettled(mutation)}`;
  if (at !== null) told.push({ ...entry, at, kind: "output_settled", title: how, place: `${id}${BEHIND}` });
  return told;
}

/** When the outcome became known, or a person decided about it; null while it is open. */
export function settledAtOf(mutation: Mutation): number | null {
  if (isOpen(mutation)) return null;
  const { status, resolvedAt, updatedAt } = mutation;
  if (resolvedAt !== null) return resolvedAt;
  // What nobody had to settle is written last when its outcome comes.
  return status === "applied" || status === "failed" ? updatedAt : null;
}

function howSettled({ status, resolution, resolvedBy, sentAt }: Mutation): string {
  const by = resolvedBy === null ? "" : `, says ${resolvedBy}`;
  if (resolution === "skip") return `was skipped, its outcome unknown${by}`;
  if (status === "applied") return `happened${by}`;
  if (sentAt === null) return `was rejected${by}`;
  return `did not happen${by}`;
}

function tellSkip({ title, updatedAt }: Input): Placed {
  const what = `"${title}" was skipped`;
  return { ...about, at: updatedAt, kind: "input_skipped", title: what, status: "skipped", place: BEHIND };
}
