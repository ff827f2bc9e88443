import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { systemClock } from "./clock.ts";

const DAY = 24 * 60 * 60 * 1_000;

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

test("a timer beyond what Node can wait fires at its time, and not at once", () => {
  const fired: number[] = [];
  systemClock.setTimer(40 * DAY, () => fired.push(systemClock.now()));
  vi.advanceTimersByTime(40 * DAY - 1);
  expect(fired).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(fired).toEqual([40 * DAY]);
});

test("such a timer can be cancelled, also after its first part", () => {
  const fired: number[] = [];
  const cancel = systemClock.setTimer(60 * DAY, () => fired.push(systemClock.now()));
  vi.advanceTimersByTime(30 * DAY);
  cancel();
  vi.advanceTimersByTime(60 * DAY);
  expect(fired).toEqual([]);
});
