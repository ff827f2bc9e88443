/** Executions of jobs, their logs, and dead letters, as the API gives them. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { api, asQuery, type Schema, take } from "./api.ts";
import type { Filters } from "./filters.ts";
import { pagedQuery } from "./pages.ts";
import { queryKey } from "./query-keys.ts";

/** The filters of a job's history that the API knows. */
export const EXECUTION_FILTERS = ["status", "from", "until"] as const;
export type ExecutionFilters = Filters<(typeof EXECUTION_FILTERS)[number]>;

export type Execution = Schema<"Execution">;
export type ExecutionLogLine = Schema<"ExecutionLogLine">;

export function isOver({ status }: Pick<Execution, "status">): boolean {
  return status !== "pending" && status !== "running";
}

const pageSize = "20";

export function executionsQuery(job: string, filters: ExecutionFilters) {
  return pagedQuery(queryKey("executions", "list", job, filters), (cursor, signal) => {
    const query = asQuery<"/api/jobs/{job}/executions">({ ...filters, ...cursor, limit: pageSize });
    return take(api.GET("/api/jobs/{job}/executions", { params: { path: { job }, query }, signal }));
  });
}

/** The newest executions of a job, for its chart. */
export function recentExecutionsQuery(job: string, limit: number) {
  return queryOptions({
    queryKey: queryKey("executions", "recent", job, limit),
    queryFn: ({ signal }) =>
      take(api.GET("/api/jobs/{job}/executions", { params: { path: { job }, query: { limit } }, signal })),
  });
}

export function executionQuery(execution: string) {
  return queryOptions({
    queryKey: queryKey("executions", "show", execution),
    queryFn: ({ signal }) => take(api.GET("/api/executions/{execution}", { params: { path: { execution } }, signal })),
  });
}

const logPollMs = 1_500;
const mostLogRounds = 50;

/** The log of an execution. Lines don't announce themselves, so those of a running one are asked for again and again. */
export function executionLogsQuery(execution: string, isRunning: boolean) {
  const key = queryKey("executions", "logs", execution);
  return queryOptions({
    queryKey: key,
    queryFn: ({ client, signal }) => fetchLogs(client, key, execution, signal),
    refetchInterval: isRunning ? logPollMs : false,
  });
}

/** The lines that are known, and those after them. */
async function fetchLogs(
  client: QueryClient,
  key: readonly unknown[],
  execution: string,
  signal: AbortSignal,
): Promise<ExecutionLogLine[]> {
  const lines = [...(client.getQueryData<ExecutionLogLine[]>(key) ?? [])];
  for (let round = 0; round < mostLogRounds; round += 1) {
    const after = lines.at(-1)?.seq;
    const { items } = await take(
      api.GET("/api/executions/{execution}/logs", {
        params: { path: { execution }, query: after === undefined ? {} : { after } },
        signal,
      }),
    );
    lines.push(...items);
    if (items.length === 0) break;
  }
  return lines;
}

export function cancelExecution(execution: string, reason: string): Promise<Execution> {
  const body = reason === "" ? {} : { reason };
  return take(api.POST("/api/executions/{execution}/cancel", { params: { path: { execution } }, body }));
}

/** Gives the new execution. */
export function retryExecution(execution: string): Promise<Execution> {
  return take(api.POST("/api/executions/{execution}/retry", { params: { path: { execution } } }));
}

export function deadLettersQuery(job: string | undefined) {
  return pagedQuery(queryKey("dead-letters", "list", job), (cursor, signal) =>
    take(
      api.GET("/api/dead-letters", {
        params: { query: asQuery<"/api/dead-letters">({ job, ...cursor }) },
        signal,
      }),
    ),
  );
}

export function redrive(executions: string[]) {
  return take(api.POST("/api/dead-letters/redrive", { body: { executions } }));
}
