/** What the kill command found on all its grounds, and how it prints it. */
import { FAULTS, type Findings } from "./kill-check.ts";

/** The sums over all grounds so far. */
export interface Report {
  /** By moment. */
  kills: Map<string, number>;
  /** Anything else that is counted. */
  counts: Map<string, number>;
  grounds: number;
  findings: Findings;
}

const MOST_SHOWN = 10;

/** @param moments those that are counted, in the order in which they are shown */
export function emptyReport(moments: readonly string[]): Report {
  return {
    kills: new Map(moments.map((moment) => [moment, 0])),
    counts: new Map(),
    grounds: 0,
    findings: {
      published: 0,
      acknowledged: 0,
      accepted: 0,
      rows: 0,
      repeated: 0,
      uncertain: 0,
      settledByAsking: 0,
      settledByPerson: 0,
      settledLate: 0,
      duplicated: [],
      lost: [],
      unaccounted: [],
      disagreeing: [],
      unsound: [],
    },
  };
}

export function countKill({ kills }: Report, moment: string): void {
  kills.set(moment, (kills.get(moment) ?? 0) + 1);
}

export function addCount({ counts }: Report, what: string, by = 1): void {
  counts.set(what, (counts.get(what) ?? 0) + by);
}

export function killsOf({ kills }: Report): number {
  return [...kills.values()].reduce((sum, count) => sum + count, 0);
}

/** Adds what was found on one ground. */
export function addFindings({ findings: sums }: Report, found: Findings): void {
  sums.published += found.published;
  sums.acknowledged += found.acknowledged;
  sums.accepted += found.accepted;
  sums.rows += found.rows;
  sums.repeated += found.repeated;
  sums.uncertain += found.uncertain;
  sums.settledByAsking += found.settledByAsking;
  sums.settledByPerson += found.settledByPerson;
  sums.settledLate += found.settledLate;
  for (const fault of FAULTS) sums[fault].push(...found[fault]);
}

export function hasFailed(findings: Findings): boolean {
  return FAULTS.some((fault) => findings[fault].length > 0);
}

/** The report as lines of text. */
export function describeReport(report: Report): string[] {
  const { findings: found, kills, grounds } = report;
  const some = (faults: readonly string[]) => {
    const more = faults.length > MOST_SHOWN ? ", …" : "";
    return faults.length === 0 ? "0" : `${faults.length}  (${faults.slice(0, MOST_SHOWN).join(", ")}${more})`;
  };
  const table: [string, string | number][] = [
    ["kills", `${killsOf(report)}, on ${grounds} databases`],
    ...[...kills].filter(([, count]) => count > 0).map(([moment, count]): [string, number] => [`  ${moment}`, count]),
    ...report.counts,
    ["events published", found.published],
    ["acknowledged to who asked", found.acknowledged],
    ["effects at the receiver", `${found.accepted}, of which repetitions by jobs that may repeat: ${found.repeated}`],
    ["items in the file's rows", found.rows],
    ["effects duplicated", some(found.duplicated)],
    ["lost", some(found.lost)],
    [
      "uncertain mutations",
      `${found.uncertain}: ${found.settledByAsking} settled by asking, ${found.settledByPerson} listed for a person (who settled them), ${found.settledLate} by a late answer, ${found.unaccounted.length} unaccounted for`,
    ],
    ["ledger against receiver", some(found.disagreeing)],
    ["integrity and references", found.unsound.length === 0 ? "ok" : some(found.unsound)],
  ];
  const unaccounted = found.unaccounted.slice(0, MOST_SHOWN).map((what) => `! unaccounted for: ${what}`);
  return [...table.map(([what, value]) => `${what.padEnd(34)} ${value}`), ...unaccounted];
}
