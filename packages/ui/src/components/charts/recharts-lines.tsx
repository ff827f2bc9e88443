import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { formatCount } from "../../format/numbers.ts";
import { chartColour, type ChartPoint, type SeriesChartProps } from "./chart-data.ts";
import { ChartTooltip } from "./chart-tooltip.tsx";
import { axis, grid, valueAxis } from "./chart-look.ts";

export function RechartsLines({ series, points, format = formatCount }: SeriesChartProps) {
  return (
    <ResponsiveContainer width="100%" height="100%">
      <LineChart data={[...points]} accessibilityLayer={false} margin={{ top: 4, right: 4, bottom: 0, left: 0 }}>
        <CartesianGrid {...grid} />
        <XAxis dataKey="label" {...axis} />
        <YAxis {...valueAxis} tickFormatter={format} />
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: "var(--line-strong)" }}
          content={<ChartTooltip series={series} format={format} />}
        />
        {series.map(({ key, tone }) => (
          <Line
            key={key}
            dataKey={(point: ChartPoint) => point.values[key] ?? 0}
            stroke={chartColour(tone)}
            strokeWidth={2}
            dot={false}
            type="linear"
            isAnimationActive={false}
          />
        ))}
      </LineChart>
    </ResponsiveContainer>
  );
}
