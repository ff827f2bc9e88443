import { expect, test } from "vitest";
import { COST_LIMITS } from "./cost-limits.ts";
import { measureUnit, type MeasuredUnit, type UnitCost } from "./unit-costs.ts";
import { UNIT_NAMES } from "./units.ts";

const FIGURES = ["statements", "control", "commits", "syncs", "bytes"] as const satisfies (keyof UnitCost)[];

test.each(UNIT_NAMES)("%s: costs no more statements, commits, syncs and bytes than it may", async (name) => {
  expect(explainOverrun(await measureUnit(name))).toBe("");
});

/** What is over its limit, and what was run; nothing when all is well. */
function explainOverrun(measured: MeasuredUnit): string {
  const limits = COST_LIMITS[measured.name];
  const over = FIGURES.filter((figure) => measured[figure] > limits[figure]);
  if (over.length === 0) return "";
  const figures = over.map((figure) => `${measured[figure]} ${figure}, and may cost ${limits[figure]}`).join("; ");
  const statements = measured.perStatement.map(([sql, times]) => `${times.toFixed(2).padStart(8)} × ${sql}`);
  return `"${measured.name}" costs ${figures} (cost-limits.ts says how to change that). For one unit were run:\n${statements.join("\n")}`;
}
