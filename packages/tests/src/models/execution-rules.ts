/** What follows from what happens to a run: DESIGN.md, sections 4 and 5, and specs/done/execution.md. */
import type { HandlerRun, RunStatus } from "@millrace/db";
import { throws, type Expectation } from "./batches.ts";
import {
  at,
  hasActed,
  heldBy,
  isForgone,
  type ExecutionState,
  type ModelMutation,
  type ModelRun,
} from "./execution-state.ts";

/** The policy's defaults, without jitter. */
const MAX_TRANSIENT = 5;
const RETRY = { initial: 2_000, max: 600_000 };
const ASK = {
  initial: 5_000,
  max: 3_600_000,
  attempts: 12,
  deadline: 86_400_000,
  confirmations: 2,
  confirmAfter: 1_000,
};

const backoff = ({ initial, max }: { initial: number; max: number }, failures: number) =>
  Math.min(initial * 2 ** (failures - 1), max);

/**
 * Whether an event may come for a run as it was seen, and the run still is there; else the error.
 * @param from the positions in which the event may come
 */
export function refuse(state: ExecutionState, seen: HandlerRun, from: readonly string[]): Expectation | null {
  if (!from.includes(at(seen))) return throws("IllegalTransitionError", { table: "handler_runs", id: seen.id });
  const actual = state.runs.get(seen.id);
  if (actual && at(actual) !== at(seen))
    return throws("TransitionConflictError", { id: seen.id, expected: at(seen), actual: at(actual) });
  return null;
}

export function release(state: ExecutionState, run: ModelRun, now: number): void {
  for (const event of heldBy(state, run.id)) {
    if (isForgone(state, event)) Object.assign(event, { status: "skipped", updatedAt: now });
    else Object.assign(event, { status: "pending", holder: null, updatedAt: now });
  }
}

/** What a person was told about a run is settled, and the workflow goes on with it. */
export function dueNow(state: ExecutionState, run: ModelRun, now: number): void {
  Object.assign(state, { pending: run.id, retryAt: now, error: false });
  settleNotices(state, run);
}

export function settleNotices(state: ExecutionState, run: ModelRun): void {
  state.notices = state.notices.filter((notice) => notice.run !== run.id);
}

/** The workflow stops, and a person is told. */
function needAttention(state: ExecutionState, run: ModelRun, kind: string): void {
  Object.assign(state, { pending: run.id, retryAt: null, error: true });
  state.notices.push({ kind, run: run.id, mutation: run.mutationId });
}

const NOTICE: Partial<Record<RunStatus, string>> = {
  "paused:transient": "transient",
  "paused:approval": "authorisation",
  "failed:logic": "logic",
  "failed:internal": "internal",
};

export interface DrawnFailure {
  status: "paused:transient" | "paused:approval" | "failed:logic" | "failed:internal";
  errorType: string;
  message: string;
  retryAfterMs: number | null;
}

/** A failure changes the status, never the phase; what has not acted gives its events back. */
export function fail(state: ExecutionState, run: ModelRun, failure: DrawnFailure, now: number): void {
  Object.assign(run, { status: failure.status, errorType: failure.errorType, endedAt: now });
  if (!hasActed(run)) release(state, run, now);
  const failures = run.transientFailures + 1;
  if (failure.status !== "paused:transient" || failures >= MAX_TRANSIENT)
    return needAttention(state, run, NOTICE[failure.status] ?? "");
  // No sooner than the other side has asked for.
  state.pending = run.id;
  state.retryAt = now + Math.max(backoff(RETRY, failures), failure.retryAfterMs ?? 0);
}

/** How many transient failures in a row come before the run that continues this one. */
export function failuresBefore(run: ModelRun): number {
  if (run.status === "crashed" || diedDuringCall(run)) return run.transientFailures;
  if (run.status !== "paused:transient") return 0;
  return (run.transientFailures + 1) % MAX_TRANSIENT;
}

/** The process ended while the call was under way: the run is not to blame. */
const diedDuringCall = ({ phase, status, errorType }: ModelRun) =>
  phase === "mutating" && errorType === null && (status === "paused:reconciliation" || status === "paused:transient");

export function settleApplied(state: ExecutionState, run: ModelRun, mutation: ModelMutation, now: number): void {
  Object.assign(mutation, { status: "applied", resolvedAt: now, nextReconcileAt: null });
  Object.assign(run, { phase: "mutated", mutationOutcome: "applied" });
  dueNow(state, run, now);
}

