/** Skipping an input: nothing more is done because of it. */
import type { InputId, MutationId, RunId } from "@millrace/db";
import type { ExecutionDependencies, Step, TransitionApplier } from "./transition-applier.ts";
import { isLegal } from "./transitions.ts";

export interface SkipResult {
  /** False when it had been skipped before. */
  skipped: boolean;
  /** How many pending events were skipped. */
  events: number;
  /** The runs that were aborted. */
  abortedRuns: RunId[];
  /** The runs that had acted already, and complete. */
  completingRuns: RunId[];
}

/**
 * Skips an input: its pending events are skipped (where no other, active input is behind them); a run that holds some
 * and has not acted is aborted, its other events are free again; a run that has acted completes.
 * @throws NotFoundError
 */
export function skipInput(
  { stores }: ExecutionDependencies,
  applier: TransitionApplier,
  inputId: InputId,
): Promise<SkipResult> {
  return applier.inOneTransaction(async (step) => {
    const { tx, now } = step;
    const result: SkipResult = {
      skipped: await stores.inputs.skip(inputId, now, tx),
      events: 0,
      abortedRuns: [],
      completingRuns: [],
    };
    if (!result.skipped) return result;
    result.events = await stores.events.skipPendingOfInput(inputId, now, tx);
    for (const runId of await stores.events.runsHoldingInput(inputId, tx)) {
      const run = await stores.handlerRuns.get(runId, tx);
      if (!isLegal(run, "input_skipped")) {
        result.completingRuns.push(runId);
        continue;
      }
      await applier.apply(step, run, { type: "input_skipped" });
      if (run.mutationId !== null) await withdraw(step, stores, applier, run.mutationId);
      result.abortedRuns.push(runId);
    }
    return result;
  });
}

/** A mutation that waited for approval is not sent any more. */
async function withdraw(
  step: Step,
  stores: ExecutionDependencies["stores"],
  applier: TransitionApplier,
  id: MutationId,
): Promise<void> {
  const patch = { status: "failed", error: "Withdrawn: an input was skipped." } as const;
  await stores.mutations.transition(id, "pending", patch, step.now, step.tx);
  await applier.announceMutation(step, id);
}
