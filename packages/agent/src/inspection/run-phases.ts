/** The phases of a run, as far as it went and as far as their times are known. Pure. */
import { CONSUMER_PHASES, PRODUCER_PHASES, type HandlerRun, type Mutation, type RunPhase } from "@millrace/db";
import { settledAtOf } from "./input-story.ts";

export interface PhaseView {
  phase: RunPhase;
  /** `stopped`: the run ended here without committing. */
  state: "done" | "current" | "stopped" | "ahead";
  /** Unix milliseconds; null where it is not known, and for what an earlier attempt went through. */
  enteredAt: number | null;
  leftAt: number | null;
}

/**
 * A run's row has its beginning, its phases and its end. Runs of before phases were written down have null there: what
 * the ledger has of their call is shown, and the rest is not known.
 * @param output the run's mutation, or that of the run which it continues
 */
export function phasesOf(run: HandlerRun, output: Mutation | null): PhaseView[] {
  const phases = phasesAlong(run, output);
  const reached = phases.indexOf(run.phase);
  const entered = enteredTimes(run, output);
  return phases.map((phase, index) => {
    const next = phases[index + 1];
    const known = next === undefined ? undefined : entered[next];
    const leftAt = index < reached ? (known ?? null) : index === reached ? stoppedAt(run, entered[phase]) : null;
    return {
      phase,
      state: stateOf(run, index - reached),
      enteredAt: index <= reached ? (entered[phase] ?? null) : null,
      leftAt,
    };
  });
}

/** Those that the run goes through: a run that calls nothing has no mutation. */
function phasesAlong(run: HandlerRun, output: Mutation | null): readonly RunPhase[] {
  if (run.handlerType === "producer") return PRODUCER_PHASES;
  const { mutationOutcome, phase } = run;
  const callsNothing = mutationOutcome === "none" || (mutationOutcome === "skipped" && output?.sentAt === null);
  const passed: readonly RunPhase[] = ["mutating", "mutated"];
  return CONSUMER_PHASES.filter((one) => one === phase || !(callsNothing && passed.includes(one))).filter(
    // A call that was skipped never had an outcome.
    (one) => one !== "mutated" || one === phase || mutationOutcome !== "skipped",
  );
}

function stateOf(run: HandlerRun, distance: number): PhaseView["state"] {
  if (distance < 0) return "done";
  if (distance > 0) return "ahead";
  if (run.phase === "committed") return "done";
  return isStopped(run) ? "stopped" : "current";
}

/** A call that turned out to have happened moved its run on after that had stopped. */
function stoppedAt(run: HandlerRun, enteredAt: number | null | undefined): number | null {
  if (!isStopped(run) || run.endedAt === null) return null;
  return Math.max(run.endedAt, enteredAt ?? run.endedAt);
}

const isStopped = ({ status }: HandlerRun) => status !== "active" && status !== "committed";

function enteredTimes(run: HandlerRun, output: Mutation | null): Partial<Record<RunPhase, number | null>> {
  const { startedAt, preparedAt, mutatingAt, mutatedAt, emittingAt, endedAt, handlerType, phase } = run;
  const committed = phase === "committed" ? { committed: endedAt } : {};
  if (handlerType === "producer") return { executing: startedAt, ...committed };
  // It continues an earlier attempt behind that one's call.
  if (output && output.handlerRunId !== run.id) return { emitting: startedAt, ...committed };
  const settledAt = output?.status === "applied" ? settledAtOf(output) : null;
  return {
    preparing: startedAt,
    prepared: preparedAt,
    mutating: mutatingAt ?? output?.sentAt ?? null,
    mutated: mutatedAt ?? settledAt,
    emitting: emittingAt,
    ...committed,
  };
}
