/** Puts together what the contestants measured and what was to be reached. */
import { mediansOf, type Outcome } from "./comparison.ts";
import type { Measurement } from "./contestant.ts";
import type { Line, Target, Work } from "./plan/plan.ts";
import { textOfFigure, textOfRatio, type Comparison, type ResultLine } from "./result-schema.ts";

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
  return of === "ratio" ? textOfRatio(figure, bound) : textOfFigure(figure, bound);
}
