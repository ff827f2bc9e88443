/** In which runs an event may come, where it may lead, and how failures are counted: each rule at its edges. */
import { type MutationId, type RunPhase, type RunStatus } from "@millrace/db";
import { describe, expect, test } from "vitest";
import { resolvePolicy } from "../policy.ts";
import { newRun as consumer } from "./testing/new-run.ts";
import {
  awaitsApproval,
  continuesAfterMutation,
  isLegal,
  TRANSITIONS,
  transition,
  transientFailuresBefore,
  type TransitionRun,
} from "./transitions.ts";

const NOW = 10_000;
const policy = resolvePolicy();
const context = { now: NOW, policy, random: 0.5 };
const mutationId = "mutation" as MutationId;

const waiting: TransitionRun = { ...consumer, phase: "prepared", status: "paused:approval", mutationId };
const uncertain: TransitionRun = {
  ...consumer,
  phase: "mutating",
  status: "paused:reconciliation",
  mutationId,
  errorType: "NetworkError",
  endedAt: 9_000,
};
const committed: TransitionRun = { ...consumer, phase: "committed", status: "committed" };

describe("where an event may lead", () => {
  const failures = ["paused:transient", "paused:approval", "failed:logic", "failed:internal"];
  const BEFORE_COMMIT = ["executing", "preparing", "prepared", "mutated", "emitting"];
  const REACHED: Record<keyof typeof TRANSITIONS, string[]> = {
    prepared: ["prepared/active"],
    approval_requested: ["prepared/paused:approval"],
    approval_granted: ["prepared/paused:approval"],
    approval_rejected: ["prepared/paused:approval"],
    approval_withdrawn: ["prepared/aborted"],
    mutation_started: ["mutating/active"],
    mutation_applied: ["mutated/active"],
    mutation_failed: failures.map((status) => `mutating/${status}`),
    mutation_uncertain: ["mutating/paused:reconciliation"],
    mutation_indeterminate: ["mutating/paused:reconciliation"],
    reconcile_resumed: ["mutating/paused:reconciliation"],
    found_applied: ["mutated/paused:reconciliation"],
    found_not_applied: ["mutating/paused:transient"],
    mutation_skipped: ["mutating/paused:reconciliation"],
    emit_started: ["emitting/active"],
    committed: ["committed/committed"],
    failed: BEFORE_COMMIT.flatMap((phase) => failures.map((status) => `${phase}/${status}`)),
    input_skipped: ["preparing/aborted", "prepared/aborted"],
    crashed: BEFORE_COMMIT.map((phase) => `${phase}/crashed`),
    retry_requested: [],
    handler_removed: [],
    prepare_replayed: [],
    next_replayed: [],
    producer_replayed: [],
    replay_withdrawn: [],
  };

  test.each(Object.entries(REACHED))("%s leads where the design says", (type, reached) => {
    // Object.entries forgets which keys there are.
    const rule = TRANSITIONS[type as keyof typeof TRANSITIONS];
    expect([...rule.to].toSorted()).toEqual(reached.toSorted());
  });

  test("a run of one kind never gets to a phase of the other", () => {
    const producer: TransitionRun = { ...consumer, handlerType: "producer" };
    expect(() => transition(producer, { type: "prepared", prepareResult: {} }, context)).toThrow(
      "handler_runs row run can't go from preparing/active to prepared/active.",
    );
  });

  test("an event that may not come is refused by the name of its run, its state and its own", () => {
    expect(() => transition(committed, { type: "crashed", crashes: 1 }, context)).toThrow(
      "handler_runs row run can't go from committed/committed to crashed.",
    );
  });
});

describe("what waits for approval", () => {
  test("is a prepared run with a mutation that has no outcome yet, and nothing else", () => {
    expect(awaitsApproval(waiting)).toBe(true);
    const others: Partial<TransitionRun>[] = [
      { phase: "mutating" },
      { status: "active" },
      { mutationId: null },
      { mutationOutcome: "skipped" },
    ];
    for (const other of others) expect([other, awaitsApproval({ ...waiting, ...other })]).toEqual([other, false]);
  });

  test("is granted, rejected, withdrawn or started; not retried, and not given up", () => {
    const may = ["approval_granted", "approval_rejected", "approval_withdrawn", "mutation_started"] as const;
    const mayNot = ["retry_requested", "handler_removed"] as const;
    expect(may.map((type) => isLegal(waiting, type))).toEqual([true, true, true, true]);
    expect(mayNot.map((type) => isLegal(waiting, type))).toEqual([false, false]);
  });

  test("is not what waits for credentials: that can be retried and given up, but not approved or started", () => {
    const locked: TransitionRun = { ...waiting, mutationId: null };
    const may = ["approval_granted", "approval_rejected", "approval_withdrawn", "mutation_started"] as const;
    expect(may.map((type) => isLegal(locked, type))).toEqual([false, false, false, false]);
    expect([isLegal(locked, "retry_requested"), isLegal(locked, "handler_removed")]).toEqual([true, true]);
  });

  test("is not what was rejected: its next can be retried, but it is not asked about, started or given up again", () => {
    const rejected: TransitionRun = { ...waiting, mutationOutcome: "skipped" };
    const mayNot = ["approval_granted", "approval_rejected", "approval_withdrawn", "mutation_started"] as const;
    expect(mayNot.map((type) => isLegal(rejected, type))).toEqual([false, false, false, false]);
    expect([isLegal(rejected, "input_skipped"), isLegal(rejected, "handler_removed")]).toEqual([false, false]);
    expect(isLegal(rejected, "retry_requested")).toBe(true);
  });
});

