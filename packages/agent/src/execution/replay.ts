/**
 * Replaying a past run, or forking it after its mutation.
 *
 * Invariants:
 * 1. The plan is made in the transaction that acts on it: nothing can slip in between.
 * 2. No effect that has happened, or may have, is repeated unless it was named, each by itself.
 * 3. The past run and its ledger rows stay as they are; what comes of the replay is a run of its own.
 */
import type { JsonValue, MutationId, ReplayPhase, RunId } from "@millrace/db";
import { EffectCrossingError, ReplayRefusedError, StaleReplayError } from "../errors.ts";
import { planReplay, type ReplayPlan } from "./replay-plan.ts";
import { told, type Decider } from "./resolutions.ts";
import type { ExecutionDependencies, Step, TransitionApplier } from "./transition-applier.ts";
import type { RunEvent } from "./transitions.ts";

export type ReplayRequest = Decider & {
  from: ReplayPhase;
  /** The effects that may happen again: at least every one that would. */
  cross: readonly MutationId[];
};

const EVENT_OF_PHASE = {
  preparing: { type: "prepare_replayed" },
  emitting: { type: "next_replayed" },
  executing: { type: "producer_replayed" },
} as const satisfies Record<ReplayPhase, RunEvent>;

/**
 * Sets a replay going: the workflow waits for it, and runs it before anything else. Gives what was decided upon.
 * @throws NotFoundError, ReplayRefusedError, EffectCrossingError, StaleReplayError
 */
export function replayRun(
  { stores }: ExecutionDependencies,
  applier: TransitionApplier,
  runId: RunId,
  request: ReplayRequest,
): Promise<ReplayPlan> {
  return applier.inOneTransaction("run.replay", async (step) => {
    const plan = await planReplay(stores, runId, request.from, step.tx);
    assertMayReplay(plan, request.cross);
    const { run, workflow, from } = plan;
    const { by } = request;
    const evidence = told(request.evidence);
    const crossed = [...new Set(request.cross)];
    const order = { workflowId: run.workflowId, runId, from, askedBy: by, evidence, crossed };
    await stores.replays.create(order, step.now, step.tx);
    await applier.apply(step, run, EVENT_OF_PHASE[from], [logLine(step, from, by, { crossed, evidence })]);
    step.announce({ name: "run:changed", args: [run] });
    step.announce({ name: "workflow:changed", args: [{ id: run.workflowId, name: workflow }] });
    return plan;
  });
}

/** @throws ReplayRefusedError, EffectCrossingError, StaleReplayError */
function assertMayReplay({ run, from, refusals, effects, mustCross }: ReplayPlan, cross: readonly MutationId[]): void {
  if (refusals.length > 0) throw new ReplayRefusedError(run.id, from, refusals);
  const known = new Set(effects.map(({ mutation }) => mutation.id));
  const strangers = cross.filter((id) => !known.has(id));
  if (strangers.length > 0) throw new StaleReplayError(run.id, strangers);
  const named = new Set(cross);
  const missing = effects.filter(({ mutation }) => mustCross.includes(mutation.id) && !named.has(mutation.id));
  if (missing.length === 0) return;
  throw new EffectCrossingError(
    run.id,
    missing.map(({ mutation: { id, title } }) => ({ id, title })),
  );
}

function logLine({ now }: Step, from: ReplayPhase, by: string, data: JsonValue) {
  return { at: now, level: "info", message: `replay from ${from} requested by ${by}`, data } as const;
}
