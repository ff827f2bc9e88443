import { expect, test } from "vitest";
import type { RunPhase } from "../../services/runs.ts";
import { phaseDurations } from "./phase-durations.ts";

const phase = (
  name: RunPhase["phase"],
  state: RunPhase["state"],
  enteredAt: number | null,
  leftAt: number | null,
): RunPhase => ({ phase: name, state, enteredAt, leftAt });

test("a phase whose end was not written down took at most the time until the next known one", () => {
  const durations = phaseDurations([
    phase("preparing", "done", 1_000, null),
    phase("prepared", "done", null, null),
    phase("mutating", "done", 1_400, 2_000),
    phase("mutated", "done", 2_000, null),
    phase("emitting", "done", null, null),
    phase("committed", "done", 2_050, null),
  ]);
  expect(durations).toEqual([
    { kind: "at_most", ms: 400 },
    { kind: "unknown" },
    { kind: "exact", ms: 600 },
    { kind: "at_most", ms: 50 },
    { kind: "unknown" },
    { kind: "exact", ms: 0 },
  ]);
});

test("the present phase grows, and what is ahead has not begun", () => {
  expect(phaseDurations([phase("mutating", "current", 1_400, null), phase("mutated", "ahead", null, null)])).toEqual([
    { kind: "growing", from: 1_400 },
    { kind: "ahead" },
  ]);
});

test("a phase that the run stopped in without a known time is unknown", () => {
  expect(phaseDurations([phase("prepared", "stopped", null, 5_000)])).toEqual([{ kind: "unknown" }]);
});
