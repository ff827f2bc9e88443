/** `/audit`: every action by a person. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { FilterBar } from "../components/filter-bar.tsx";
import { LoadMore } from "../components/load-more.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { QueryState } from "../components/query-state.tsx";
import { AUDIT_FILTERS, auditQuery } from "../services/audit.ts";
import { useFilters } from "../services/filters.ts";
import { itemsOf } from "../services/pages.ts";
import { AuditTable } from "../views/audit/audit-table.tsx";

export function AuditView() {
  const [filters] = useFilters(AUDIT_FILTERS);
  const query = useInfiniteQuery(auditQuery(filters));
  const entries = itemsOf(query.data);
  return (
    <>
      <PageHeader
        title="Audit"
        description="Who did what and when, by the dashboard, the API or the command line. Nothing here can be changed."
      />
      <FilterBar
        label="Filter the audit"
        fields={[
          { kind: "search", key: "text", label: "Search" },
          { kind: "search", key: "actor", label: "Who" },
          { kind: "search", key: "action", label: "Action", placeholder: "Action, such as job.pause" },
          { kind: "search", key: "subjectId", label: "Id of what it was done to", placeholder: "Id" },
          { kind: "span" },
        ]}
      />
      <QueryState
        query={query}
        height={420}
        isEmpty={() => entries.length === 0}
        empty={{
          title: Object.keys(filters).length > 0 ? "No action matches these filters" : "Nobody did anything yet",
        }}
      >
        {() => (
          <>
            <AuditTable entries={entries} />
            <LoadMore query={query} />
          </>
        )}
      </QueryState>
    </>
  );
}
