/**
 * What may happen to a run, and what follows from it. Pure: run, event, time → patch and effects.
 *
 * Invariants:
 * 1. The phase only moves forward; a failure changes the status, never the phase.
 * 2. Every (state, event) pair is decided by TRANSITIONS: it is either listed there or illegal.
 * 3. A run whose mutation was applied or skipped keeps its reservations for the run that continues it; any other run
 *    that ends without committing gives them back.
 * 4. A run that ends without committing and is not aborted is named by its workflow until it is continued; so is a
 *    committed one that is to be replayed.
 */
import {
  isLegalRunTransition,
  type HandlerRun,
  type HandlerRunPatch,
  type MutationId,
  type NotificationKind,
  type RunPhase,
  type RunStatus,
  type JsonValue,
} from "@millrace/db";
import { IllegalTransitionError } from "@millrace/db";
import type { Policy } from "../policy.ts";
import { afterCrashes, diedDuringCall, endedWithProcess } from "./crash-limit.ts";
import { backoffDelay } from "./retry-policy.ts";
import { NOTIFICATION_OF_STATUS, type Failure } from "./run-status.ts";

export type RunEvent =
  | { type: "prepared"; prepareResult: JsonValue }
  | { type: "approval_requested"; mutationId: MutationId; message: string }
  | { type: "approval_granted" }
  | { type: "approval_rejected" }
  | { type: "approval_withdrawn" }
  | { type: "mutation_started"; mutationId: MutationId }
  | { type: "mutation_applied" }
  | { type: "mutation_failed"; failure: Failure }
  /** `errorType` is null when the process ended during the call, which is no failure of the run. */
  | { type: "mutation_uncertain"; reason: string; errorType: string | null }
  | { type: "mutation_indeterminate"; message: string }
  | { type: "reconcile_resumed" }
  | { type: "found_applied" }
  /** `crashes`: how often in a row the process has ended during this run and those before it; 0 when it has not. */
  | { type: "found_not_applied"; by: "connector" | "person"; crashes: number }
  | { type: "mutation_skipped" }
  | { type: "emit_started" }
  | { type: "committed"; outputState: JsonValue | null }
  | { type: "failed"; failure: Failure }
  | { type: "input_skipped" }
  /** `crashes`: how often in a row, with this time. */
  | { type: "crashed"; crashes: number }
  | { type: "retry_requested" }
  | { type: "handler_removed" }
  | { type: "prepare_replayed" }
  | { type: "next_replayed" }
  | { type: "producer_replayed" }
  | { type: "replay_withdrawn" };

export type RunEventType = RunEvent["type"];

/** A phase and a status, as one word. */
export type RunState = `${RunPhase}/${RunStatus}`;

/** What a transition needs to know of a run. */
export type TransitionRun = Pick<
  HandlerRun,
  | "id"
  | "handlerType"
  | "phase"
  | "status"
  | "mutationId"
  | "mutationOutcome"
  | "transientFailures"
  | "error"
  | "errorType"
  | "endedAt"
>;

export interface TransitionContext {
  /** Unix milliseconds. */
  now: number;
  policy: Policy;
  /** A number in [0, 1), for the jitter of a retry. */
  random: number;
}

/** What is done in the one transaction of a transition. */
export interface Decision {
  /** The run's new position and fields; null when the run's row stays as it is. */
  patch: HandlerRunPatch | null;
  /** What becomes of the run's reserved events; or of its consumed ones, for a replay: pending, or reserved again. */
  events: "keep" | "release" | "consume" | "reopen" | "hold";
  /** Whether the workflow names this run as the one to continue, and when (null: after a decision); or no run. */
  retry: { at: number | null } | "clear" | "keep";
  /** The workflow's error: null clears it, undefined leaves it. */
  workflowError?: string | null;
  /** What a person is told. */
  notify?: { kind: NotificationKind; message: string };
  /** Whether what a person was told about this run is settled. */
  settleNotifications?: true;
}

interface Rule {
  /** The states in which the event may come. */
  from: readonly RunState[];
  /** The states to which it may lead (an event that changes no run leads nowhere). */
  to: readonly RunState[];
}

