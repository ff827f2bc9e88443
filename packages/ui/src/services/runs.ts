/** Runs, as the API gives them, and replaying one. */
import { queryOptions } from "@tanstack/react-query";
import { api, asQuery, type Schema, take } from "./api.ts";
import type { Filters } from "./filters.ts";
import { pagedQuery } from "./pages.ts";
import { queryKey } from "./query-keys.ts";

export type RunSummary = Schema<"RunSummary">;
export type RunDetails = Schema<"RunDetails">;
export type RunPhase = RunDetails["phases"][number];
export type LogLine = Schema<"LogLine">;
export type ReplayPlan = Schema<"ReplayPlan">;
export type ReplayPoint = ReplayPlan["from"];

/** The filters of the list. */
export const RUN_FILTERS = ["text", "workflow", "handler", "handlerType", "status", "from", "until"] as const;
export type RunFilters = Filters<(typeof RUN_FILTERS)[number]>;

/** How often a run that goes on is looked at: what it logs is no change that the host tells of. */
const activeRunMs = 2_000;

export function runsQuery(filters: RunFilters = {}) {
  return pagedQuery(queryKey("runs", "list", filters), (cursor, signal) =>
    take(api.GET("/api/runs", { params: { query: asQuery<"/api/runs">({ ...filters, ...cursor }) }, signal })),
  );
}

export function runQuery(run: string) {
  return queryOptions({
    queryKey: queryKey("runs", "show", run),
    queryFn: ({ signal }) => take(api.GET("/api/runs/{run}", { params: { path: { run } }, signal })),
    refetchInterval: ({ state }) => (state.data?.run.status === "active" ? activeRunMs : false),
  });
}

/** The log lines of a run that come after a sequence number; at most 1,000 at once. */
export function fetchRunLogs(run: string, after: number) {
  return take(api.GET("/api/runs/{run}/logs", { params: { path: { run }, query: { after } } }));
}

/** What replaying a run from a point would do now. */
export function replayPlanQuery(run: string, from: ReplayPoint) {
  return queryOptions({
    queryKey: queryKey("runs", "replay", run, from),
    queryFn: ({ signal }) =>
      take(api.GET("/api/runs/{run}/replay", { params: { path: { run }, query: { from } }, signal })),
  });
}

/** Replays a run, crossing only the effects that are named. */
export function replayRun(run: string, replay: { from: ReplayPoint; cross: string[]; evidence: string }) {
  const { from, cross, evidence } = replay;
  return take(
    api.POST("/api/runs/{run}/replay", {
      params: { path: { run } },
      body: { from, cross, ...(evidence === "" ? {} : { evidence }) },
    }),
  );
}
