/** What a replay would do, for those who decide about it. */
import type { MutationId, MutationStatus, ReplayPhase } from "@millrace/db";
import type { ReplayEffect } from "../execution/replay-effects.ts";
import type { ReplayPlan } from "../execution/replay-plan.ts";
import type { Inspected } from "./inspected.ts";
import { nameWorkflows, summariseEvent, summariseRun, type EventSummary, type RunSummary } from "./summaries.ts";

export interface ReplayView {
  run: RunSummary;
  from: ReplayPhase;
  /** What would happen, in words. */
  description: string;
  /** Why it can't be replayed now; none where it can. */
  refusals: string[];
  /** The events that would be handled again. */
  events: EventSummary[];
  effects: {
    outputId: MutationId;
    title: string;
    connector: string;
    operation: string;
    status: MutationStatus;
    wouldRepeat: boolean;
    /** Whether it must be named to be crossed. */
    mustCross: boolean;
    why: string;
  }[];
  /** Whether there are more events or effects than are shown. */
  truncated: boolean;
}

/** Of the events, the most that are shown. Every effect that must be crossed is. */
const MOST_EVENTS = 200;

export async function viewReplay(inspected: Inspected, plan: ReplayPlan): Promise<ReplayView> {
  const { run, from, summary, refusals, effects, truncated } = plan;
  const [reserved, nameOf] = await Promise.all([
    inspected.stores.events.listOfRun(run.id),
    nameWorkflows(inspected, [run]),
  ]);
  const again = new Set(plan.events.map(({ id }) => id));
  const events = reserved.filter(({ id }) => again.has(id)).slice(0, MOST_EVENTS);
  const mustCross = new Set(plan.mustCross);
  const viewEffect = ({ mutation, wouldRepeat, why }: ReplayEffect) => ({
    outputId: mutation.id,
    title: mutation.title,
    connector: mutation.connector,
    operation: mutation.operation,
    status: mutation.status,
    wouldRepeat,
    mustCross: mustCross.has(mutation.id),
    why,
  });
  return {
    run: summariseRun(run, nameOf),
    from,
    description: summary,
    refusals,
    events: events.map((event) => summariseEvent(event, event.topicName, nameOf)),
    effects: effects.map(viewEffect),
    truncated: truncated || plan.events.length > events.length,
  };
}
