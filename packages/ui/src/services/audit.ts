/** The audit, as the API gives it. */
import { api, asQuery, type Schema, take } from "./api.ts";
import type { Filters } from "./filters.ts";
import { pagedQuery } from "./pages.ts";
import { queryKey } from "./query-keys.ts";

/** The filters of the list that the API knows. */
export const AUDIT_FILTERS = ["text", "actor", "action", "subjectId", "from", "until"] as const;
export type AuditFilters = Filters<(typeof AUDIT_FILTERS)[number]>;

export type AuditEntry = Schema<"AuditEntry">;

const pollMs = 10_000;

export function auditQuery(filters: AuditFilters) {
  const options = pagedQuery(queryKey("audit", "list", filters), (cursor, signal) =>
    take(api.GET("/api/audit", { params: { query: asQuery<"/api/audit">({ ...filters, ...cursor }) }, signal })),
  );
  // The host's changes don't tell of the audit.
  return { ...options, refetchInterval: pollMs };
}
