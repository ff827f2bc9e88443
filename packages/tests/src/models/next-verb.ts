/** The command that a run, or what its workflow waits for, would have next: so that sequences come far. */
import * as fc from "fast-check";
import type { Step } from "./batches.ts";
import { activeRun, awaitsApproval, isUnsettled, type ExecutionState } from "./execution-state.ts";
import { callVerbs } from "./ledger-verb-steps.ts";
import { decisions } from "./person-verb-steps.ts";
import { lifeVerbs } from "./run-verb-steps.ts";

const VERBS = { ...lifeVerbs, ...decisions, ...callVerbs, startRun: lifeVerbs.start };
type Verb = keyof typeof VERBS;

export const nextVerb: fc.Arbitrary<Step<ExecutionState>> = fc
  .record({ chance: fc.nat({ max: 9 }), verbs: fc.record(VERBS) })
  .map(({ chance, verbs }) => {
    let title = "next";
    return {
      get title() {
        return title;
      },
      // Which of them it is shows when it is its turn.
      kind: "reads",
      bind(model) {
        const verb = verbs[choose(model.state, chance)];
        title = `next: ${verb.title}`;
        return verb.bind(model);
      },
    };
  });

function choose(state: ExecutionState, chance: number): Verb {
  const active = activeRun(state);
  switch (active?.phase) {
    case "preparing":
      return [...state.events.values()].some(({ status }) => status === "pending") ? "prepare" : "publishFromOutside";
    case "prepared":
      return chance < 5 ? "start" : chance < 8 ? "requestApproval" : "beginEmitting";
    case "mutating":
      return "recordOutcome";
    case "mutated":
      return "beginEmitting";
    case "emitting":
    case "executing":
      return "commit";
    case "committed":
    case undefined:
      return chooseDecision(state, chance);
  }
}

/** Nothing runs: a person decides, or another run begins. */
function chooseDecision(state: ExecutionState, chance: number): Verb {
  const waiting = state.pending === null ? undefined : state.runs.get(state.pending);
  if (!waiting && chance === 9) return "replay";
  if (!waiting) return chance < 3 ? "publishFromOutside" : "startRun";
  const mutation = waiting.mutationId === null ? undefined : state.mutations.get(waiting.mutationId);
  if (mutation && isUnsettled(mutation)) return "resolve";
  if (awaitsApproval(waiting)) return mutation?.approvedAt === null ? "approve" : "startApproved";
  return state.retryAt === null ? "retry" : "startRun";
}
