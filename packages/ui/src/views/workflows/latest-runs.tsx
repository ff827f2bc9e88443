/** A workflow's latest runs. */
import "./workflows.css";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { DataTable, type Column } from "../../components/data-table.tsx";
import { DurationText } from "../../components/duration-text.tsx";
import { QueryState } from "../../components/query-state.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { TimeText } from "../../components/time-text.tsx";
import type { Schema } from "../../services/api.ts";
import { latestRunsQuery } from "../../services/workflows.ts";

type Run = Schema<"RunSummary">;

const columns: readonly Column<Run>[] = [
  { title: "Handler", render: ({ handlerName }) => handlerName },
  { title: "Kind", render: ({ handlerType }) => handlerType, wideOnly: true },
  { title: "Status", render: ({ status }) => <StatusBadge domain="run" status={status} /> },
  {
    title: "Error",
    render: ({ error }) =>
      error === null ? <span className="soft">–</span> : <span className="cell-clip">{error}</span>,
  },
  { title: "Attempt", align: "end", render: ({ attempt }) => attempt },
  { title: "Began", render: ({ startedAt }) => <TimeText at={startedAt} /> },
  {
    title: "Took",
    align: "end",
    render: ({ startedAt, endedAt }) => <DurationText from={startedAt} until={endedAt} />,
  },
];

export function LatestRuns({ workflow }: { workflow: string }) {
  const query = useQuery(latestRunsQuery(workflow));
  return (
    <section className="panel" aria-labelledby="latest-runs">
      <header className="workflow-head">
        <h2 id="latest-runs">Latest runs</h2>
        <Link to="/runs" search={{ workflow }}>
          Show all
        </Link>
      </header>
      <QueryState
        query={query}
        height={420}
        isEmpty={({ items }) => items.length === 0}
        empty={{ title: "Nothing ran yet" }}
      >
        {({ items }) => (
          <DataTable
            caption={`Latest runs of ${workflow}`}
            columns={columns}
            rows={items}
            rowKey={({ id }) => id}
            rowLink={({ id }) => ({ to: "/runs/$run", params: { run: id } })}
          />
        )}
      </QueryState>
    </section>
  );
}
