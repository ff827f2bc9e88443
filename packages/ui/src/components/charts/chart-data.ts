/** What a chart shows. */
import type { Tone } from "../tones.ts";

export interface ChartSeries {
  /** The name of its value in each point. */
  key: string;
  label: string;
  tone: Tone;
}

/** One place on the horizontal axis with a value a series. */
export interface ChartPoint {
  /** Written under the axis, and at the head of the tooltip. */
  label: string;
  values: Readonly<Record<string, number>>;
}

export interface SeriesChartProps {
  /** What the chart shows; screen readers announce it. */
  label: string;
  series: readonly ChartSeries[];
  points: readonly ChartPoint[];
  /** In pixels. */
  height: number;
  /** How a value is written; a count by default. */
  format?: (value: number) => string;
}

/** The colour of a series, which follows the colour scheme. */
export function chartColour(tone: Tone): string {
  return `var(--chart-${tone})`;
}
