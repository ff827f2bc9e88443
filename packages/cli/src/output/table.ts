/** Tables for people. */
import Table from "cli-table3";
import type { Colors } from "../context.ts";
import { printable, shorten } from "./printable.ts";

export interface Column<Row> {
  title: string;
  value(row: Row): string | number | null;
  align?: "right";
  /** Colours a cell by its row. */
  color?: (colors: Colors, row: Row) => (text: string) => string;
}

/** The longest text of a cell; JSON output has all of it. */
const MAX_CELL_LENGTH = 60;

const NO_LINES = Object.fromEntries(
  ["top", "bottom", "mid", "left", "right"].flatMap((side) =>
    [side, `${side}-mid`, `${side}-left`, `${side}-right`].map((part) => [part, ""]),
  ),
);

/** Gives the table with a line break at its end, or `whenEmpty` where there are no rows. */
export function renderTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  colors: Colors,
  whenEmpty: string,
): string {
  if (rows.length === 0) return `${whenEmpty}\n`;
  const table = new Table({
    head: columns.map(({ title }) => colors.bold(title)),
    colAligns: columns.map(({ align }) => align ?? "left"),
    chars: { ...NO_LINES, middle: "  " },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  for (const row of rows) table.push(columns.map((column) => cell(column, row, colors)));
  return `${table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")}\n`;
}

function cell<Row>(column: Column<Row>, row: Row, colors: Colors): string {
  const text = shorten(printable(String(column.value(row) ?? "")), MAX_CELL_LENGTH);
  return column.color ? column.color(colors, row)(text) : text;
}
