import { expect, test } from "vitest";
import { FakeClock } from "../testing/fake-clock.ts";
import { ClockSteps } from "./clock-steps.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const HOUR = 3_600_000;

test("while only time passes, the clock is steady since the beginning", () => {
  const clock = new FakeClock(START);
  const steps = new ClockSteps(clock);
  clock.jumpTo(START + 5 * HOUR);
  expect(steps.steadySince).toBe(START);
});

test.each([
  ["forward", HOUR],
  ["back", -HOUR],
])("a clock that was set %s is steady since that was noticed", (_, step) => {
  const clock = new FakeClock(START);
  const steps = new ClockSteps(clock);
  clock.setTo(START + step);
  expect(steps.steadySince).toBe(START + step);
  clock.jumpTo(START + step + HOUR);
  expect(steps.steadySince).toBe(START + step);
});

test("a clock that is corrected by less than a second stays steady", () => {
  const clock = new FakeClock(START);
  const steps = new ClockSteps(clock);
  clock.setTo(START + 900);
  expect(steps.steadySince).toBe(START);
});
