import { expect, test } from "vitest";
import { COST_LIMITS } from "./cost-limits.ts";
import { measureUnit, type MeasuredUnit, type UnitCost } from "./unit-costs.ts";
import { UNIT_NAMES } from "./units.ts";

const FIGURES = ["statements", "control", "commits", "bytes"] as const satisfies (keyof UnitCost)[];

test.each(UNIT_NAMES)("%s: costs no more statements, commits and bytes than it may", async (name) => {
  const measured = await measureUnit(name);
  const limits = COST_LIMITS[name];
  const over = FIGURES.filter((figure) => measured[figure] > limits[figure]);
  expect(over, explain(measured, limits)).toEqual([]);
});

function explain(measured: MeasuredUnit, limits: UnitCost): string {
  const figures = FIGURES.map((figure) => `${figure} ${measured[figure]} (limit ${limits[figure]})`).join(", ");
  const statements = measured.perStatement.map(([sql, times]) => `${times.toFixed(2).padStart(8)} × ${sql}`).join("\n");
  return `"${measured.name}" costs ${figures}. cost-limits.ts says when and how to change a limit. For one unit were run:\n${statements}\n`;
}
