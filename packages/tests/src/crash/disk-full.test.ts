import { expect, test } from "vitest";
import { killOnFullDisks } from "./disk-full.ts";
import { FAULTS } from "./kill-check.ts";
import { killsOf } from "./kill-report.ts";

const conditions = ["millrace-source"];
const KILLS = 6;

test("lives whose files may not grow for a while lose nothing, do nothing twice, and go on when they may", async () => {
  const options = { cycles: KILLS, seed: 3, keep: false, conditions };
  const { report, failed } = await killOnFullDisks(options, ["limit"]);
  expect(FAULTS.flatMap((fault) => report.findings[fault])).toEqual([]);
  expect({ failed, kills: killsOf(report) }).toEqual({ failed: false, kills: KILLS });
  expect(report.counts.get("times a life went on with room")).toBeGreaterThan(0);
  expect(report.counts.get("requests refused for want of room")).toBeGreaterThan(0);
}, 120_000);
