/** How long a run was in each of its phases, as far as that is known. Pure. */
import type { RunPhase } from "../../services/runs.ts";

export type PhaseDuration =
  | { kind: "ahead" }
  | { kind: "unknown" }
  | { kind: "growing"; from: number }
  | { kind: "exact"; ms: number }
  /** It ended at some time before a later phase began, which is known. */
  | { kind: "at_most"; ms: number };

/** One for each phase, in the same order. */
export function phaseDurations(phases: readonly RunPhase[]): PhaseDuration[] {
  return phases.map((phase, index) => durationOf(phase, phases.slice(index + 1)));
}

function durationOf({ phase, state, enteredAt, leftAt }: RunPhase, later: readonly RunPhase[]): PhaseDuration {
  if (state === "ahead") return { kind: "ahead" };
  // It is the end: nothing is done in it.
  if (phase === "committed") return { kind: "exact", ms: 0 };
  if (enteredAt === null) return { kind: "unknown" };
  if (leftAt !== null) return { kind: "exact", ms: leftAt - enteredAt };
  if (state === "current") return { kind: "growing", from: enteredAt };
  const next = later.find((one) => one.enteredAt !== null)?.enteredAt ?? null;
  return next === null ? { kind: "unknown" } : { kind: "at_most", ms: next - enteredAt };
}