/** Which event may come in which state, and to which it leads. */
export const TRANSITIONS = {
  prepared: { from: ["preparing/active"], to: ["prepared/active"] },
  approval_requested: { from: ["prepared/active"], to: ["prepared/paused:approval"] },
  approval_granted: { from: ["prepared/paused:approval"], to: ["prepared/paused:approval"] },
  approval_rejected: { from: ["prepared/paused:approval"], to: ["prepared/paused:approval"] },
  approval_withdrawn: { from: ["prepared/paused:approval"], to: ["prepared/aborted"] },
  mutation_started: { from: ["prepared/active", "prepared/paused:approval"], to: ["mutating/active"] },
  mutation_applied: { from: ["mutating/active"], to: ["mutated/active"] },
  mutation_failed: {
    from: ["mutating/active"],
    to: ["mutating/paused:transient", "mutating/paused:approval", "mutating/failed:logic", "mutating/failed:internal"],
  },
  mutation_uncertain: { from: ["mutating/active"], to: ["mutating/paused:reconciliation"] },
  mutation_indeterminate: { from: ["mutating/paused:reconciliation"], to: ["mutating/paused:reconciliation"] },
  reconcile_resumed: { from: ["mutating/paused:reconciliation"], to: ["mutating/paused:reconciliation"] },
  found_applied: { from: ["mutating/paused:reconciliation"], to: ["mutated/paused:reconciliation"] },
  found_not_applied: { from: ["mutating/paused:reconciliation"], to: ["mutating/paused:transient"] },
  mutation_skipped: { from: ["mutating/paused:reconciliation"], to: ["mutating/paused:reconciliation"] },
  emit_started: { from: ["prepared/active", "mutated/active"], to: ["emitting/active"] },
  committed: { from: ["executing/active", "emitting/active"], to: ["committed/committed"] },
  failed: {
    from: ["executing/active", "preparing/active", "prepared/active", "mutated/active", "emitting/active"],
    to: [
      ...failuresIn("executing"),
      ...failuresIn("preparing"),
      ...failuresIn("prepared"),
      ...failuresIn("mutated"),
      ...failuresIn("emitting"),
    ],
  },
  input_skipped: {
    from: ["preparing/active", "prepared/active", "prepared/paused:approval"],
    to: ["preparing/aborted", "prepared/aborted"],
  },
  crashed: {
    from: ["executing/active", "preparing/active", "prepared/active", "mutated/active", "emitting/active"],
    to: ["executing/crashed", "preparing/crashed", "prepared/crashed", "mutated/crashed", "emitting/crashed"],
  },
  retry_requested: { from: endedStates(), to: [] },
  handler_removed: { from: endedStates(), to: [] },
  prepare_replayed: { from: ["committed/committed"], to: [] },
  next_replayed: { from: ["committed/committed"], to: [] },
  producer_replayed: { from: ["committed/committed"], to: [] },
  replay_withdrawn: { from: ["committed/committed"], to: [] },
} as const satisfies Record<RunEventType, Rule>;

function failuresIn<P extends RunPhase>(phase: P) {
  return [
    `${phase}/paused:transient`,
    `${phase}/paused:approval`,
    `${phase}/failed:logic`,
    `${phase}/failed:internal`,
  ] as const;
}

/** The states of runs that have ended without committing and that another run may continue. */
function endedStates() {
  const phases = ["executing", "preparing", "prepared", "mutated", "emitting"] as const;
  return [
    ...phases.flatMap(failuresIn),
    ...failuresIn("mutating"),
    ...phases.map((phase) => `${phase}/crashed` as const),
  ];
}

/** Whether the run waits until a person approves its mutation (and not until credentials are mended). */
export function awaitsApproval(
  run: Pick<TransitionRun, "phase" | "status" | "mutationId" | "mutationOutcome">,
): boolean {
  const { phase, status, mutationId, mutationOutcome } = run;
  return phase === "prepared" && status === "paused:approval" && mutationId !== null && mutationOutcome === null;
}

