/** Events and the topics that they are in, as the API gives them. */
import { queryOptions } from "@tanstack/react-query";
import { api, asQuery, type Schema, take } from "./api.ts";
import type { Filters } from "./filters.ts";
import { pagedQuery } from "./pages.ts";
import { queryKey } from "./query-keys.ts";

export type EventSummary = Schema<"EventSummary">;
export type EventDetails = Schema<"EventDetails">;

/** The filters of the list; `topic` only together with `workflow`. */
export const EVENT_FILTERS = ["text", "workflow", "topic", "status", "from", "until"] as const;
export type EventFilters = Filters<(typeof EVENT_FILTERS)[number]>;

export function eventsQuery(filters: EventFilters = {}) {
  return pagedQuery(queryKey("events", "list", filters), (cursor, signal) =>
    take(api.GET("/api/events", { params: { query: asQuery<"/api/events">({ ...filters, ...cursor }) }, signal })),
  );
}

export function eventQuery(event: string) {
  return queryOptions({
    queryKey: queryKey("events", "show", event),
    queryFn: ({ signal }) => take(api.GET("/api/events/{event}", { params: { path: { event } }, signal })),
  });
}

export function topicsQuery(workflow: string) {
  return queryOptions({
    queryKey: queryKey("events", "topics", workflow),
    queryFn: ({ signal }) =>
      take(api.GET("/api/workflows/{workflow}/topics", { params: { path: { workflow } }, signal })),
  });
}
