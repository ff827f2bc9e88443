/**
 * Charts, each with the same figures as a table for those who can't see it. The library behind them is large, so it is
 * fetched when a chart is first shown; the chart's place is kept.
 */
import "./charts.css";
import { lazy, type ReactNode, Suspense } from "react";
import { formatCount } from "../../format/numbers.ts";
import type { ChartPoint, ChartSeries, SeriesChartProps } from "./chart-data.ts";

const RechartsBars = lazy(async () => ({ default: (await import("./recharts-bars.tsx")).RechartsBars }));

/** Stacked bars: amounts of a few kinds over time. */
export function BarChart(props: SeriesChartProps) {
  return (
    <ChartFrame {...props}>
      <RechartsBars {...props} />
    </ChartFrame>
  );
}

function ChartFrame({
  label,
  series,
  points,
  height,
  format = formatCount,
  children,
}: SeriesChartProps & { children: ReactNode }) {
  return (
    <figure className="chart">
      <figcaption className="visually-hidden">{label}</figcaption>
      <ul className="chart-legend" aria-hidden>
        {series.map(({ key, label: name, tone }) => (
          <li key={key} data-tone={tone}>
            {name}
          </li>
        ))}
      </ul>
      <div style={{ height }} aria-hidden>
        <Suspense>{children}</Suspense>
      </div>
      <ChartTable label={label} series={series} points={points} format={format} />
    </figure>
  );
}

interface ChartTableProps {
  label: string;
  series: readonly ChartSeries[];
  points: readonly ChartPoint[];
  format: (value: number) => string;
}

function ChartTable({ label, series, points, format }: ChartTableProps) {
  return (
    <div className="visually-hidden">
      <table>
        <caption>{label}</caption>
        <thead>
          <tr>
            <th scope="col">When</th>
            {series.map(({ key, label: name }) => (
              <th key={key} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {points.map((point) => (
            <tr key={point.label}>
              <th scope="row">{point.label}</th>
              {series.map(({ key }) => (
                <td key={key}>{format(point.values[key] ?? 0)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
