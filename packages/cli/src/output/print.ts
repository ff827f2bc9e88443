/** Lists and single things, for people or for programs. */
import type { Page } from "@millrace/agent";
import type { Context } from "../context.ts";
import { printJson } from "./json.ts";
import { printable } from "./printable.ts";
import { renderTable, type Column } from "./table.ts";

interface Format {
  json?: true | undefined;
}

export interface PageLayout<Row> {
  columns: readonly Column<Row>[];
  toJson: (row: Row) => unknown;
  whenEmpty: string;
  /** The command that shows the next part but for its cursor. */
  command: string;
}

/** Prints a part of a list, and how the next part is asked for. */
export function printPage<Row>(
  { items, nextCursor }: Page<Row>,
  { columns, toJson, whenEmpty, command }: PageLayout<Row>,
  { json }: Format,
  { stdout, colors }: Context,
): void {
  if (json) return printJson(stdout, { items: items.map(toJson), nextCursor });
  stdout.write(renderTable(items, columns, colors, whenEmpty));
  if (nextCursor !== null) stdout.write(`${colors.dim(`\nThere are more: ${command} --cursor ${nextCursor}`)}\n`);
}

/** What there is to say of one thing, a line each; a null is left out. */
export type Facts = readonly (readonly [name: string, value: string | number | null])[];

/** Facts in two columns. */
export function renderFacts(facts: Facts): string {
  const said = facts.filter(([, value]) => value !== null && value !== "");
  const width = Math.max(0, ...said.map(([name]) => name.length));
  return said.map(([name, value]) => `${name.padEnd(width)}  ${printable(String(value))}\n`).join("");
}
