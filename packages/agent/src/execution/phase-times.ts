/** When a run comes to a phase: the field that says so, from its new phase alone. Pure. */
import type { HandlerRun, PhaseTimes, RunPhase } from "@millrace/db";

/** Where a run begins is its `startedAt`, and where it is committed its `endedAt`. */
const FIELD_OF = {
  executing: null,
  preparing: null,
  prepared: "preparedAt",
  mutating: "mutatingAt",
  mutated: "mutatedAt",
  emitting: "emittingAt",
  committed: null,
} as const satisfies Record<RunPhase, keyof PhaseTimes | null>;

/** What is written beside a new phase; nothing where the phase stays. @param now Unix milliseconds */
export function timeOfPhase(from: Pick<HandlerRun, "phase">, to: RunPhase, now: number): Partial<PhaseTimes> {
  const field = FIELD_OF[to];
  return field === null || from.phase === to ? {} : { [field]: now };
}
