/** Runs that are ended because what they were for is gone: their input was skipped, or their handler was removed. */
import type { HandlerRun, Stores } from "@millrace/db";
import type { Step, TransitionApplier } from "./transition-applier.ts";
import { withdrawReplay } from "./replay-start.ts";
import { awaitsApproval, isLegal } from "./transitions.ts";

/** Aborts a run that has not acted; what waited for approval is not sent any more. Gives false when it has acted. */
export async function abortForSkippedInput(
  stores: Stores,
  applier: TransitionApplier,
  step: Step,
  run: HandlerRun,
): Promise<boolean> {
  if (!isLegal(run, "input_skipped")) return false;
  await applier.apply(step, run, { type: "input_skipped" });
  await withdraw(stores, applier, step, run, "Withdrawn: an input was skipped.");
  return true;
}

/**
 * Gives up a run whose handler is gone, unless it has acted: then its `next` is owed, and waits for the handler. A past
 * run that was to be replayed stays as it is.
 */
export async function giveUpRun(
  stores: Stores,
  applier: TransitionApplier,
  step: Step,
  run: HandlerRun,
): Promise<boolean> {
  if (run.status === "committed") return withdrawReplay(stores, applier, step, run);
  const type = awaitsApproval(run) ? "approval_withdrawn" : "handler_removed";
  if (!isLegal(run, type)) return false;
  await applier.apply(step, run, { type });
  await withdraw(stores, applier, step, run, "Withdrawn: the handler that asked for it was removed.");
  return true;
}

async function withdraw(
  stores: Stores,
  applier: TransitionApplier,
  { tx, now, announce }: Step,
  { mutationId }: HandlerRun,
  error: string,
): Promise<void> {
  const mutation = mutationId && (await stores.mutations.get(mutationId, tx));
  if (!mutation || mutation.status !== "pending") return;
  await stores.mutations.transition(mutation.id, "pending", { status: "failed", error }, now, tx);
  await applier.announceMutation({ tx, now, announce }, mutation.id);
}
