/** What needs a person, as the API gives it. */
import { api, asQuery, type Schema, take } from "./api.ts";
import type { paths } from "./api.generated.ts";
import type { Filters } from "./filters.ts";
import { pagedQuery } from "./pages.ts";
import { queryKey } from "./query-keys.ts";

export type Notification = Schema<"Notification">;

type Count = paths["/api/attention/count"]["get"]["responses"][200]["content"]["application/json"];
/** A connector through which outputs went whose outcome is unknown: how many, and when they were sent. */
export type ConnectorOutage = Count["outages"][number];

/** The filters of the list. */
export const ATTENTION_FILTERS = ["text", "state", "kind", "workflow", "connector", "from", "until"] as const;
export type AttentionFilters = Filters<(typeof ATTENTION_FILTERS)[number]>;

/** Each entry is long: fewer at a time than elsewhere. */
const pageSize = "20";

/** What is open, unless the filters ask for what is resolved. */
export function attentionQuery(filters: AttentionFilters) {
  const asked = { state: "open", limit: pageSize, ...filters };
  return pagedQuery(queryKey("attention", "list", asked), (cursor, signal) =>
    take(api.GET("/api/attention", { params: { query: asQuery<"/api/attention">({ ...asked, ...cursor }) }, signal })),
  );
}

/** Closes a notification that has been read. */
export function dismissNotification(notification: string) {
  return take(api.POST("/api/attention/{notification}/dismissal", { params: { path: { notification } } }));
}
