/** Outputs, as the API gives them, and what people decide about them. */
import { queryOptions } from "@tanstack/react-query";
import { api, asQuery, type Schema, take } from "./api.ts";
import type { Filters } from "./filters.ts";
import { pagedQuery } from "./pages.ts";
import { queryKey } from "./query-keys.ts";

export type OutputSummary = Schema<"OutputSummary">;
export type Output = Schema<"Output">;
export type OutputDetails = Schema<"OutputDetails">;
export type BulkResolution = Schema<"BulkResolution">;
/** An answer that a person may give now, and what it leads to. */
export type Answer = OutputDetails["answers"][number];
export type Resolution = Answer["resolution"];

/** The filters of the list. */
export const OUTPUT_FILTERS = ["text", "workflow", "connector", "operation", "status", "from", "until"] as const;
export type OutputFilters = Filters<(typeof OUTPUT_FILTERS)[number]>;

export function outputsQuery(filters: OutputFilters = {}) {
  return pagedQuery(queryKey("outputs", "list", filters), (cursor, signal) =>
    take(api.GET("/api/outputs", { params: { query: asQuery<"/api/outputs">({ ...filters, ...cursor }) }, signal })),
  );
}

/** An output with its parameters, inputs and attempts, and the answers that a person may give. */
export function outputQuery(output: string) {
  return queryOptions({
    queryKey: queryKey("outputs", "show", output),
    queryFn: ({ signal }) => take(api.GET("/api/outputs/{output}", { params: { path: { output } }, signal })),
  });
}

/** Evidence as the API takes it: none rather than an empty text. */
function given(evidence: string) {
  return evidence === "" ? {} : { evidence };
}

/** Allows the very parameters of an output that waits for it, or rejects them. */
export function approveOutput(output: string, approved: boolean, evidence: string) {
  return take(
    api.POST("/api/outputs/{output}/approval", {
      params: { path: { output } },
      body: { approved, ...given(evidence) },
    }),
  );
}

/** Settles an output whose outcome is unknown; `result` goes with `happened` alone. */
export function resolveOutput(output: string, answer: { resolution: Resolution; evidence: string; result?: unknown }) {
  const { resolution, evidence, result } = answer;
  return take(
    api.POST("/api/outputs/{output}/resolution", {
      params: { path: { output } },
      body: { resolution, ...given(evidence), ...(result === undefined ? {} : { result }) },
    }),
  );
}

/** Which unknown outputs to settle at once: those of a connector that were sent in a time span (Unix milliseconds). */
export interface Outage {
  connector: string;
  from: number;
  until: number;
}

/** Settles all of them; a dry run only counts them. */
export function resolveOutputs(outage: Outage, answer: { resolution: Resolution; evidence: string; dryRun: boolean }) {
  const { resolution, evidence, dryRun } = answer;
  return take(api.POST("/api/outputs/resolutions", { body: { ...outage, resolution, dryRun, ...given(evidence) } }));
}