/** Whether the event may come for the run as it is. */
export function isLegal(
  run: Pick<TransitionRun, "handlerType" | "phase" | "status" | "mutationId" | "mutationOutcome">,
  type: RunEventType,
): boolean {
  const from: readonly RunState[] = TRANSITIONS[type].from;
  if (!from.includes(`${run.phase}/${run.status}`)) return false;
  switch (type) {
    case "approval_granted":
    case "approval_rejected":
    case "approval_withdrawn":
      return awaitsApproval(run);
    case "mutation_started":
      return run.status === "active" || awaitsApproval(run);
    case "input_skipped":
      // What was rejected has its outcome, and completes.
      return !continuesAfterMutation(run);
    case "retry_requested":
      // What a person is asked to approve is not begun anew behind their back.
      return !awaitsApproval(run);
    case "handler_removed":
      // What has acted still owes its `next`, and keeps its reservations until that has run.
      return !awaitsApproval(run) && !continuesAfterMutation(run);
    case "prepare_replayed":
      return run.handlerType === "consumer";
    case "next_replayed":
      return continuesAfterMutation(run);
    case "producer_replayed":
      return run.handlerType === "producer";
    default:
      return true;
  }
}

/**
 * Decides what follows from an event.
 * @throws IllegalTransitionError when the event may not come in the run's state
 */
export function transition(run: TransitionRun, event: RunEvent, context: TransitionContext): Decision {
  const state: RunState = `${run.phase}/${run.status}`;
  if (!isLegal(run, event.type)) throw new IllegalTransitionError("handler_runs", run.id, state, event.type);
  const decision = decide(run, event, context);
  const { patch } = decision;
  if (patch && !isLegalRunTransition(run.handlerType, run, patch)) {
    throw new IllegalTransitionError("handler_runs", run.id, state, `${patch.phase}/${patch.status}`);
  }
  return decision;
}

/** Whether the run that continues this one starts after its mutation, with its reservations. */
export function continuesAfterMutation(run: Pick<HandlerRun, "mutationOutcome">): boolean {
  return run.mutationOutcome === "applied" || run.mutationOutcome === "skipped";
}

/** How many transient failures in a row come before the run that continues this one. */
export function transientFailuresBefore(run: TransitionRun, policy: Policy): number {
  if (endedWithProcess(run)) return run.transientFailures;
  if (run.status !== "paused:transient") return 0;
  const failures = run.transientFailures + 1;
  // When the limit was reached a person has asked for this retry, and it begins anew.
  return failures >= policy.retry.maxTransientFailures ? 0 : failures;
}

