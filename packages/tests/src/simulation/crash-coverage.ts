/** Which transactions a crash has fallen before, into and after: the table that has to be complete. */
import { TRANSACTION_NAMES } from "@millrace/agent/testing";

export const MOMENTS = ["before commit", "inside", "after commit"] as const;

export interface CoverageRow {
  transaction: string;
  /** How many crashes at each of the moments. */
  crashes: number[];
}

/** @param counts a tally of worlds, in which each crash at a boundary is counted */
export function crashCoverage(counts: Readonly<Record<string, number>>): CoverageRow[] {
  return TRANSACTION_NAMES.map((transaction) => ({
    transaction,
    crashes: MOMENTS.map((moment) => counts[boundaryName(transaction, moment)] ?? 0),
  }));
}

/** What a crash at a boundary is counted as. */
export function boundaryName(transaction: string, moment: string): string {
  return `boundary ${transaction} | ${moment}`;
}

/** What no crash has come to yet, each as "inside run.start". */
export function uncovered(rows: readonly CoverageRow[]): string[] {
  return rows.flatMap(({ transaction, crashes }) =>
    MOMENTS.flatMap((moment, index) => ((crashes[index] ?? 0) > 0 ? [] : [`${moment} ${transaction}`])),
  );
}

export function formatCoverage(rows: readonly CoverageRow[]): string {
  const width = Math.max(...rows.map(({ transaction }) => transaction.length));
  const line = (name: string, cells: readonly (string | number)[]) =>
    `${name.padEnd(width)} ${cells.map((cell) => String(cell).padStart(14)).join("")}`;
  return [line("transaction", MOMENTS), ...rows.map(({ transaction, crashes }) => line(transaction, crashes))].join(
    "\n",
  );
}
