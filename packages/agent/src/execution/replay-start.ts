/**
 * How a replay that was asked for begins, or is given up before it has begun.
 *
 * Invariant: a run began as a replay exactly if a row of `replays` names it.
 */
import type { HandlerRun, Replay, Stores, Transaction } from "@millrace/db";
import type { Step, TransitionApplier } from "./transition-applier.ts";

/** The replay of this run that has yet to begin. */
export async function findReplayOf(stores: Stores, run: HandlerRun, tx: Transaction): Promise<Replay | null> {
  const replay = await stores.replays.findPending(run.workflowId, tx);
  return replay?.runId === run.id ? replay : null;
}

/** Whether the run that begins owes nothing to the past one: then its calls are calls of their own, with new keys. */
export function startsAfresh({ from }: Replay): boolean {
  return from !== "emitting";
}

/** Links the run that begins with the past one, in the table and in the logs of both. */
export async function beginReplay(
  { replays, handlerRuns }: Stores,
  { tx, now }: Step,
  replay: Replay,
  run: HandlerRun,
): Promise<void> {
  const { runId, from, askedBy } = replay;
  await replays.start(replay.id, run.id, tx);
  const line = { at: now, level: "info" } as const;
  const begun = `replays run ${runId} from ${from}, asked for by ${askedBy}`;
  await handlerRuns.appendLogs(run.id, [{ ...line, message: begun, data: { replayOf: runId } }], tx);
  const replayed = `replayed from ${from} by run ${run.id}`;
  await handlerRuns.appendLogs(runId, [{ ...line, message: replayed, data: { replayedBy: run.id } }], tx);
}

/** Gives up a replay whose handler is gone; false when there is none to give up. */
export async function withdrawReplay(
  stores: Stores,
  applier: TransitionApplier,
  step: Step,
  run: HandlerRun,
): Promise<boolean> {
  const replay = await findReplayOf(stores, run, step.tx);
  if (!replay) return false;
  await stores.replays.withdraw(replay.id, step.now, step.tx);
  const message = `its replay from ${replay.from} was withdrawn: its handler was removed`;
  const line = { at: step.now, level: "warn", message, data: null } as const;
  await applier.apply(step, run, { type: "replay_withdrawn" }, [line]);
  return true;
}
