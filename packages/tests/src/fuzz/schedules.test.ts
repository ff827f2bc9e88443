import { expect, test } from "vitest";
import { schedules } from "./schedules-target.ts";

test("a schedule is read or refused with its place, and its next run is later, whoever writes it and whenever it is", async () => {
  const { inputs, accepted, refused } = await schedules.run({ seed: 20_260_101, runs: 2_000 });
  expect(inputs).toBe(2_000);
  expect(accepted).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(500);
});
