/** What `millrace run --once` says in the end: by workflow, what it did and what is left. */
import type { Engine, WorkflowSummary } from "@millrace/agent";
import type { MutationId, MutationStatus, WorkflowId } from "@millrace/db";
import { localTime } from "./cells.ts";
import type { Column } from "./table.ts";

export interface SummaryRow {
  workflow: string;
  inputs: number;
  runs: number;
  done: number;
  failed: number;
  /** Actions whose outcome is not known yet. */
  unknown: number;
  /** Events that still wait. */
  pending: number;
  needsAttention: number;
  /** When a failed run is tried again, as ISO 8601 text; null if none is. */
  retryAt: string | null;
}

export const SUMMARY_COLUMNS: readonly Column<SummaryRow>[] = [
  { title: "WORKFLOW", value: ({ workflow }) => workflow },
  { title: "CAME IN", value: ({ inputs }) => inputs, align: "right" },
  { title: "RUNS", value: ({ runs }) => runs, align: "right" },
  { title: "DONE", value: ({ done }) => done, align: "right" },
  { title: "FAILED", value: ({ failed }) => failed, align: "right" },
  { title: "UNKNOWN", value: ({ unknown }) => unknown, align: "right" },
  { title: "PENDING", value: ({ pending }) => pending, align: "right" },
  { title: "NEEDS YOU", value: ({ needsAttention }) => needsAttention, align: "right" },
  { title: "RETRY AT", value: ({ retryAt }) => (retryAt === null ? null : localTime(Date.parse(retryAt))) },
];

/** Counts what an engine does from now on. */
export class RunSummary {
  private readonly inputs = new Counter();
  private readonly runs = new Counter();
  private readonly mutations = new Map<MutationId, { workflowId: WorkflowId; status: MutationStatus }>();

  constructor(engine: Engine) {
    engine.on("input:registered", ({ workflowId }) => this.inputs.add(workflowId));
    engine.on("run:started", ({ workflowId }) => this.runs.add(workflowId));
    engine.on("mutation:changed", ({ id, workflowId, status }) => this.mutations.set(id, { workflowId, status }));
  }

  rows(workflows: readonly WorkflowSummary[]): SummaryRow[] {
    return workflows.map(({ id, name, pending, openNotifications, retryAt }) => ({
      workflow: name,
      inputs: this.inputs.of(id),
      runs: this.runs.of(id),
      done: this.count(id, "applied"),
      failed: this.count(id, "failed"),
      unknown: this.count(id, "needs_reconcile") + this.count(id, "indeterminate"),
      pending: Object.values(pending).reduce((total, events) => total + events, 0),
      needsAttention: openNotifications,
      retryAt: retryAt === null ? null : new Date(retryAt).toISOString(),
    }));
  }

  private count(id: WorkflowId, status: MutationStatus): number {
    return [...this.mutations.values()].filter((known) => known.workflowId === id && known.status === status).length;
  }
}

class Counter {
  private readonly counts = new Map<WorkflowId, number>();

  add(id: WorkflowId): void {
    this.counts.set(id, this.of(id) + 1);
  }

  of(id: WorkflowId): number {
    return this.counts.get(id) ?? 0;
  }
}
