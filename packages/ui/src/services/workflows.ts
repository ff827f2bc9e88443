/** Workflows, as the API gives them. The pattern for the other resources. */
import { keepPreviousData, queryOptions, useMutation } from "@tanstack/react-query";
import { api, asQuery, take } from "./api.ts";
import { type Filters } from "./filters.ts";
import { pagedQuery } from "./pages.ts";
import { queryKey } from "./query-keys.ts";

/** The filters of the list that the API knows. */
export const WORKFLOW_FILTERS = ["text"] as const;
export type WorkflowFilters = Filters<(typeof WORKFLOW_FILTERS)[number]>;

export function workflowsQuery(filters: WorkflowFilters = {}) {
  return pagedQuery(queryKey("workflows", "list", filters), (cursor, signal) =>
    take(
      api.GET("/api/workflows", { params: { query: asQuery<"/api/workflows">({ ...filters, ...cursor }) }, signal }),
    ),
  );
}

export function workflowQuery(workflow: string) {
  return queryOptions({
    queryKey: queryKey("workflows", "show", workflow),
    queryFn: ({ signal }) => take(api.GET("/api/workflows/{workflow}", { params: { path: { workflow } }, signal })),
  });
}

export function workflowVersionsQuery(workflow: string) {
  return queryOptions({
    queryKey: queryKey("workflows", "versions", workflow),
    queryFn: ({ signal }) =>
      take(api.GET("/api/workflows/{workflow}/versions", { params: { path: { workflow } }, signal })),
  });
}

/** A version never changes. */
export function workflowVersionQuery(workflow: string, version: string) {
  return queryOptions({
    queryKey: queryKey("workflows", "version", workflow, version),
    queryFn: ({ signal }) =>
      take(
        api.GET("/api/workflows/{workflow}/versions/{version}", { params: { path: { workflow, version } }, signal }),
      ),
    staleTime: Infinity,
  });
}

export function producerDecisionsQuery(workflow: string, producer: string) {
  return queryOptions({
    queryKey: queryKey("workflows", "decisions", workflow, producer),
    queryFn: ({ signal }) =>
      take(
        api.GET("/api/workflows/{workflow}/producers/{producer}/decisions", {
          params: { path: { workflow, producer } },
          signal,
        }),
      ),
  });
}

/** Actions of a person. After any of them all that is shown is asked for again (query-client.ts). */
export function usePauseWorkflow(workflow: string) {
  return useMutation({
    mutationFn: () => take(api.POST("/api/workflows/{workflow}/pause", { params: { path: { workflow } } })),
  });
}

export function useResumeWorkflow(workflow: string) {
  return useMutation({
    mutationFn: () => take(api.POST("/api/workflows/{workflow}/resume", { params: { path: { workflow } } })),
  });
}

/** Runs the named producers now; all of them where none is named. */
export function useRunWorkflow(workflow: string) {
  return useMutation({
    mutationFn: (producers?: string[]) =>
      take(
        api.POST("/api/workflows/{workflow}/run", {
          params: { path: { workflow } },
          body: producers === undefined ? {} : { producers },
        }),
      ),
  });
}

export function useRetryWorkflow(workflow: string) {
  return useMutation({
    mutationFn: (evidence?: string) =>
      take(
        api.POST("/api/workflows/{workflow}/retry", {
          params: { path: { workflow } },
          body: evidence === undefined ? {} : { evidence },
        }),
      ),
  });
}

const latestRuns = "10";

/** @param handlerType only of consumers or of producers; of both where it is undefined */
export function latestRunsQuery(workflow: string, handlerType: string | undefined) {
  return queryOptions({
    queryKey: queryKey("runs", "latest", workflow, handlerType),
    queryFn: ({ signal }) => {
      const query = asQuery<"/api/runs">({ workflow, handlerType, limit: latestRuns });
      return take(api.GET("/api/runs", { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
  });
}
