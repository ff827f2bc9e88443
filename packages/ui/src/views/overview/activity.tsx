/** How much was done and how much failed, over time. */
import "./overview.css";
import { SegmentedControl } from "@mantine/core";
import { BarChart } from "../../components/charts/charts.tsx";
import type { ChartPoint, ChartSeries } from "../../components/charts/chart-data.ts";
import { QueryState, type QueryLike } from "../../components/query-state.tsx";
import { formatNoun } from "../../format/numbers.ts";
import { useFilters } from "../../services/filters.ts";
import type { Overview, OverviewSpan } from "../../services/overview.ts";
import { formatBucket } from "./bucket-label.ts";

const spans = [
  { value: "hour", label: "Hour" },
  { value: "day", label: "Day" },
  { value: "week", label: "Week" },
] satisfies { value: OverviewSpan; label: string }[];

const series: readonly ChartSeries[] = [
  { key: "committed", label: "Runs done", tone: "success" },
  { key: "jobs", label: "Jobs run", tone: "info" },
  { key: "waiting", label: "Waiting", tone: "warning" },
  { key: "failed", label: "Failed", tone: "danger" },
];
const chartHeight = 200;

export function Activity({ query }: { query: QueryLike<Overview> }) {
  const [{ span = "day" }, setFilters] = useFilters(["span"]);
  return (
    <section className="panel" aria-labelledby="activity">
      <header className="panel-head">
        <h2 id="activity">What was done</h2>
        <SegmentedControl
          size="xs"
          aria-label="The last"
          data={spans}
          value={span}
          onChange={(value) => setFilters({ span: value })}
        />
      </header>
      <QueryState query={query} height={chartHeight + 48} lines={0}>
        {({ activity }) => <ActivityChart activity={activity} />}
      </QueryState>
    </section>
  );
}

function ActivityChart({ activity: { bucketMs, buckets } }: { activity: Overview["activity"] }) {
  const points: ChartPoint[] = buckets.map(({ at, ...values }) => ({ label: formatBucket(at, bucketMs), values }));
  const sum = (key: "committed" | "failed" | "waiting" | "jobs") =>
    buckets.reduce((total, bucket) => total + bucket[key], 0);
  return (
    <>
      <BarChart label="Runs and jobs by the time they began" series={series} points={points} height={chartHeight} />
      <p className="soft" style={{ margin: "8px 0 0" }}>
        {formatNoun(sum("committed"), "run")} done, {formatNoun(sum("jobs"), "job")} run, {sum("failed")} failed,{" "}
        {sum("waiting")} waiting. Each bar is {bucketInWords(bucketMs)}.
      </p>
    </>
  );
}

function bucketInWords(bucketMs: number): string {
  const minutes = Math.round(bucketMs / 60_000);
  if (minutes < 60) return formatNoun(minutes, "minute");
  return minutes % 60 === 0 ? formatNoun(minutes / 60, "hour") : formatNoun(minutes, "minute");
}
