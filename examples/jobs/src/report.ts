/** What the example shows: the jobs, and what became of each of their executions. */
import type { Engine, Job, JobExecution, Scheduler } from "@millrace/agent";

/** How many of a job's last executions are shown. */
const SHOWN = 10;

/** A table of the jobs, and each one's history. */
export async function describeJobs(jobs: Scheduler): Promise<string> {
  const { items } = await jobs.listJobs();
  const oldestFirst = items.toReversed();
  const parts = [await describeAll(jobs, oldestFirst)];
  for (const job of oldestFirst) parts.push(await describeHistory(jobs, job));
  return parts.join("\n\n");
}

async function describeAll(jobs: Scheduler, all: readonly Job[]): Promise<string> {
  const rows = [["job", "type", "when", "status", "executions", "succeeded", "p50"]];
  for (const { id, name, type, schedule, status } of all) {
    const { executions, successRate, duration } = await jobs.getJobStats(id);
    const succeeded = successRate === null ? "" : `${Math.round(successRate * 100)} %`;
    rows.push([name, type, schedule, status, String(executions), succeeded, duration ? `${duration.p50} ms` : ""]);
  }
  return alignColumns(rows);
}

async function describeHistory(jobs: Scheduler, { id, name }: Job): Promise<string> {
  const { items, nextCursor } = await jobs.getJobHistory(id, { limit: SHOWN });
  const title = nextCursor === null ? name : `${name} (the last ${items.length})`;
  const rows = items.toReversed().map(describeExecution);
  return `${title}\n${alignColumns([["  nominal time", "status", "attempt", "took", "result"], ...rows])}`;
}

function describeExecution({ scheduledAt, status, attempt, durationMs, missedCount, ...rest }: JobExecution): string[] {
  const outcome = rest.error ?? rest.reason ?? (rest.result === null ? "" : JSON.stringify(rest.result));
  const missed = missedCount > 0 ? `stands for ${missedCount} missed; ` : "";
  const took = durationMs === null ? "" : `${durationMs} ms`;
  return [`  ${new Date(scheduledAt).toISOString()}`, status, String(attempt), took, missed + outcome];
}

/** Prints a line for each execution that ends. */
export function printEnds(engine: Engine, jobs: readonly Job[]): void {
  const names = new Map(jobs.map(({ id, name }) => [id, name]));
  engine.on("execution:changed", (execution) => {
    if (execution.status === "pending" || execution.status === "running") return;
    const name = names.get(execution.jobId) ?? execution.handlerName;
    console.log([name.padEnd(13), ...describeExecution(execution)].join("  "));
  });
}

function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
