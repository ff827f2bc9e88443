/** What the model of the execution knows: runs, events, mutations, and what waits for whom. */
import type { HandlerRun, InputId, MutationId, ReplayPhase, RunId } from "@millrace/db";
import type { Version } from "./execution-ground.ts";

export type ModelRun = Pick<
  HandlerRun,
  | "id"
  | "handlerType"
  | "handlerName"
  | "phase"
  | "status"
  | "attempt"
  | "transientFailures"
  | "retryOf"
  | "mutationId"
  | "mutationOutcome"
  | "errorType"
  | "endedAt"
>;

/** Known by its topic and its message id. */
export interface ModelEvent {
  status: "pending" | "reserved" | "consumed" | "skipped";
  holder: RunId | null;
  /** The external ids of the inputs behind it. */
  inputs: Set<string>;
  updatedAt: number;
}

export interface ModelMutation {
  id: MutationId;
  run: RunId;
  status: "pending" | "in_flight" | "applied" | "failed" | "needs_reconcile" | "indeterminate";
  key: string;
  approvedAt: number | null;
  sentAt: number | null;
  createdAt: number;
  uncertainSince: number | null;
  reconcileAttempts: number;
  notAppliedCount: number;
  nextReconcileAt: number | null;
  resolution: string | null;
  resolvedAt: number | null;
  /** What came late. */
  late: "applied" | "failed" | "uncertain" | null;
}

export interface OpenNotice {
  kind: string;
  run: RunId | null;
  mutation: MutationId | null;
}

export interface ExecutionState {
  version: Version;
  error: boolean;
  pending: RunId | null;
  retryAt: number | null;
  runs: Map<RunId, ModelRun>;
  /** Runs as they were given to whoever asked, the latest last. */
  seen: HandlerRun[];
  events: Map<string, ModelEvent>;
  inputs: Map<string, { id: InputId; skipped: boolean }>;
  mutations: Map<MutationId, ModelMutation>;
  /** What each run has ever reserved. */
  reserved: Map<RunId, Set<string>>;
  notices: OpenNotice[];
  replay: { run: RunId; from: ReplayPhase } | null;
  /** Events that were handled again because somebody asked for it. */
  replayed: Set<string>;
  /** When the process began that there is now: what it did not live through says nothing about how much time has passed. */
  aliveSince: number;
  /** How far each run was seen to have come. */
  phases: Map<RunId, number>;
}

export const at = ({ phase, status }: Pick<ModelRun, "phase" | "status">) => `${phase}/${status}`;

export const hasActed = ({ mutationOutcome }: Pick<ModelRun, "mutationOutcome">) =>
  mutationOutcome === "applied" || mutationOutcome === "skipped";

/** Whether a person is asked for a mutation, and has not answered with a no. */
export const awaitsApproval = (run: Pick<ModelRun, "phase" | "status" | "mutationId" | "mutationOutcome">) =>
  at(run) === "prepared/paused:approval" && run.mutationId !== null && run.mutationOutcome === null;

export const isUnsettled = ({ status, resolvedAt }: ModelMutation) =>
  status === "needs_reconcile" || (status === "indeterminate" && resolvedAt === null);

export const activeRun = ({ runs }: ExecutionState) => [...runs.values()].find(({ status }) => status === "active");

export const heldBy = ({ events }: ExecutionState, run: RunId, status: ModelEvent["status"] = "reserved") =>
  [...events.values()].filter((event) => event.holder === run && event.status === status);

/** Whether all inputs behind an event are skipped. */
export const isForgone = ({ inputs }: ExecutionState, event: ModelEvent) =>
  event.inputs.size > 0 && [...event.inputs].every((input) => inputs.get(input)?.skipped);

/** One of the runs that were given out, mostly one of the last. */
export function pickSeen({ seen }: ExecutionState, choice: number): HandlerRun | undefined {
  const back = choice < 40 ? 0 : choice % 7;
  return seen.at(-1 - Math.min(back, Math.max(0, seen.length - 1)));
}

/** A mutation, mostly the last. */
export function pickMutation({ mutations }: ExecutionState, choice: number): ModelMutation | undefined {
  const all = [...mutations.values()];
  return choice < 40 ? all.at(-1) : all[choice % Math.max(1, all.length)];
}
