/** `/workflows`: each workflow with how it is and when it runs next. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { DataTable, type Column } from "../components/data-table.tsx";
import { FilterBar } from "../components/filter-bar.tsx";
import { LoadMore } from "../components/load-more.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { QueryState } from "../components/query-state.tsx";
import { StatusBadge, ToneBadge } from "../components/status-badge.tsx";
import { TimeText } from "../components/time-text.tsx";
import { formatCount } from "../format/numbers.ts";
import type { Schema } from "../services/api.ts";
import { useFilters } from "../services/filters.ts";
import { itemsOf } from "../services/pages.ts";
import { WORKFLOW_FILTERS, workflowsQuery } from "../services/workflows.ts";

type Row = Schema<"WorkflowSummary">;

const columns: readonly Column<Row>[] = [
  { title: "Workflow", render: ({ name }) => name, width: "130px" },
  { title: "State", render: (row) => <State row={row} /> },
  { title: "Schedule", render: (row) => <Schedules row={row} />, width: "180px" },
  { title: "Next run", render: ({ nextRunAt, retryAt }) => <TimeText at={retryAt ?? nextRunAt} fallback="none" due /> },
  { title: "Last run", render: ({ lastRun }) => <LastRun run={lastRun} /> },
  { title: "Waiting events", align: "end", render: ({ pendingEvents }) => formatCount(pendingEvents) },
  {
    title: "Needs you",
    align: "end",
    render: ({ openNotifications }) =>
      openNotifications === 0 ? (
        <span className="soft">–</span>
      ) : (
        <ToneBadge tone="warning">{formatCount(openNotifications)}</ToneBadge>
      ),
  },
  { title: "Version", align: "end", render: ({ version }) => version ?? <span className="soft">–</span> },
];

export function WorkflowsView() {
  const [filters] = useFilters(WORKFLOW_FILTERS);
  const query = useInfiniteQuery(workflowsQuery(filters));
  const rows = itemsOf(query.data);
  return (
    <>
      <PageHeader
        title="Workflows"
        description="A workflow looks for inputs, decides about each, and changes something elsewhere because of it."
      />
      <FilterBar label="Filter workflows" fields={[{ kind: "search", key: "text", label: "Search by name" }]} />
      <QueryState
        query={query}
        height={300}
        isEmpty={() => rows.length === 0}
        empty={
          filters.text === undefined
            ? {
                title: "No workflow is deployed yet",
                children: "Create a project with “millrace init”, then start it with “millrace dev”.",
              }
            : { title: "No workflow has this in its name" }
        }
      >
        {() => (
          <>
            <DataTable
              caption="Workflows"
              columns={columns}
              rows={rows}
              rowKey={({ id }) => id}
              rowLink={({ name }) => ({ to: "/workflows/$workflow", params: { workflow: name } })}
            />
            <LoadMore query={query} />
          </>
        )}
      </QueryState>
    </>
  );
}

function State({ row: { status, error, retryAt, deployed } }: { row: Row }) {
  return (
    <span className="row">
      <StatusBadge domain="workflow" status={status} />
      {error === null ? null : (
        <ToneBadge tone={retryAt === null ? "danger" : "warning"}>
          {retryAt === null ? "Stopped" : "Will retry"}
        </ToneBadge>
      )}
      {deployed ? null : <ToneBadge tone="warning">Code not here</ToneBadge>}
    </span>
  );
}

function Schedules({ row: { schedules } }: { row: Row }) {
  if (schedules.length === 0) return <span className="soft">none</span>;
  return schedules.map(({ producer, description }) => (
    <div key={producer} title={producer}>
      {description}
    </div>
  ));
}

function LastRun({ run }: { run: Row["lastRun"] }) {
  if (run === null) return <span className="soft">never</span>;
  return (
    <span className="row">
      <StatusBadge domain="run" status={run.status} />
      <TimeText at={run.startedAt} />
    </span>
  );
}
