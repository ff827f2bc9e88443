/** Inputs, as the API gives them. */
import { queryOptions } from "@tanstack/react-query";
import { api, asQuery, type Schema, take } from "./api.ts";
import type { Filters } from "./filters.ts";
import { pagedQuery } from "./pages.ts";
import { queryKey } from "./query-keys.ts";

export type InputSummary = Schema<"InputSummary">;
/** An input with what became of it. */
export type ListedInput = Schema<"ListedInput">;
export type InputStory = Schema<"InputStory">;
export type StoryEntry = Schema<"StoryEntry">;

/** The filters of the list. */
export const INPUT_FILTERS = ["text", "workflow", "source", "type", "status", "from", "until"] as const;
export type InputFilters = Filters<(typeof INPUT_FILTERS)[number]>;

export function inputsQuery(filters: InputFilters = {}) {
  return pagedQuery(queryKey("inputs", "list", filters), (cursor, signal) =>
    take(api.GET("/api/inputs", { params: { query: asQuery<"/api/inputs">({ ...filters, ...cursor }) }, signal })),
  );
}

/** An input with everything that came of it. */
export function inputQuery(input: string) {
  return queryOptions({
    queryKey: queryKey("inputs", "show", input),
    queryFn: ({ signal }) => take(api.GET("/api/inputs/{input}", { params: { path: { input } }, signal })),
  });
}

export function skipInput(input: string) {
  return take(api.POST("/api/inputs/{input}/skip", { params: { path: { input } } }));
}
