/** The one table of a comparison, as cells: for the terminal and for the README. */
import { nameOfFigure, type Comparison, type ResultLine } from "./result.ts";

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
      line.ratio === null ? "" : valuesOf(line.ratio),
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
  return Object.entries(figures)
    .map(([name, value]) => `${value.toLocaleString("en")} ${nameOfFigure(name)}`)
    .join(", ");
}

function valuesOf(ratio: NonNullable<ResultLine["ratio"]>): string {
  return Object.values(ratio)
    .map((value) => value.toLocaleString("en"))
    .join(", ");
}
