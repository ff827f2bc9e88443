/** All at a glance, as the API gives it, and what came in and went out last. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, asQuery, type QueryOf, type Schema, take } from "./api.ts";
import { queryKey } from "./query-keys.ts";

export type Overview = Schema<"Overview">;
export type OverviewSpan = NonNullable<QueryOf<"/api/overview">["span"]>;

export function overviewQuery(span: string | undefined) {
  return queryOptions({
    queryKey: queryKey("overview", span ?? "day"),
    queryFn: ({ signal }) =>
      take(api.GET("/api/overview", { params: { query: asQuery<"/api/overview">({ span }) }, signal })),
    // Another span changes the chart alone; the rest of the page stays.
    placeholderData: keepPreviousData,
  });
}

const latest = 6;

export const latestInputsQuery = queryOptions({
  queryKey: queryKey("inputs", "latest"),
  queryFn: ({ signal }) => take(api.GET("/api/inputs", { params: { query: { limit: latest } }, signal })),
});

export const latestOutputsQuery = queryOptions({
  queryKey: queryKey("outputs", "latest"),
  queryFn: ({ signal }) => take(api.GET("/api/outputs", { params: { query: { limit: latest } }, signal })),
});
