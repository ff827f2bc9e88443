import { expect, test } from "vitest";
import { formatDuration, formatRelativeTime, fromLocalField, toLocalField } from "./times.ts";

const now = Date.UTC(2025, 2, 4, 12);

test.each([
  [0, "now"],
  [-999, "now"],
  [-12_000, "12 s ago"],
  [185_000, "in 3 min"],
  [-7_200_000, "2 h ago"],
  [-47 * 3_600_000, "47 h ago"],
  [-5 * 86_400_000, "5 days ago"],
])("%i ms from now is %j", (distance, words) => {
  expect(formatRelativeTime(now + distance, now)).toBe(words);
});

test("what is more than a month away has a date", () => {
  expect(formatRelativeTime(Date.UTC(2024, 5, 15, 12), now)).toBe("15 Jun 2024");
});

test.each([
  [0, "0 ms"],
  [85.4, "85 ms"],
  [3_400, "3.4 s"],
  [59_700, "1 min"],
  [125_000, "2 min 5 s"],
  [120_000, "2 min"],
  [4_320_000, "1 h 12 min"],
  [273_600_000, "3 d 4 h"],
])("%d ms is %j", (ms, words) => {
  expect(formatDuration(ms)).toBe(words);
});

test("a local field gives back the time that it was set to, to the minute", () => {
  const at = Date.UTC(2025, 6, 1, 10, 30);
  expect(fromLocalField(toLocalField(at))).toBe(at);
});

test("an unfinished field is no time", () => {
  expect(fromLocalField("2025-")).toBeNull();
});