describe("what was applied or skipped", () => {
  const outcomes = [null, "none", "applied", "skipped"] as const;

  test("goes on after its mutation; what made no call, or has no outcome, does not", () => {
    expect(outcomes.map((mutationOutcome) => continuesAfterMutation({ mutationOutcome }))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  test("can have its next replayed, and any consumer its prepare, but no producer either", () => {
    const runs = outcomes.map((mutationOutcome): TransitionRun => ({ ...committed, mutationOutcome }));
    expect(runs.map((run) => isLegal(run, "next_replayed"))).toEqual([false, false, true, true]);
    expect(runs.map((run) => isLegal(run, "prepare_replayed"))).toEqual([true, true, true, true]);
    expect(runs.map((run) => isLegal(run, "producer_replayed"))).toEqual([false, false, false, false]);
    const producer: TransitionRun = { ...committed, handlerType: "producer" };
    expect(isLegal(producer, "producer_replayed")).toBe(true);
    expect([isLegal(producer, "prepare_replayed"), isLegal(producer, "next_replayed")]).toEqual([false, false]);
  });
});

describe("failures that pass", () => {
  const transient = {
    status: "paused:transient",
    errorType: "NetworkError",
    message: "down",
    retryAfterMs: null,
  } as const;
  const failing = (transientFailures: number, retryAfterMs: number | null = null) =>
    transition(
      { ...consumer, transientFailures },
      { type: "failed", failure: { ...transient, retryAfterMs } },
      context,
    );
  const found = (run: Partial<TransitionRun>, by: "connector" | "person" = "connector") =>
    transition({ ...uncertain, ...run }, { type: "found_not_applied", by, crashes: 0 }, context);
  const patch = { phase: "mutating", status: "paused:transient", endedAt: NOW } as const;
  const settled = { patch, events: "release", workflowError: null, settleNotifications: true };

  test("wait for the backoff or for as long as the other side asks, whichever is longer", () => {
    expect(failing(0, 1_999).retry).toEqual({ at: NOW + 2_000 });
    expect(failing(0, 2_001).retry).toEqual({ at: NOW + 2_001 });
  });

  test("are tried again by themselves four times; the fifth in a row asks a person, whatever the other side says", () => {
    expect(failing(3).retry).toEqual({ at: NOW + 16_000 });
    expect(failing(4, 60_000)).toMatchObject({
      retry: { at: null },
      workflowError: "down",
      notify: { kind: "transient", message: "down" },
    });
  });

  test("of a call are tried again after the backoff, of which the time spent on asking is a part", () => {
    expect(found({})).toStrictEqual({ ...settled, retry: { at: 11_000 } });
    // Asking took longer than the backoff.
    expect(found({ endedAt: 500 })).toStrictEqual({ ...settled, retry: { at: NOW } });
    expect(found({ endedAt: null })).toStrictEqual({ ...settled, retry: { at: NOW + 2_000 } });
    expect(found({ transientFailures: 3 })).toStrictEqual({ ...settled, retry: { at: 25_000 } });
  });

  test.each([
    ["no route", "The call has failed 5 times in a row without effect: no route"],
    [null, "The call has failed 5 times in a row without effect: no answer"],
  ])("of a call ask a person after the fifth in a row, with the last error (%s)", (error, message) => {
    expect(found({ transientFailures: 4, error })).toStrictEqual({
      ...settled,
      retry: { at: null },
      workflowError: message,
      notify: { kind: "transient", message },
    });
  });

  test("of a call are tried again at once when a person says that it did not happen, or when the process ended", () => {
    expect(found({ transientFailures: 4 }, "person")).toStrictEqual({ ...settled, retry: { at: NOW } });
    expect(found({ transientFailures: 4, errorType: null })).toStrictEqual({ ...settled, retry: { at: NOW } });
  });
});

describe("the count of failures in a row", () => {
  const before = (phase: RunPhase, status: RunStatus, transientFailures: number, errorType: string | null = "Error") =>
    transientFailuresBefore({ ...consumer, phase, status, transientFailures, errorType }, policy);

  test("grows with each that passes, up to the fourth; what a person asks for after the fifth begins anew", () => {
    expect([0, 1, 2, 3, 4].map((count) => before("preparing", "paused:transient", count))).toEqual([1, 2, 3, 4, 0]);
  });

  test("stays when the process ended, in a call or outside", () => {
    expect(before("prepared", "crashed", 3)).toBe(3);
    expect(before("mutating", "paused:transient", 4, null)).toBe(4);
    expect(before("mutating", "paused:reconciliation", 4, null)).toBe(4);
  });

  test("ends with a failure of another kind", () => {
    const others = ["failed:logic", "failed:internal", "paused:approval", "paused:reconciliation"] as const;
    expect(others.map((status) => before("mutating", status, 3))).toEqual([0, 0, 0, 0]);
  });
});
