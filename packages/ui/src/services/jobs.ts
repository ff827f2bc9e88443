/** Jobs, as the API gives them, and what a person may do with them. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { paths } from "./api.generated.ts";
import { api, asQuery, type Schema, take } from "./api.ts";
import type { Filters } from "./filters.ts";
import { pagedQuery } from "./pages.ts";
import { queryKey } from "./query-keys.ts";

/** The filters of the list that the API knows. */
export const JOB_FILTERS = ["text", "status", "type", "handler", "tag"] as const;
export type JobFilters = Filters<(typeof JOB_FILTERS)[number]>;

export type Job = Schema<"Job">;
export type JobSummary = Schema<"JobSummary">;
export type JobHandlers = Awaited<ReturnType<typeof fetchHandlers>>;
/** A job as it is asked for; the host checks it. */
export type JobInput = Readonly<Record<string, unknown>>;

type BodyOf<Path extends keyof paths> = paths[Path] extends {
  post: { requestBody: { content: { "application/json": infer Body } } };
}
  ? Body
  : never;

export function jobsQuery(filters: JobFilters) {
  return pagedQuery(queryKey("jobs", "list", filters), (cursor, signal) =>
    take(api.GET("/api/jobs", { params: { query: asQuery<"/api/jobs">({ ...filters, ...cursor }) }, signal })),
  );
}

export function jobQuery(job: string) {
  return queryOptions({
    queryKey: queryKey("jobs", "show", job),
    queryFn: ({ signal }) => take(api.GET("/api/jobs/{job}", { params: { path: { job } }, signal })),
  });
}

export function jobVersionsQuery(job: string) {
  return queryOptions({
    queryKey: queryKey("jobs", "versions", job),
    queryFn: ({ signal }) => take(api.GET("/api/jobs/{job}/versions", { params: { path: { job } }, signal })),
  });
}

export function jobDecisionsQuery(job: string) {
  return queryOptions({
    queryKey: queryKey("jobs", "decisions", job),
    queryFn: ({ signal }) => take(api.GET("/api/jobs/{job}/decisions", { params: { path: { job } }, signal })),
  });
}

export const jobMetricsQuery = queryOptions({
  queryKey: queryKey("jobs", "metrics"),
  queryFn: ({ signal }) => take(api.GET("/api/job-metrics", { signal })),
});

const fetchHandlers = (signal: AbortSignal) => take(api.GET("/api/job-handlers", { signal }));

/** What jobs can run; it changes only with a deploy. */
export const jobHandlersQuery = queryOptions({
  queryKey: queryKey("jobs", "handlers"),
  queryFn: ({ signal }) => fetchHandlers(signal),
});

/** A schedule in words with its next runs. Nothing that changes on the host changes it. */
export function schedulePreviewQuery(job: JobInput) {
  return queryOptions({
    queryKey: ["schedule-preview", job],
    queryFn: ({ signal }) => take(api.POST("/api/jobs/preview", { body: { job, count: 5 }, signal })),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
}

/** @throws ApiProblem with the faults of the input */
export function createJob(job: JobInput): Promise<Job> {
  // The host is the one that checks; its faults are shown at the fields.
  return take(api.POST("/api/jobs", { body: job as BodyOf<"/api/jobs"> }));
}

/** Changes the parts that are given; null takes one away. */
export function editJob(job: string, changes: JobInput): Promise<Job> {
  return take(api.PATCH("/api/jobs/{job}", { params: { path: { job } }, body: { ...changes } }));
}

export function deleteJob(job: string) {
  return take(api.DELETE("/api/jobs/{job}", { params: { path: { job } } }));
}

export function pauseJob(job: string, note: string): Promise<Job> {
  return take(api.POST("/api/jobs/{job}/pause", { params: { path: { job } }, body: note === "" ? {} : { note } }));
}

export function resumeJob(job: string, catchUp: boolean): Promise<Job> {
  return take(api.POST("/api/jobs/{job}/resume", { params: { path: { job } }, body: { catchUp } }));
}

export function cancelJob(job: string, reason: string): Promise<Job> {
  return take(api.POST("/api/jobs/{job}/cancel", { params: { path: { job } }, body: reason === "" ? {} : { reason } }));
}

export function skipNextRun(job: string, reason: string): Promise<Job> {
  return take(
    api.POST("/api/jobs/{job}/skip-next", { params: { path: { job } }, body: reason === "" ? {} : { reason } }),
  );
}

/** Runs a job beside its schedule, with its own payload where none is given. */
export function runJob(job: string, payload?: unknown) {
  return take(
    api.POST("/api/jobs/{job}/run", { params: { path: { job } }, body: payload === undefined ? {} : { payload } }),
  );
}

/** From and until are Unix milliseconds. */
export interface BackfillRange {
  from: number;
  until: number;
}

export function backfillJob(job: string, range: BackfillRange, dryRun: boolean) {
  return take(api.POST("/api/jobs/{job}/backfill", { params: { path: { job } }, body: { ...range, dryRun } }));
}

export type JobAction = BodyOf<"/api/jobs/actions">["action"];
export type BulkJobAction = Schema<"BulkJobAction">;

/** Does something with all jobs that the filters of the address match; a dry run counts them. */
export function actOnJobs(action: JobAction, filters: JobFilters, dryRun: boolean): Promise<BulkJobAction> {
  const { text, status, type, handler, tag } = filters;
  const given = { text, handler, tag, statuses: status?.split(","), types: type?.split(",") };
  // The words of an address; the host checks them.
  const filter = JSON.parse(JSON.stringify(given)) as BodyOf<"/api/jobs/actions">["filter"];
  return take(api.POST("/api/jobs/actions", { body: { action, filter, dryRun } }));
}
