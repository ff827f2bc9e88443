/** What people are told about a mutation whose outcome is unknown: why it is, what to look at, what each answer does. */
import type { Mutation, Resolution } from "@millrace/db";

type UnknownMutation = Pick<Mutation, "title" | "connector" | "operation" | "error" | "status">;

/** The message that asks a person about it. */
export function describeUnknown(mutation: UnknownMutation & Pick<Mutation, "params">, reason: string): string {
  const params = JSON.stringify(mutation.params);
  const shown = params.length > 500 ? `${params.slice(0, 500)}…` : params;
  return `It is not known whether "${mutation.title}" happened (${mutation.connector}.${mutation.operation} with ${shown}). Why: ${asSentence(reason)} Check on the other side, then say what you found.`;
}

/** Why its outcome is not known, and what to check before deciding. */
export function explainUnknown(
  mutation: UnknownMutation & Pick<Mutation, "idempotencyKey" | "sentAt" | "reconcileAttempts">,
  canBeAsked: boolean | null,
): { why: string; check: string } {
  const { title, connector, operation, idempotencyKey, sentAt } = mutation;
  const sent = sentAt === null ? "" : `, sent at ${new Date(sentAt).toISOString()}`;
  const check = [
    `Look on the other side of "${connector}" whether "${title}" is there (${operation}${sent}, idempotency key ${idempotencyKey}).`,
    ...(canBeAsked === null ? [NO_CODE] : []),
  ];
  return {
    why: [asSentence(mutation.error ?? "No answer came"), ...describeAsking(mutation)].join(" "),
    check: check.join(" "),
  };
}

const NO_CODE =
  "The code of its workflow does not run here, so it is not known whether the connector can be asked again.";

function describeAsking({ status, reconcileAttempts }: Pick<Mutation, "status" | "reconcileAttempts">): string[] {
  if (status !== "needs_reconcile") return [];
  const times = reconcileAttempts === 1 ? "once" : `${reconcileAttempts} times`;
  return [`The connector is being asked what became of it; so far ${times}. Nobody need decide before it can't tell.`];
}

/** What follows from each answer. */
export const CONSEQUENCES = {
  happened: "It counts as done. Its run goes on with next, as if the call had been answered; nothing is sent again.",
  did_not_happen:
    "It counts as failed. Its events are free again and a fresh run handles them, which makes the call anew: if it did happen after all, it happens twice.",
  skip: "It stays unknown, and no longer matters. Its run goes on with next, which is told that it was skipped; nothing is sent again.",
  try_again: "The connector is asked again what became of it. Nothing is sent, and the workflow waits for the answer.",
} as const satisfies Record<Resolution, string>;

/** Ends a text with a full stop where it has none. */
export function asSentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
