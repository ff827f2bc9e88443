/** What a chart says about the place under the pointer. */
import type { ChartPoint, ChartSeries } from "./chart-data.ts";

export interface ChartTooltipProps {
  active?: boolean;
  /** The library's: the point that it stands at is in `payload` of each. */
  payload?: readonly { payload?: ChartPoint }[];
  series: readonly ChartSeries[];
  format: (value: number) => string;
}

export function ChartTooltip({ active, payload, series, format }: ChartTooltipProps) {
  const point = payload?.[0]?.payload;
  if (active !== true || point === undefined) return null;
  return (
    <div className="chart-tooltip">
      <strong>{point.label}</strong>
      {series.map(({ key, label, tone }) => (
        <div key={key} data-tone={tone}>
          <span>{label}</span>
          <span className="numbers">{format(point.values[key] ?? 0)}</span>
        </div>
      ))}
    </div>
  );
}
