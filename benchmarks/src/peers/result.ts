/** The result of a comparison: what is printed, written as JSON, and shown in the README. */
import { z } from "zod";
import { mediansOf, type Outcome } from "./comparison.ts";
import type { Measurement } from "./contestant.ts";
import type { Line, Target, Work } from "./plan/plan.ts";

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

/** The works of which anything was asked for. */
export function resultOf(
  works: readonly Work[],
  outcomes: ReadonlyMap<string, Outcome>,
  versions: ReadonlyMap<string, string>,
): Comparison["works"] {
  return works.flatMap(({ title, ours, theirs }) => {
    const mine = figuresOf(ours, outcomes);
    const lines = [ours, ...theirs].flatMap((line): ResultLine[] => {
      const outcome = outcomes.get(line.contestant.name);
      if (!outcome) return [];
      const figures = figuresOf(line, outcomes);
      const ratio = line === ours ? null : ratiosOf(line, mine, figures);
      const { name, peer, settings } = line.contestant;
      const { failure, rounds } = outcome;
      const [target, passed] = [line.targets.map(describeTarget).join(", "), judge(line.targets, figures, ratio)];
      return [
        { name, peer, version: versions.get(name) ?? "", settings, figures, ratio, target, passed, failure, rounds },
      ];
    });
    return lines.length > 0 ? [{ title, lines }] : [];
  });
}

function figuresOf({ contestant, figures }: Line, outcomes: ReadonlyMap<string, Outcome>): Measurement | null {
  const outcome = outcomes.get(contestant.name);
  if (!outcome || outcome.failure !== null) return null;
  const medians = mediansOf(outcome.rounds);
  return Object.fromEntries(figures.flatMap((name) => (medians[name] === undefined ? [] : [[name, medians[name]]])));
}

function ratiosOf({ figures }: Line, ours: Measurement | null, theirs: Measurement | null): Measurement | null {
  if (!ours || !theirs) return null;
  return Object.fromEntries(
    figures.flatMap((name) => {
      const [mine, other] = [ours[name], theirs[name]];
      return mine === undefined || other === undefined ? [] : [[name, Number((mine / other).toPrecision(3))]];
    }),
  );
}

function judge(targets: readonly Target[], figures: Measurement | null, ratio: Measurement | null): boolean | null {
  if (targets.length === 0) return null;
  const values = targets.map(({ of, figure }) => (of === "ratio" ? ratio : figures)?.[figure]);
  if (values.includes(undefined)) return null;
  return targets.every(({ atLeast = -Infinity, atMost = Infinity }, index) => {
    const value = values[index] ?? Number.NaN;
    return value >= atLeast && value <= atMost;
  });
}

function describeTarget({ figure, of, atLeast, atMost }: Target): string {
  const bound = atLeast === undefined ? `≤ ${atMost?.toLocaleString("en")}` : `≥ ${atLeast.toLocaleString("en")}`;
  const name = nameOfFigure(figure);
  return of === "ratio" ? `${name} ${bound} ×` : `${name} ${bound}`;
}

const FIGURE_NAMES: Readonly<Record<string, string>> = {
  perSecond: "a second",
  p50Ms: "p50 ms",
  p99Ms: "p99 ms",
  startP50Ms: "start p50 ms",
  startP99Ms: "start p99 ms",
  startUpMs: "start-up ms",
  cpuPercent: "CPU %",
  wakeUps: "wake-ups",
  rssMegabytes: "memory MB",
  peakRssMegabytes: "peak memory MB",
  slowestP50Ms: "slowest p50 ms",
};

export const nameOfFigure = (figure: string) => FIGURE_NAMES[figure] ?? figure;
