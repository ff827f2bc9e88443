/** Skipping an input: nothing more is done because of it. */
import type { InputId, RunId } from "@millrace/db";
import { abortForSkippedInput } from "./giving-up.ts";
import type { ExecutionDependencies, TransitionApplier } from "./transition-applier.ts";

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
  return applier.inOneTransaction("input.skip", async (step) => {
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
      const aborted = await abortForSkippedInput(stores, applier, step, run);
      (aborted ? result.abortedRuns : result.completingRuns).push(runId);
    }
    return result;
  });
}
