import { expect, test } from "vitest";
import { collapseReason } from "./tick-decisions.ts";

test.each([
  [1, false, "1 missed tick collapses into one run"],
  [2, false, "2 missed ticks collapse into one run"],
  [1, true, "at least 1 missed ticks collapse into one run"],
])("%i ticks, more: %s", (count, more, words) => {
  expect(collapseReason(count, more)).toBe(words);
});
