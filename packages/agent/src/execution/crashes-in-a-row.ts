/** How often in a row a run has ended with its process: what a person is told when it goes on and on. */
import type { HandlerRun, Stores, Transaction } from "@millrace/db";
import { endedWithProcess } from "./crash-limit.ts";
import { continuesAfterMutation } from "./transitions.ts";

/**
 * Counts this run, whose process has ended, and those before it that it continues, back to the last one that ended
 * otherwise or before which the mutation was not yet done: that is progress.
 */
export async function crashesInARow(stores: Stores, run: HandlerRun, tx: Transaction): Promise<number> {
  let count = 1;
  for (let id = run.retryOf; id !== null; count += 1) {
    const before = await stores.handlerRuns.get(id, tx);
    if (!endedWithProcess(before) || continuesAfterMutation(before) !== continuesAfterMutation(run)) break;
    id = before.retryOf;
  }
  return count;
}
