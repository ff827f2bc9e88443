import { expect, test } from "vitest";
import { describeDuration, parseDuration } from "./duration.ts";

test.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["1h30m", 5_400_000],
  ["2d", 172_800_000],
  ["1w", 604_800_000],
  ["", null],
  ["5", null],
  ["5 m", null],
  ["-5m", null],
  ["m", null],
])("the duration %s is %s ms", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each([
  [300_000, "5 minutes"],
  [5_400_000, "1 hour 30 minutes"],
  [1_000, "1 second"],
  [1_500, "1 second 500 milliseconds"],
  [8 * 86_400_000, "1 week 1 day"],
  [0, "0 milliseconds"],
])("%s ms are %s", (milliseconds, words) => {
  expect(describeDuration(milliseconds)).toBe(words);
});
