import { expect, test } from "vitest";
import { formatBytes, formatCount, formatNoun } from "./numbers.ts";

test("large numbers are grouped", () => {
  expect(formatCount(1_234_567)).toBe("1,234,567");
});

test.each([
  [0, "0 B"],
  [1_536, "1.5 KB"],
  [5 * 1024 ** 3, "5 GB"],
])("%d bytes are %j", (bytes, words) => {
  expect(formatBytes(bytes)).toBe(words);
});

test("one is not many", () => {
  expect([formatNoun(1, "run"), formatNoun(2, "run"), formatNoun(0, "entry", "entries")]).toEqual([
    "1 run",
    "2 runs",
    "0 entries",
  ]);
});