export function settleNotApplied(
  state: ExecutionState,
  run: ModelRun,
  mutation: ModelMutation,
  by: "connector" | "person",
  now: number,
): void {
  Object.assign(mutation, { status: "failed", resolvedAt: now, nextReconcileAt: null });
  const died = diedDuringCall(run);
  const failures = run.transientFailures + 1;
  const since = run.endedAt ?? now;
  Object.assign(run, { status: "paused:transient", endedAt: now });
  release(state, run, now);
  dueNow(state, run, now);
  if (by === "person" || died) return;
  if (failures >= MAX_TRANSIENT) needAttention(state, run, "transient");
  // The time that was spent on asking counts.
  else state.retryAt = Math.max(now, since + backoff(RETRY, failures));
}

export function declareIndeterminate(state: ExecutionState, run: ModelRun, mutation: ModelMutation): void {
  Object.assign(mutation, { status: "indeterminate", nextReconcileAt: null, resolution: null, resolvedAt: null });
  needAttention(state, run, "indeterminate");
}

export function declareUncertain(
  state: ExecutionState,
  run: ModelRun,
  mutation: ModelMutation,
  errorType: string | null,
  now: number,
): void {
  Object.assign(mutation, { status: "needs_reconcile", uncertainSince: now, nextReconcileAt: now });
  Object.assign(run, { status: "paused:reconciliation", errorType, endedAt: now });
  Object.assign(state, { pending: run.id, retryAt: null });
}

/** What a connector's answer means for a mutation that waits for one. */
export function weigh(
  state: ExecutionState,
  run: ModelRun,
  mutation: ModelMutation,
  answer: "applied" | "not_applied" | "retry" | "inconclusive",
  settleMs: number,
  now: number,
): void {
  const attempts = mutation.reconcileAttempts + 1;
  const askAt = (nextReconcileAt: number, notAppliedCount: number) =>
    Object.assign(mutation, { reconcileAttempts: attempts, nextReconcileAt, notAppliedCount });
  switch (answer) {
    case "applied":
      return settleApplied(state, run, mutation, now);
    case "inconclusive":
      return declareIndeterminate(state, run, mutation);
    case "not_applied": {
      const givenUpAt = mutation.uncertainSince ?? mutation.sentAt ?? mutation.createdAt;
      const settledAt = Math.max(givenUpAt, state.aliveSince) + settleMs;
      // "Not found" soon after a call was given up is not proof; behind the window it is once it was said twice.
      if (now < settledAt) askAt(settledAt, 0);
      else if (mutation.notAppliedCount + 1 >= ASK.confirmations)
        settleNotApplied(state, run, mutation, "connector", now);
      else askAt(now + ASK.confirmAfter, mutation.notAppliedCount + 1);
      return;
    }
    case "retry": {
      const waited = now - (mutation.uncertainSince ?? mutation.createdAt);
      if (attempts >= ASK.attempts || waited >= ASK.deadline) return declareIndeterminate(state, run, mutation);
      askAt(now + Math.min(backoff(ASK, attempts), ASK.deadline - waited), mutation.notAppliedCount);
    }
  }
}

/** What waits for approval is not sent any more. */
export function withdraw(state: ExecutionState, run: ModelRun): void {
  const mutation = run.mutationId && state.mutations.get(run.mutationId);
  if (mutation && mutation.status === "pending") mutation.status = "failed";
}

/** Aborts a run that has not acted, because its input is gone. */
export function abort(state: ExecutionState, run: ModelRun, now: number): void {
  const wasActive = run.status === "active";
  Object.assign(run, { status: "aborted", endedAt: now });
  release(state, run, now);
  if (wasActive) return;
  Object.assign(state, { pending: null, retryAt: null });
  settleNotices(state, run);
}

const ENDED = ["paused:transient", "paused:approval", "failed:logic", "failed:internal"];

/** Whether another run may begin in the place of this one. */
export function isRetryable(run: ModelRun): boolean {
  if (run.phase === "committed" || awaitsAnswer(run)) return false;
  return ENDED.includes(run.status) || (run.status === "crashed" && run.phase !== "mutating");
}

const awaitsAnswer = (run: ModelRun) =>
  at(run) === "prepared/paused:approval" && run.mutationId !== null && run.mutationOutcome === null;
