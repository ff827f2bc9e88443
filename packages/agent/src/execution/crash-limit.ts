/** What follows when the process ends during a run (pure): it is tried again at once, but not for ever. */
import type { HandlerRun } from "@millrace/db";
import type { Policy } from "../policy.ts";

type Ended = Pick<HandlerRun, "phase" | "status" | "errorType">;

/** Whether the run was ended by the end of its process, and its mutation has not happened through it. */
export function endedWithProcess(run: Ended): boolean {
  return run.status === "crashed" || diedDuringCall(run);
}

/** Whether the process ended while the run's call was under way, which has turned out not to have happened. */
export function diedDuringCall({ phase, status, errorType }: Ended): boolean {
  const found = status === "paused:reconciliation" || status === "paused:transient";
  return phase === "mutating" && found && errorType === null;
}

/**
 * Most crashes have nothing to do with the run. When so many come in a row, a person is asked; after that it counts anew.
 * @param crashes how often in a row, with this time; 0 when it was none
 */
export function afterCrashes(crashes: number, { now, policy }: { now: number; policy: Policy }) {
  if (crashes === 0 || crashes % policy.retry.maxCrashes !== 0) return { retry: { at: now } };
  const message = `The process ended ${crashes} times in a row while this run was under way. Find out whether the run ends it (out of memory?) or something else does, before it is tried again.`;
  return { retry: { at: null }, workflowError: message, notify: { kind: "logic" as const, message } };
}
