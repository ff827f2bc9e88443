/** The result of a comparison: what is printed, written as JSON, and shown in the README. */
import { z } from "zod";

const measurement = z.record(z.string(), z.number());

const lineSchema = z.object({
  name: z.string(),
  peer: z.string(),
  version: z.string(),
  settings: z.string(),
  /** The medians of the figures that are shown, in their order; null for those that were not run. */
  figures: measurement.nullable(),
  /** Ours divided by theirs; null in lines of ours, and where either is missing. */
  ratio: measurement.nullable(),
  target: z.string(),
  /** Null where there is no target, or nothing to hold against it. */
  passed: z.boolean().nullable(),
  /** Why it was not run. */
  failure: z.string().nullable(),
  /** All figures of each round. */
  rounds: z.array(measurement),
});
export type ResultLine = z.output<typeof lineSchema>;

export const comparisonSchema = z.object({
  machine: z.object({
    cpu: z.string(),
    cores: z.number(),
    memoryGigabytes: z.number(),
    system: z.string(),
    node: z.string(),
  }),
  /** One synced commit of a row, in milliseconds. */
  commitMs: z.number(),
  rounds: z.number(),
  quick: z.boolean(),
  works: z.array(z.object({ title: z.string(), lines: z.array(lineSchema) })),
});
export type Comparison = z.output<typeof comparisonSchema>;

/** How a figure is written, and a bound on it: "p50 1.5 ms", "p50 ≤ 1.5 ms". */
const FIGURE_TEXTS: Readonly<Record<string, (value: string) => string>> = {
  perSecond: (value) => `${value}/s`,
  p50Ms: (value) => `p50 ${value} ms`,
  p99Ms: (value) => `p99 ${value} ms`,
  startP50Ms: (value) => `first line p50 ${value} ms`,
  startP99Ms: (value) => `first line p99 ${value} ms`,
  startUpMs: (value) => `start-up ${value} ms`,
  cpuPercent: (value) => `CPU ${value} %`,
  wakeUps: (value) => `wake-ups ${value}`,
  rssMegabytes: (value) => `memory ${value} MB`,
  peakRssMegabytes: (value) => `peak memory ${value} MB`,
  slowestP50Ms: (value) => `p50 ${value} ms`,
};

/** @param value a number, or a bound on it as text */
export function textOfFigure(figure: string, value: number | string): string {
  const text = typeof value === "number" ? value.toLocaleString("en", { maximumFractionDigits: 3 }) : value;
  return FIGURE_TEXTS[figure]?.(text) ?? `${figure} ${text}`;
}

/** Those whose ratio has to say what it is of. */
const RATIO_NAMES: Readonly<Record<string, string>> = { p50Ms: "p50 ", p99Ms: "p99 ", peakRssMegabytes: "memory " };

/** The same divided by another's. */
export function textOfRatio(figure: string, value: number | string): string {
  const text = typeof value === "number" ? value.toLocaleString("en") : value;
  return `${RATIO_NAMES[figure] ?? ""}${text} ×`;
}
