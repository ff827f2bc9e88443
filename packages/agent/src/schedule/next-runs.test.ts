import { expect, test } from "vitest";
import { DEFAULT_DST_POLICY, type DstPolicy } from "./dst-policy.ts";
import { nextRuns } from "./next-runs.ts";

function preview(expression: string, from: string, count: number, dst: Partial<DstPolicy> = {}) {
  const policy = { ...DEFAULT_DST_POLICY, ...dst };
  const schedule = { kind: "cron", expression, timezone: "Europe/Berlin", dst: policy } as const;
  return nextRuns(schedule, count, Date.parse(from)).map(({ local, change }) => [local, change]);
}

test("the preview shows a run that a gap moves, and that the clocks have changed by the next", () => {
  expect(preview("30 2 * * *", "2026-03-27T12:00Z", 3)).toEqual([
    ["2026-03-28T02:30:00+01:00", null],
    ["2026-03-29T03:00:00+02:00", "shifted"],
    ["2026-03-30T02:30:00+02:00", null],
  ]);
  expect(preview("0 9 * * *", "2026-03-28T07:30Z", 3)).toEqual([
    ["2026-03-28T09:00:00+01:00", null],
    ["2026-03-29T09:00:00+02:00", "offset-change"],
    ["2026-03-30T09:00:00+02:00", null],
  ]);
});

test("a run at the end of a gap that would be there anyway was not moved", () => {
  expect(preview("30 2,3 * * *", "2026-03-29T00:00Z", 2)[0]).toEqual(["2026-03-29T03:00:00+02:00", "shifted"]);
  expect(preview("0 2,3 * * *", "2026-03-29T00:30Z", 1)).toEqual([["2026-03-29T03:00:00+02:00", "offset-change"]]);
});

test("the preview shows that a time was skipped before a run", () => {
  expect(preview("30 2 * * *", "2026-03-28T12:00Z", 2, { gap: "skip" })).toEqual([
    ["2026-03-30T02:30:00+02:00", "after-skipped"],
    ["2026-03-31T02:30:00+02:00", null],
  ]);
});

test("the preview shows which occurrence of a time that occurs twice it is", () => {
  expect(preview("30 2 * * *", "2026-10-24T12:00Z", 3, { overlap: "both" })).toEqual([
    ["2026-10-25T02:30:00+02:00", "repeated-first"],
    ["2026-10-25T02:30:00+01:00", "repeated-last"],
    ["2026-10-26T02:30:00+01:00", null],
  ]);
  expect(preview("30 2 * * *", "2026-10-24T12:00Z", 2)).toEqual([
    ["2026-10-25T02:30:00+02:00", "repeated-first"],
    ["2026-10-26T02:30:00+01:00", "offset-change"],
  ]);
  expect(preview("30 2 * * *", "2026-10-24T12:00Z", 1, { overlap: "last" })).toEqual([
    ["2026-10-25T02:30:00+01:00", "repeated-last"],
  ]);
});

test("intervals and single times are shown in UTC; what ends, ends", () => {
  expect(nextRuns({ kind: "interval", everyMs: 60_000, anchor: 0 }, 2, 0)).toEqual([
    { at: 60_000, local: "1970-01-01T00:01:00+00:00", change: null },
    { at: 120_000, local: "1970-01-01T00:02:00+00:00", change: null },
  ]);
  expect(nextRuns({ kind: "once", at: 60_000 }, 5, 0)).toHaveLength(1);
});

test.each([0, 1_001, 1.5, Number.NaN])("a preview of %s runs is refused", (count) => {
  expect(() => nextRuns({ kind: "once", at: 0 }, count, 0)).toThrow(RangeError);
});
