import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { killCycles } from "./kill-cycles.ts";
import { killsOf } from "./kill-report.ts";
import { FAULTS } from "./kill-check.ts";

/** Tests run on the sources, and so do the lives. */
const conditions = ["millrace-source"];
const KILLS = 40;
const LANES = 2;

test("forty lives that are killed at planned moments lose nothing and do nothing twice", async () => {
  const { report, failed, kept } = await killCycles({ cycles: KILLS, seed: 20, lanes: LANES, keep: false, conditions });
  const { findings } = report;
  expect(FAULTS.flatMap((fault) => findings[fault])).toEqual([]);
  expect({ failed, kept, kills: killsOf(report) }).toEqual({ failed: false, kept: null, kills: KILLS });
  expect(findings.accepted).toBeGreaterThan(KILLS);
  expect(findings.uncertain).toBeGreaterThan(0);
  expect(findings.settledByAsking + findings.settledByPerson + findings.settledLate).toBe(findings.uncertain);
}, 120_000);

test("a receiver that denies what it has accepted is found out by its own record", async () => {
  const { report, failed, kept } = await killCycles({
    cycles: 12,
    seed: 5,
    lanes: LANES,
    keep: false,
    liar: true,
    conditions,
  });
  if (kept !== null) rmSync(kept, { recursive: true });
  expect(failed).toBe(true);
  expect(report.findings.duplicated.length).toBeGreaterThan(0);
}, 120_000);