function decide(run: TransitionRun, event: RunEvent, context: TransitionContext): Decision {
  const { phase, status } = run;
  const { now } = context;
  const stay = { phase, status };
  const dueNow = { retry: { at: now }, workflowError: null, settleNotifications: true } as const;
  switch (event.type) {
    case "prepared":
      return advance({ phase: "prepared", status: "active", prepareResult: event.prepareResult });
    case "approval_requested":
      return {
        patch: { phase, status: "paused:approval", mutationId: event.mutationId, endedAt: now },
        events: "keep",
        retry: { at: null },
        notify: { kind: "approval", message: event.message },
      };
    case "approval_granted":
      return { patch: null, events: "keep", ...dueNow };
    case "approval_rejected":
    case "mutation_skipped":
      return { patch: { ...stay, mutationOutcome: "skipped" }, events: "keep", ...dueNow };
    case "mutation_started":
      return {
        patch: { phase: "mutating", status: "active", mutationId: event.mutationId, endedAt: null },
        events: "keep",
        retry: status === "active" ? "keep" : "clear",
      };
    case "mutation_applied":
      return advance({ phase: "mutated", status: "active", mutationOutcome: "applied" });
    case "mutation_uncertain":
      return {
        patch: {
          phase,
          status: "paused:reconciliation",
          error: event.reason,
          errorType: event.errorType,
          endedAt: now,
        },
        events: "keep",
        retry: { at: null },
      };
    case "mutation_indeterminate":
      return {
        patch: null,
        events: "keep",
        retry: { at: null },
        workflowError: event.message,
        notify: { kind: "indeterminate", message: event.message },
      };
    case "reconcile_resumed":
      return { patch: null, events: "keep", retry: { at: null }, workflowError: null, settleNotifications: true };
    case "found_applied":
      return { patch: { phase: "mutated", status, mutationOutcome: "applied" }, events: "keep", ...dueNow };
    case "found_not_applied":
      return foundNotApplied(run, event, context);
    case "emit_started":
      return advance({
        phase: "emitting",
        status: "active",
        ...(run.mutationOutcome === null && { mutationOutcome: "none" as const }),
      });
    case "committed":
      return {
        patch: { phase: "committed", status: "committed", outputState: event.outputState, endedAt: now },
        events: "consume",
        retry: "keep",
      };
    case "mutation_failed":
    case "failed":
      return fail(run, event.failure, context);
    case "input_skipped":
      return {
        patch: { phase, status: "aborted", error: "An input was skipped.", endedAt: now },
        events: "release",
        retry: status === "active" ? "keep" : "clear",
        ...(status === "active" ? {} : { settleNotifications: true as const }),
      };
    case "crashed":
      return {
        patch: { phase, status: "crashed", error: "The process ended during this run.", endedAt: now },
        events: continuesAfterMutation(run) ? "keep" : "release",
        ...afterCrashes(event.crashes, context),
      };
    case "retry_requested":
      return { patch: null, events: "keep", ...dueNow };
    case "handler_removed":
      return { patch: null, events: "keep", retry: "clear", workflowError: null, settleNotifications: true };
    case "approval_withdrawn":
      return {
        patch: { phase, status: "aborted", error: "Its handler was removed.", endedAt: now },
        events: "release",
        retry: "clear",
        workflowError: null,
        settleNotifications: true,
      };
    case "prepare_replayed":
      return { patch: null, events: "reopen", retry: { at: now } };
    case "next_replayed":
      return { patch: null, events: "hold", retry: { at: now } };
    case "producer_replayed":
      return { patch: null, events: "keep", retry: { at: now } };
    case "replay_withdrawn":
      return { patch: null, events: "consume", retry: "clear" };
  }
}

function advance(patch: HandlerRunPatch): Decision {
  return { patch, events: "keep", retry: "keep" };
}

/** The call is made again: at once when a person or a crash asks for it, else like after any transient failure. */
function foundNotApplied(
  run: TransitionRun,
  { by, crashes }: Extract<RunEvent, { type: "found_not_applied" }>,
  context: TransitionContext,
): Decision {
  const { now, policy, random } = context;
  const patch = { phase: run.phase, status: "paused:transient", endedAt: now } as const;
  const settled = { patch, events: "release", workflowError: null, settleNotifications: true } as const;
  if (by === "person") return { ...settled, retry: { at: now } };
  if (diedDuringCall(run)) return { ...settled, ...afterCrashes(crashes, context) };
  const failures = run.transientFailures + 1;
  if (failures >= policy.retry.maxTransientFailures) {
    const message = `The call has failed ${failures} times in a row without effect: ${run.error ?? "no answer"}`;
    return { ...settled, retry: { at: null }, workflowError: message, notify: { kind: "transient", message } };
  }
  // The time that was spent on asking counts.
  const at = (run.endedAt ?? now) + backoffDelay(policy.retry.backoff, failures, random);
  return { ...settled, retry: { at: Math.max(now, at) } };
}

function fail(run: TransitionRun, failure: Failure, { now, policy, random }: TransitionContext): Decision {
  const ended = {
    patch: {
      phase: run.phase,
      status: failure.status,
      error: failure.message,
      errorType: failure.errorType,
      endedAt: now,
    },
    events: continuesAfterMutation(run) ? "keep" : "release",
  } as const;
  const failures = run.transientFailures + 1;
  if (failure.status === "paused:transient" && failures < policy.retry.maxTransientFailures) {
    const delay = backoffDelay(policy.retry.backoff, failures, random);
    return { ...ended, retry: { at: now + Math.max(delay, failure.retryAfterMs ?? 0) } };
  }
  return {
    ...ended,
    retry: { at: null },
    workflowError: failure.message,
    notify: { kind: NOTIFICATION_OF_STATUS[failure.status], message: failure.message },
  };
}
