import { describe, expect, test } from "vitest";
import { isLegalRunTransition, RUN_STATUSES, type RunPhase, type RunStatus } from "./statuses.ts";

const change = (from: [RunPhase, RunStatus], to: [RunPhase, RunStatus], type: "producer" | "consumer" = "consumer") =>
  isLegalRunTransition(type, { phase: from[0], status: from[1] }, { phase: to[0], status: to[1] });

/** The statuses that a run may come to from one, in the phase in which it is. */
const reachable = (from: RunStatus) => RUN_STATUSES.filter((to) => change(["mutating", from], ["mutating", to]));

test("an active run may come to any status", () => {
  expect(reachable("active")).toEqual(RUN_STATUSES.filter((status) => status !== "committed"));
  expect(change(["emitting", "active"], ["committed", "committed"])).toBe(true);
});

test("a run that waits for approval goes on when it is given, and does not crash", () => {
  expect(reachable("paused:approval")).toEqual(
    RUN_STATUSES.filter((status) => status !== "committed" && status !== "crashed"),
  );
  expect(change(["mutating", "paused:approval"], ["committed", "committed"])).toBe(false);
});

test("a run whose outcome is unknown is never active again", () => {
  expect(reachable("paused:reconciliation")).toEqual(
    RUN_STATUSES.filter((status) => status !== "committed" && status !== "active" && status !== "crashed"),
  );
  expect(change(["mutating", "paused:reconciliation"], ["committed", "committed"])).toBe(false);
});

test.each(["paused:transient", "failed:logic", "failed:internal", "aborted", "crashed"] as const)(
  "a run that is over as %s never changes",
  (status) => {
    expect(reachable(status)).toEqual([]);
    expect(change(["emitting", status], ["committed", "committed"])).toBe(false);
  },
);

test("a run that is committed never changes", () => {
  expect(change(["committed", "committed"], ["committed", "committed"])).toBe(false);
});

describe("a phase", () => {
  test("never goes back, and may go forward", () => {
    expect(change(["mutating", "active"], ["prepared", "active"])).toBe(false);
    expect(change(["preparing", "active"], ["mutated", "active"])).toBe(true);
  });

  test("must be one of the handler's type", () => {
    expect(change(["executing", "active"], ["committed", "committed"], "producer")).toBe(true);
    expect(change(["executing", "active"], ["committed", "committed"], "consumer")).toBe(false);
    expect(change(["executing", "active"], ["emitting", "active"], "producer")).toBe(false);
  });

  test("is committed exactly when the status is", () => {
    expect(change(["emitting", "active"], ["committed", "active"])).toBe(false);
    expect(change(["emitting", "active"], ["emitting", "committed"])).toBe(false);
  });
});
