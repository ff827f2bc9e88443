import { describe, expect, test } from "vitest";
import { checkAll, worstOf, type Facts } from "./checks.ts";

const FINE: Facts = {
  nodeVersion: "v24.1.0",
  freeDiskBytes: 10_000_000_000,
  engineRuns: true,
  damage: [],
  statistics: {
    sizeBytes: 1_000_000,
    freeBytes: 0,
    logBytes: 4_000,
    schemaVersion: "0006-phase-times",
    engineVersion: "3.50.0",
  },
  diagnosis: {
    unresolvedMutations: [],
    stoppedWorkflows: [],
    deadJobs: [],
    deadProducers: [],
    stuckExecutions: [],
    stuckRuns: [],
    openNotifications: 0,
  },
};

/** The checks that are not fine. */
const findings = (facts: Partial<Facts>) => checkAll({ ...FINE, ...facts }).filter(({ status }) => status !== "ok");
const diagnosis = (found: Partial<Facts["diagnosis"]>) => ({ diagnosis: { ...FINE.diagnosis, ...found } });

test("all is well where nothing is wrong", () => {
  expect(worstOf(checkAll(FINE))).toBe("ok");
});

describe("a finding has words and advice:", () => {
  test.each<[string, Partial<Facts>, string]>([
    ["an old Node", { nodeVersion: "v22.11.0" }, "v22.11.0 is too old"],
    ["little room on the disk", { freeDiskBytes: 5_000_000 }, "Only 5.0 MB are free"],
    [
      "less room than a backup needs",
      { freeDiskBytes: 2e9, statistics: { ...FINE.statistics, sizeBytes: 3e9 } },
      "2.0 GB",
    ],
    ["a long log", { statistics: { ...FINE.statistics, logBytes: 3e8 } }, "It has grown to 300.0 MB"],
    [
      "unknown outcomes",
      diagnosis({ unresolvedMutations: ["01a2-8f2a9c01"] }),
      "1 whose outcome nobody knows: 8f2a9c01",
    ],
    ["stopped workflows", diagnosis({ stoppedWorkflows: [{ name: "w", error: "e" }] }), "1 stopped: w (e)"],
    ["dead jobs", diagnosis({ deadJobs: [{ id: "01a2-8f2a9c01", name: "n" }] }), "job n (8f2a9c01)"],
    ["dead producers", diagnosis({ deadProducers: ["w.p"] }), "1 should tick and do not: w.p"],
    [
      "lost executions",
      diagnosis({ stuckExecutions: ["1", "2", "3", "4", "5", "6"] }),
      "6 lost their worker: 1, 2, 3, 4, 5, …",
    ],
    ["runs left half-done", diagnosis({ stuckRuns: ["8f2a9c01"] }), "1 were left half-done"],
    ["open notifications", diagnosis({ openNotifications: 2 }), "2 open"],
  ])("%s", (_name, facts, message) => {
    const [finding, ...others] = findings(facts);
    expect(others).toEqual([]);
    expect(finding?.message).toContain(message);
    expect(finding?.advice).toMatch(/\S/);
  });
});

test("damage is worse than all else", () => {
  const page = { kind: "integrity", table: null, message: "Page 7 is never used" } as const;
  const row = { kind: "reference", table: "events", message: "Row 1 of events names a row that is missing." } as const;
  const facts = { damage: [page, page, row], ...diagnosis({ openNotifications: 1 }) };
  expect(findings(facts).map(({ name, status }) => [name, status])).toEqual([
    ["database", "damaged"],
    ["references", "damaged"],
    ["notifications", "attention"],
  ]);
  expect(findings(facts)[0]?.message).toBe("It is damaged: Page 7 is never used (and 1 more)");
  expect(worstOf(findings(facts))).toBe("damaged");
});

test("what waits for an engine is said in other words where one runs", () => {
  const advice = (engineRuns: boolean) => findings({ engineRuns, ...diagnosis({ stuckExecutions: ["1"] }) })[0]?.advice;
  expect(advice(true)).toContain("restart it");
  expect(advice(false)).toContain("millrace run <file>");
});
