import { expect, test } from "vitest";
import { findGrowth } from "./soak-bounds.ts";
import { soak } from "./soak-child.ts";
import type { SoakSample } from "./soak-run.ts";

test("in a busy day with restarts nothing grows but what is kept", async () => {
  const samples: SoakSample[] = [];
  await soak({ hours: 24, seed: 20_260_101, restartedHours: 14 }, (sample) => samples.push(sample));
  expect(samples).toHaveLength(24);
  expect(samples.at(-1)?.runs).toBeGreaterThan(2_000);
  expect(samples.at(-1)?.rows["mutations"]).toBeGreaterThan(500);
  // Somebody's reading has kept the log from being begun anew: so that it is cut back was put to the test.
  expect(samples.find(({ hasReader }) => hasReader)?.walBytes).toBeGreaterThan(17 * 1024 * 1024);
  expect(findGrowth(samples)).toEqual([]);
}, 300_000);
