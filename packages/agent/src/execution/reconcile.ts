/**
 * Weighs what a connector answers about an uncertain mutation (pure).
 *
 * Invariants:
 * 1. "Not applied" before the settle window proves nothing; after it, it is believed when it was answered several times
 *    in a row.
 * 2. Asking ends: at the policy's number of attempts, or at its deadline, a person is asked.
 */
import type { Mutation, MutationPatch } from "@millrace/db";
import type { ReconcileAnswer } from "../connectors/define-connector.ts";
import type { Policy } from "../policy.ts";
import { backoffDelay } from "./retry-policy.ts";

/** How the operation can be asked about. */
export interface ReconcileTerms {
  canReconcile: boolean;
  /** How long the other side may take to show an effect, in milliseconds. */
  settleMs: number;
}

export interface ReconcileContext {
  /** Unix milliseconds. */
  now: number;
  policy: Policy;
  /** A number in [0, 1), for the jitter of the next question. */
  random: number;
  /** Since when the clock has not been set, in Unix milliseconds; before that, its times say nothing about durations. */
  steadySince: number;
}

export type ReconcileVerdict =
  | { kind: "applied"; result: unknown }
  | { kind: "not_applied" }
  | { kind: "indeterminate"; reason: string }
  | { kind: "ask_again"; patch: MutationPatch & { status: "needs_reconcile"; nextReconcileAt: number } };

/** What the mutation must be known by. */
export type AskedMutation = Pick<
  Mutation,
  "reconcileAttempts" | "notAppliedCount" | "uncertainSince" | "sentAt" | "createdAt"
>;

/** Decides what an answer means for a mutation that waits for one. */
export function weighAnswer(
  mutation: AskedMutation,
  answer: ReconcileAnswer,
  terms: ReconcileTerms,
  context: ReconcileContext,
): ReconcileVerdict {
  switch (answer.outcome) {
    case "applied":
      return { kind: "applied", result: answer.result };
    case "inconclusive":
      return { kind: "indeterminate", reason: `The connector can't tell: ${answer.reason}` };
    case "retry":
      return askLater(mutation, answer.reason, context);
    case "not_applied":
      return weighNotApplied(mutation, terms, context);
  }
}

function weighNotApplied(
  mutation: AskedMutation,
  { settleMs }: ReconcileTerms,
  context: ReconcileContext,
): ReconcileVerdict {
  const { now, policy, steadySince } = context;
  // Until it was given up, the request may still have been on its way.
  const givenUpAt = mutation.uncertainSince ?? mutation.sentAt ?? mutation.createdAt;
  const settledAt = Math.max(Math.min(givenUpAt, now), steadySince) + settleMs;
  if (now < settledAt) return askAt(mutation, 0, settledAt, now);
  const notAppliedCount = mutation.notAppliedCount + 1;
  if (notAppliedCount >= policy.reconcile.confirmations) return { kind: "not_applied" };
  return askAt(mutation, notAppliedCount, now + policy.reconcile.confirmationDelayMs, now);
}

/** To wait for the settle window, or for a confirmation, is progress, not one more attempt that failed. */
function askAt(
  { reconcileAttempts }: AskedMutation,
  notAppliedCount: number,
  nextReconcileAt: number,
  now: number,
): ReconcileVerdict {
  const patch = {
    status: "needs_reconcile" as const,
    error: "The connector sees no effect (yet).",
    reconcileAttempts: reconcileAttempts + 1,
    notAppliedCount,
    lastReconcileAt: now,
    nextReconcileAt,
  };
  return { kind: "ask_again", patch };
}

function askLater(
  mutation: AskedMutation,
  reason: string,
  { now, policy, random }: ReconcileContext,
): ReconcileVerdict {
  const { maxAttempts, deadlineMs, backoff } = policy.reconcile;
  const attempts = mutation.reconcileAttempts + 1;
  const waited = now - (mutation.uncertainSince ?? mutation.createdAt);
  if (attempts >= maxAttempts || waited >= deadlineMs) {
    return {
      kind: "indeterminate",
      reason: `The connector was asked ${attempts} times and could not tell. Last answer: ${reason}`,
    };
  }
  const patch = {
    status: "needs_reconcile" as const,
    error: reason,
    reconcileAttempts: attempts,
    lastReconcileAt: now,
    // The last question comes at the deadline, not after it.
    nextReconcileAt: now + Math.min(backoffDelay(backoff, attempts, random), deadlineMs - waited),
  };
  return { kind: "ask_again", patch };
}
