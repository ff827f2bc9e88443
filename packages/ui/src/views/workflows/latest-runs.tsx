/** A workflow's latest runs. */
import "./workflows.css";
import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { DataTable, type Column } from "../../components/data-table.tsx";
import { DurationText } from "../../components/duration-text.tsx";
import { QueryState } from "../../components/query-state.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { TimeText } from "../../components/time-text.tsx";
import type { Schema } from "../../services/api.ts";
import { useFilters } from "../../services/filters.ts";
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

/** A producer that looks often would fill the list, so consumers come first. */
const choices = [
  { value: "consumer", label: "Consumers" },
  { value: "producer", label: "Producers" },
  { value: "all", label: "Both" },
];

export function LatestRuns({ workflow }: { workflow: string }) {
  const [{ runs = "consumer" }, setFilters] = useFilters(["runs"]);
  const handlerType = runs === "all" ? undefined : runs;
  const query = useQuery(latestRunsQuery(workflow, handlerType));
  return (
    <section className="panel" aria-labelledby="latest-runs">
      <header className="panel-head">
        <h2 id="latest-runs">Latest runs</h2>
        <div className="row">
          <SegmentedControl
            size="xs"
            aria-label="Of which handlers"
            data={choices}
            value={runs}
            onChange={(value) => setFilters({ runs: value })}
          />
          <Link to="/runs" search={handlerType === undefined ? { workflow } : { workflow, handlerType }}>
            Show all
          </Link>
        </div>
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
