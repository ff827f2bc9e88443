/** Each workflow with how it is and when it runs next. */
import "./overview.css";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { DataTable, type Column } from "../../components/data-table.tsx";
import { QueryState } from "../../components/query-state.tsx";
import { StatusBadge, ToneBadge } from "../../components/status-badge.tsx";
import { TimeText } from "../../components/time-text.tsx";
import { formatCount } from "../../format/numbers.ts";
import type { Schema } from "../../services/api.ts";
import { itemsOf } from "../../services/pages.ts";
import { workflowsQuery } from "../../services/workflows.ts";

type Row = Schema<"WorkflowSummary">;
const shown = 8;

const columns: readonly Column<Row>[] = [
  { title: "Workflow", render: ({ name }) => name },
  {
    title: "State",
    render: ({ status, error }) =>
      error === null ? <StatusBadge domain="workflow" status={status} /> : <ToneBadge tone="danger">Stopped</ToneBadge>,
  },
  { title: "Waiting events", align: "end", render: ({ pendingEvents }) => formatCount(pendingEvents) },
  { title: "Next run", render: ({ nextRunAt, retryAt }) => <TimeText at={retryAt ?? nextRunAt} fallback="none" due /> },
];

export function WorkflowStates() {
  const query = useInfiniteQuery(workflowsQuery());
  const rows = itemsOf(query.data);
  return (
    <section className="panel" aria-labelledby="workflow-states">
      <header className="panel-head">
        <h2 id="workflow-states">Workflows</h2>
        <Link to="/workflows">{rows.length > shown || query.hasNextPage ? "Show all" : "Open the list"}</Link>
      </header>
      <QueryState
        query={query}
        height={180}
        isEmpty={() => rows.length === 0}
        empty={{
          title: "No workflow is deployed yet",
          children: "Create a project with “millrace init”, then start it with “millrace dev”.",
        }}
      >
        {() => (
          <DataTable
            caption="Workflows with their state and next run"
            columns={columns}
            rows={rows.slice(0, shown)}
            rowKey={({ id }) => id}
            rowLink={({ name }) => ({ to: "/workflows/$workflow", params: { workflow: name } })}
          />
        )}
      </QueryState>
    </section>
  );
}
