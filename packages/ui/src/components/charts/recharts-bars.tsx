import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { formatCount } from "../../format/numbers.ts";
import { chartColour, type ChartPoint, type SeriesChartProps } from "./chart-data.ts";
import { ChartTooltip } from "./chart-tooltip.tsx";
import { axis, grid, valueAxis } from "./chart-look.ts";

export function RechartsBars({ series, points, format = formatCount }: SeriesChartProps) {
  return (
    <ResponsiveContainer width="100%" height="100%">
      <BarChart data={[...points]} accessibilityLayer={false} margin={{ top: 4, right: 0, bottom: 0, left: 0 }}>
        <CartesianGrid {...grid} />
        <XAxis dataKey="label" {...axis} />
        <YAxis {...valueAxis} tickFormatter={format} />
        <Tooltip
          isAnimationActive={false}
          cursor={{ fill: "var(--surface-hover)" }}
          content={<ChartTooltip series={series} format={format} />}
        />
        {series.map(({ key, tone }) => (
          <Bar
            key={key}
            dataKey={(point: ChartPoint) => point.values[key] ?? 0}
            stackId="all"
            fill={chartColour(tone)}
            isAnimationActive={false}
            maxBarSize={28}
          />
        ))}
      </BarChart>
    </ResponsiveContainer>
  );
}
