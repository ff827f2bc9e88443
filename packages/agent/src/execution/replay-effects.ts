/**
 * Which effects a replay would repeat, and which it stands beside.
 *
 * Invariants:
 * 1. Whatever was ever done for an event that is handled again is among its own effects, whichever run did it.
 * 2. What may have happened counts as what has.
 */
import type { EventId, Mutation, ReplayPhase, RunId, Stores, Transaction } from "@millrace/db";

/** What is known of an effect: it has happened, nobody knows, it did not happen, or it was never tried. */
export type EffectStatus = "applied" | "unknown" | "failed" | "none";

export interface ReplayEffect {
  mutation: Mutation;
  status: EffectStatus;
  /** `own`: of a run that handled the same events; `downstream`: caused by events that such a run published. */
  relation: "own" | "downstream";
  /** Whether the replay would make this happen again; one that would must be named to be crossed. */
  wouldRepeat: boolean;
  /** Why, as a sentence. */
  why: string;
}

interface ReplayEffects {
  effects: ReplayEffect[];
  /** Whether there are more effects downstream than are listed. */
  truncated: boolean;
}

/** How many effects downstream are listed; a person who reads more than a page of them reads none. */
const MOST_DOWNSTREAM = 200;
/** How many runs are followed to find them. */
const MOST_RUNS = 1_000;

/** @param runId the run that is to be replayed; its effects are those of all runs that handled one of these events */
export async function findEffects(
  stores: Stores,
  from: ReplayPhase,
  runId: RunId,
  eventIds: readonly EventId[],
  tx?: Transaction,
): Promise<ReplayEffects> {
  const handlers = new Set([runId, ...(await stores.lineage.runsThatHandled(eventIds, tx))]);
  const caused = await followRuns(stores, handlers, tx);
  const own = await stores.lineage.mutationsOf([...handlers], tx);
  const downstream = await stores.lineage.mutationsOf(caused.runs, tx);
  return {
    effects: [
      ...own.map((mutation) => describeOwn(mutation, from)),
      ...downstream.slice(0, MOST_DOWNSTREAM).map(describeDownstream),
    ],
    truncated: caused.truncated || downstream.length > MOST_DOWNSTREAM,
  };
}

/** What is known of a mutation; an answer that came late counts, whatever had been decided before it. */
function effectStatus({ status, lateOutcome }: Pick<Mutation, "status" | "lateOutcome">): EffectStatus {
  switch (status) {
    case "applied":
      return "applied";
    case "failed":
      return saysApplied(lateOutcome) ? "applied" : "failed";
    case "in_flight":
    case "needs_reconcile":
    case "indeterminate":
      return saysApplied(lateOutcome) ? "applied" : "unknown";
    case "pending":
      return "none";
  }
}

function saysApplied(lateOutcome: Mutation["lateOutcome"]): boolean {
  if (lateOutcome === null || typeof lateOutcome !== "object" || !("kind" in lateOutcome)) return false;
  return lateOutcome["kind"] === "applied";
}

const REPEATED: Record<EffectStatus, { wouldRepeat: boolean; why: string }> = {
  applied: {
    wouldRepeat: true,
    why: "It has happened. A fresh run makes its call anew, with a new idempotency key: it would happen again.",
  },
  unknown: {
    wouldRepeat: true,
    why: "It is not known whether it has happened. A fresh run makes its call anew, with a new idempotency key: it may happen twice.",
  },
  failed: { wouldRepeat: false, why: "It did not happen, so it is not repeated; a fresh run may make the call again." },
  none: { wouldRepeat: false, why: "Its call was never made, so it is not repeated; a fresh run may make the call." },
};

function describeOwn(mutation: Mutation, from: ReplayPhase): ReplayEffect {
  const status = effectStatus(mutation);
  const effect = { mutation, status, relation: "own" } as const;
  if (from === "preparing") return { ...effect, ...REPEATED[status] };
  return { ...effect, wouldRepeat: false, why: "Its outcome is taken over as it is; the call is not made again." };
}

function describeDownstream(mutation: Mutation): ReplayEffect {
  return {
    mutation,
    status: effectStatus(mutation),
    relation: "downstream",
    wouldRepeat: false,
    why: "It follows from an event that was published. The same message id again changes nothing; a new one would cause a new effect beside it.",
  };
}

/** The runs that follow from these, at every remove. */
async function followRuns(
  { lineage }: Stores,
  roots: ReadonlySet<RunId>,
  tx?: Transaction,
): Promise<{ runs: RunId[]; truncated: boolean }> {
  const seen = new Set(roots);
  let frontier = [...roots];
  while (frontier.length > 0) {
    const limit = MOST_RUNS + seen.size;
    const found = await lineage.runsCausedBy(frontier, limit, tx);
    frontier = found.filter((id) => !seen.has(id));
    for (const id of frontier) seen.add(id);
    if (seen.size - roots.size > MOST_RUNS) break;
  }
  const runs = [...seen].filter((id) => !roots.has(id));
  return { runs: runs.slice(0, MOST_RUNS), truncated: runs.length > MOST_RUNS };
}
