/**
 * What is done when an engine starts on a database that another one left behind.
 *
 * Invariants:
 * 1. Recovering twice is the same as recovering once.
 * 2. A mutation found in flight is uncertain: it is asked about, never sent again blindly.
 * 3. A row that can't be read keeps its own run from being recovered, and no other.
 */
import { CorruptRowError, type HandlerRun, type WorkflowId } from "@millrace/db";
import { crashesInARow } from "./crashes-in-a-row.ts";
import type { MutationLedger } from "./mutation-ledger.ts";
import type { ReconcileTerms } from "./reconcile.ts";
import type { ExecutionDependencies, TransitionApplier } from "./transition-applier.ts";

export interface RecoveryResult {
  /** Runs that were found active and will be retried. */
  crashedRuns: number;
  /** Mutations that were found in flight. */
  uncertainMutations: number;
  /** Sessions that were found open. */
  interruptedSessions: number;
}

/** A run that was found active and stays so, because a row that belongs to it can't be read. */
export interface UnreadableRun {
  workflowId: WorkflowId;
  error: CorruptRowError;
}

const IN_FLIGHT_REASON = "The process ended while the call was under way.";

/** Ends the runs and sessions of an engine that is gone. */
export async function recover(
  dependencies: ExecutionDependencies,
  applier: TransitionApplier,
  ledger: MutationLedger,
): Promise<RecoveryResult & { unreadable: UnreadableRun[] }> {
  const { stores } = dependencies;
  const result: RecoveryResult = { crashedRuns: 0, uncertainMutations: 0, interruptedSessions: 0 };
  const unreadable: UnreadableRun[] = [];
  for (const run of await stores.handlerRuns.listActive()) {
    try {
      const uncertain = await recoverRun(dependencies, applier, ledger, run);
      if (uncertain) result.uncertainMutations += 1;
      else result.crashedRuns += 1;
    } catch (error) {
      if (!(error instanceof CorruptRowError)) throw error;
      unreadable.push({ workflowId: run.workflowId, error });
    }
  }
  result.interruptedSessions = await applier.inOneTransaction("recovery.endSessions", ({ tx, now }) =>
    stores.sessions.endAllOpen("interrupted", now, tx),
  );
  return { ...result, unreadable };
}

/** Gives whether the run's mutation was in flight. */
function recoverRun(
  { stores }: ExecutionDependencies,
  applier: TransitionApplier,
  ledger: MutationLedger,
  run: HandlerRun,
): Promise<boolean> {
  return applier.inOneTransaction("recovery.run", async (step) => {
    if (run.phase !== "mutating" || run.mutationId === null) {
      await applier.apply(step, run, { type: "crashed", crashes: await crashesInARow(stores, run, step.tx) });
      return false;
    }
    const mutation = await stores.mutations.get(run.mutationId, step.tx);
    // Whether the connector can be asked is found out when it is: its code may not be loaded yet.
    const terms: ReconcileTerms = { canReconcile: true, settleMs: 0 };
    await ledger.declareUncertain(step, run, mutation, { reason: IN_FLIGHT_REASON, errorType: null }, terms);
    await applier.announceMutation(step, mutation.id);
    return true;
  });
}
