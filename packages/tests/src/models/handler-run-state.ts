/** What the model of runs knows, and the rules of DESIGN.md (section 4) about phases and statuses. */
import type { HandlerRun, RunId, RunLog, RunPosition, Script, Session, SessionId, WorkflowId } from "@millrace/db";

export interface RunState {
  runs: Map<RunId, HandlerRun>;
  logs: Map<RunId, RunLog[]>;
  sessions: Map<SessionId, Session>;
  workflows: Map<WorkflowId, { platformId: string; script: Script["id"] }>;
}

const ORDER = {
  producer: ["executing", "committed"],
  consumer: ["preparing", "prepared", "mutating", "mutated", "emitting", "committed"],
} as const;

/** Whether a run may go from one position to another. */
export function mayMove(type: HandlerRun["handlerType"], from: RunPosition, to: RunPosition): boolean {
  const order: readonly string[] = ORDER[type];
  const [before, after] = [order.indexOf(from.phase), order.indexOf(to.phase)];
  // The phase only moves forward, and committed is a phase and a status at once.
  if (before === -1 || after < before) return false;
  if ((to.phase === "committed") !== (to.status === "committed")) return false;
  if (from.status === "active") return true;
  // What waits for a person or for an answer may go on or end; all else is over.
  if (from.status === "paused:approval") return to.status !== "committed" && to.status !== "crashed";
  if (from.status !== "paused:reconciliation") return false;
  return to.status !== "committed" && to.status !== "crashed" && to.status !== "active";
}

export const at = ({ phase, status }: RunPosition) => `${phase}/${status}`;

/** The line of retries that a run is in: what it continues, and what continues it. */
export function chainOf({ runs }: RunState, id: RunId): HandlerRun[] {
  const chain = new Set<RunId>();
  for (let run = runs.get(id); run && !chain.has(run.id); run = run.retryOf ? runs.get(run.retryOf) : undefined) {
    chain.add(run.id);
  }
  const later = new Set<RunId>(runs.has(id) ? [id] : []);
  // A set gives what is added to it while it is gone through.
  for (const earlier of later) {
    for (const run of runs.values()) if (run.retryOf === earlier) later.add(run.id);
  }
  return [...runs.values()].filter((run) => chain.has(run.id) || later.has(run.id));
}
