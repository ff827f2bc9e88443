import { Line, LineChart, YAxis } from "recharts";
import { chartColour } from "./chart-data.ts";

interface RechartsSparklineProps {
  values: readonly number[];
  width: number;
  height: number;
}

export function RechartsSparkline({ values, width, height }: RechartsSparklineProps) {
  return (
    <LineChart
      width={width}
      height={height}
      data={values.map((value) => ({ value }))}
      accessibilityLayer={false}
      margin={{ top: 3, right: 3, bottom: 3, left: 3 }}
    >
      <YAxis hide domain={["dataMin", "dataMax"]} />
      <Line dataKey="value" stroke={chartColour("info")} strokeWidth={1.5} dot={false} isAnimationActive={false} />
    </LineChart>
  );
}
