/** What the model of executions knows: the rules of specs/done/jobs.md that hold for a row by itself. */
import type { ExecutionStatus, Job, JobExecution, JobExecutionId, JobExecutionLog, JobId } from "@millrace/db";
import { sortedBy } from "./order.ts";

export interface ExecutionState {
  executions: Map<JobExecutionId, JobExecution>;
  logs: Map<JobExecutionId, JobExecutionLog[]>;
  jobs: Map<JobId, Job>;
}

/** Where an execution may go; what is over never changes. */
const NEXT: Record<ExecutionStatus, readonly ExecutionStatus[]> = {
  pending: ["running", "failed", "cancelled", "skipped"],
  running: ["pending", "success", "failed", "timeout", "cancelled"],
  success: [],
  failed: [],
  timeout: [],
  cancelled: [],
  skipped: [],
};

export const mayBecome = (from: ExecutionStatus, to: ExecutionStatus) => NEXT[from].includes(to);

export const isOver = (status: ExecutionStatus) => NEXT[status].length === 0;

/** What the schema says of a row by itself. */
export function isConsistent({ status, waitsFor, leaseExpiresAt, completedAt }: JobExecution): boolean {
  return (
    (waitsFor === null || status === "pending") &&
    (status === "running") === (leaseExpiresAt !== null) &&
    isOver(status) === (completedAt !== null)
  );
}

export const byRank = (rows: Iterable<JobExecution>) =>
  sortedBy(
    rows,
    ({ rank }) => rank,
    ({ id }) => id,
  );

export const pendingIn = ({ executions }: ExecutionState) =>
  [...executions.values()].filter(({ status }) => status === "pending");

export const runningIn = ({ executions }: ExecutionState) =>
  [...executions.values()].filter(({ status }) => status === "running");

export function forgetExecution({ executions, logs }: ExecutionState, id: JobExecutionId): void {
  executions.delete(id);
  logs.delete(id);
}
