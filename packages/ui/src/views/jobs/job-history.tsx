/** A job's past: how long its executions took and how they ended, as a chart and as a list. */
import "./jobs.css";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { BarChart } from "../../components/charts/charts.tsx";
import type { ChartPoint, ChartSeries } from "../../components/charts/chart-data.ts";
import { DataTable, type Column } from "../../components/data-table.tsx";
import { DurationText } from "../../components/duration-text.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { FilterBar } from "../../components/filter-bar.tsx";
import { LoadMore } from "../../components/load-more.tsx";
import { QueryState } from "../../components/query-state.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { statusOptions } from "../../components/status-words.ts";
import { TimeText } from "../../components/time-text.tsx";
import { formatDuration } from "../../format/times.ts";
import {
  type Execution,
  EXECUTION_FILTERS,
  executionsQuery,
  isOver,
  recentExecutionsQuery,
} from "../../services/executions.ts";
import { useFilters } from "../../services/filters.ts";
import { itemsOf } from "../../services/pages.ts";
import { DayTime, formatDayTime } from "../schedules/day-time.tsx";
import { ORIGIN_WORDS } from "./job-words.ts";

const charted = 60;
const chartHeight = 180;
const series: readonly ChartSeries[] = [
  { key: "success", label: "Succeeded", tone: "success" },
  { key: "failed", label: "Failed", tone: "danger" },
  { key: "timeout", label: "Timed out", tone: "warning" },
  { key: "cancelled", label: "Cancelled", tone: "neutral" },
];

const columns: readonly Column<Execution>[] = [
  {
    title: "Due",
    render: ({ scheduledAt }) => <DayTime at={scheduledAt} />,
  },
  { title: "Status", render: ({ status }) => <StatusBadge domain="execution" status={status} /> },
  { title: "Came", render: ({ origin }) => ORIGIN_WORDS[origin] },
  { title: "Began", render: ({ startedAt }) => <TimeText at={startedAt} /> },
  {
    title: "Took",
    align: "end",
    render: ({ startedAt, completedAt }) => <DurationText from={startedAt} until={completedAt} />,
  },
  { title: "Attempt", align: "end", render: ({ attempt }) => attempt, wideOnly: true },
  {
    title: "What came of it",
    render: ({ error, reason }) => <span className="soft">{error ?? reason ?? "–"}</span>,
  },
];

export function JobChart({ job }: { job: string }) {
  const query = useQuery(recentExecutionsQuery(job, charted));
  return (
    <section className="panel" aria-labelledby="durations">
      <h2 id="durations">How long it took</h2>
      <QueryState query={query} height={chartHeight + 32} lines={0}>
        {({ items }) => {
          const points = pointsOf(items);
          if (points.length === 0) return <EmptyState title="Nothing has ended yet" />;
          return (
            <BarChart
              label="How long the latest executions took, by how they ended"
              series={series}
              points={points}
              height={chartHeight}
              format={formatDuration}
            />
          );
        }}
      </QueryState>
    </section>
  );
}

/** One bar an execution that ran, the oldest first; its colour says how it ended. */
function pointsOf(executions: readonly Execution[]): ChartPoint[] {
  return executions
    .filter((execution) => isOver(execution) && execution.durationMs !== null && execution.status !== "skipped")
    .map(({ status, scheduledAt, durationMs }) => ({
      label: formatDayTime(scheduledAt),
      values: { [status]: durationMs ?? 0 },
    }))
    .toReversed();
}

export function JobHistory({ job }: { job: string }) {
  const [filters] = useFilters(EXECUTION_FILTERS);
  const query = useInfiniteQuery(executionsQuery(job, filters));
  const executions = itemsOf(query.data);
  return (
    <section className="panel" aria-labelledby="history">
      <h2 id="history">History</h2>
      <FilterBar
        label="Filter the history"
        fields={[
          { kind: "several", key: "status", label: "Status", options: statusOptions("execution") },
          { kind: "span" },
        ]}
      />
      <QueryState
        query={query}
        height={240}
        isEmpty={() => executions.length === 0}
        empty={{ title: Object.keys(filters).length > 0 ? "No execution matches these filters" : "It has not run yet" }}
      >
        {() => (
          <>
            <DataTable
              caption="Executions, the latest first"
              columns={columns}
              rows={executions}
              rowKey={({ id }) => id}
              rowLink={({ id }) => ({ to: "/executions/$execution", params: { execution: id } })}
            />
            <LoadMore query={query} />
          </>
        )}
      </QueryState>
    </section>
  );
}
