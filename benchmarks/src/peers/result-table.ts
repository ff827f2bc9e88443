/** The one table of a comparison, as cells: for the terminal and for the README. */
import type { Measurement } from "./contestant.ts";
import { textOfFigure, textOfRatio, type Comparison, type ResultLine } from "./result-schema.ts";

export const COLUMNS = [
  "work",
  "peer",
  "version",
  "measured",
  "ours / theirs",
  "target",
  "",
  "durability and settings",
];

/** A row for each line; the work stands in the first of its rows. */
export function cellsOf(works: Comparison["works"]): string[][] {
  return works.flatMap(({ title, lines }) =>
    lines.map((line, index) => [
      index === 0 ? title : "",
      line.peer,
      line.version,
      measuredOf(line),
      line.ratio === null ? "" : textsOf(line.ratio, textOfRatio),
      line.target,
      line.passed === null ? "" : line.passed ? "pass" : "FAIL",
      line.settings,
    ]),
  );
}

/** With columns as wide as their widest cell. */
export function printTable(works: Comparison["works"]): string {
  const rows = [COLUMNS, ...cellsOf(works)];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function measuredOf({ figures, failure }: ResultLine): string {
  if (figures === null) return `not run: ${failure ?? "unknown"}`;
  return textsOf(figures, textOfFigure);
}

function textsOf(figures: Measurement, text: (name: string, value: number) => string): string {
  return Object.entries(figures)
    .map(([name, value]) => text(name, value))
    .join(", ");
}
