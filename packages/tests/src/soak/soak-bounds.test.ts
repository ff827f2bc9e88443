import { describe, expect, test } from "vitest";
import { findGrowth } from "./soak-bounds.ts";
import type { SoakSample } from "./soak-run.ts";

const MEBIBYTE = 1024 * 1024;
const HOURS = 24;

/** A world in which nothing grows but what is kept, but for what `change` does in each hour. */
function series(change: (hour: number) => Partial<SoakSample> = () => ({})): SoakSample[] {
  return Array.from({ length: HOURS }, (_, index) => {
    const hour = index + 1;
    return {
      hour,
      state: hour <= 12 ? ("restarted" as const) : ("running" as const),
      hasReader: false,
      runs: hour * 200,
      rows: { job_executions: 50 + (hour % 3) },
      fileBytes: MEBIBYTE + hour * 200 * 6_000,
      freeBytes: 0,
      walBytes: 4 * MEBIBYTE,
      heapBytes: 30 * MEBIBYTE + (hour % 2) * 200_000,
      descriptors: 20,
      timers: hour <= 12 ? 0 : 1,
      leftEngines: 0,
      held: { "/agenda/heap": 40 + (hour % 5) },
      ...change(hour),
    };
  });
}

test("a world in which nothing grows but what is kept has no faults", () => {
  expect(findGrowth(series())).toEqual([]);
});

describe("what grows a little in each hour is found:", () => {
  test.each<[string, (hour: number) => Partial<SoakSample>, RegExp]>([
    ["the heap", (hour) => ({ heapBytes: 30 * MEBIBYTE + hour * 600_000 }), /heap bytes of engines that were stopped/],
    [
      "the heap of an engine that goes on",
      (hour) => ({ heapBytes: 30 * MEBIBYTE + Math.max(0, hour - 12) * 400_000 }),
      /heap bytes of an engine that goes on/,
    ],
    ["an engine that is not let go", (hour) => ({ leftEngines: Math.min(hour, 12) }), /12 stopped engines are still/],
    ["a file that stays open", (hour) => ({ descriptors: 20 + hour }), /open files/],
    ["a timer that nobody cancels", (hour) => ({ timers: hour === 7 ? 1 : 0 }), /hour 7 a stopped engine has left 1/],
    ["timers of an engine that goes on", (hour) => ({ timers: hour <= 12 ? 0 : hour * 3 }), /timers of an engine/],
    ["a collection", (hour) => ({ held: { "/agenda/heap": hour * 20 } }), /elements of \/agenda\/heap/],
    ["a log that is not begun anew", (hour) => ({ walBytes: 2 * hour * MEBIBYTE }), /hour 13 the log has/],
    ["a file that is not explained by its rows", (hour) => ({ fileBytes: hour * 200 * 20_000 }), /bytes for each run/],
    ["a file that grows faster and faster", (hour) => ({ fileBytes: hour * hour * 40_000 }), /a run at first/],
    ["the history of jobs", (hour) => ({ rows: { job_executions: hour * 30 } }), /Table job_executions grew/],
  ])("%s", (_what, change, fault) => {
    expect(findGrowth(series(change)).join("\n")).toMatch(fault);
  });
});

test("a log may grow while somebody reads what it would replace", () => {
  const reading = series((hour) => (hour === 5 ? { hasReader: true, walBytes: 100 * MEBIBYTE } : {}));
  expect(findGrowth(reading)).toEqual([]);
});
