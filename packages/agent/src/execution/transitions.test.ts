import {
  CONSUMER_PHASES,
  IllegalTransitionError,
  PRODUCER_PHASES,
  RUN_STATUSES,
  type MutationId,
  type RunId,
  type RunStatus,
} from "@millrace/db";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resolvePolicy } from "../policy.ts";
import {
  awaitsApproval,
  isLegal,
  TRANSITIONS,
  transition,
  transientFailuresBefore,
  type RunEvent,
  type RunEventType,
  type TransitionRun,
} from "./transitions.ts";

const policy = resolvePolicy();
const context = { now: 1_000, policy, random: 0.5 };
const id = "run" as RunId;
const mutationId = "mutation" as MutationId;
const failure = (status: "paused:transient" | "paused:approval" | "failed:logic" | "failed:internal") =>
  ({ status, errorType: "Error", message: "wrong", retryAfterMs: null }) as const;

const EVENTS: Record<RunEventType, RunEvent> = {
  prepared: { type: "prepared", prepareResult: {} },
  approval_requested: { type: "approval_requested", mutationId, message: "?" },
  approval_granted: { type: "approval_granted" },
  approval_rejected: { type: "approval_rejected" },
  mutation_started: { type: "mutation_started", mutationId },
  mutation_applied: { type: "mutation_applied" },
  mutation_failed: { type: "mutation_failed", failure: failure("paused:transient") },
  mutation_uncertain: { type: "mutation_uncertain", reason: "no answer" },
  mutation_indeterminate: { type: "mutation_indeterminate", message: "?" },
  reconcile_resumed: { type: "reconcile_resumed" },
  found_applied: { type: "found_applied" },
  found_not_applied: { type: "found_not_applied" },
  mutation_skipped: { type: "mutation_skipped" },
  emit_started: { type: "emit_started" },
  committed: { type: "committed", outputState: null },
  failed: { type: "failed", failure: failure("failed:logic") },
  input_skipped: { type: "input_skipped" },
  crashed: { type: "crashed" },
  retry_requested: { type: "retry_requested" },
  handler_removed: { type: "handler_removed" },
};
const EVENT_TYPES = Object.keys(EVENTS) as RunEventType[];

function runIn(handlerType: "producer" | "consumer", phase: TransitionRun["phase"], status: RunStatus): TransitionRun {
  const acted = ["mutating", "mutated"].includes(phase) || (phase === "prepared" && status === "paused:approval");
  return {
    id,
    handlerType,
    phase,
    status,
    mutationId: acted ? mutationId : null,
    mutationOutcome: phase === "mutated" ? "applied" : null,
    transientFailures: 0,
  };
}

const RUNS = [
  ...PRODUCER_PHASES.flatMap((phase) => RUN_STATUSES.map((status) => runIn("producer", phase, status))),
  ...CONSUMER_PHASES.flatMap((phase) => RUN_STATUSES.map((status) => runIn("consumer", phase, status))),
];
const PAIRS = RUNS.flatMap((run) => EVENT_TYPES.map((type) => ({ run, type, state: `${run.phase}/${run.status}` })));

describe("every (state, event) pair", () => {
  test.each(PAIRS.filter(({ run, type }) => isLegal(run, type)))(
    "$type leads from $state to a state of the table",
    ({ run, type }) => {
      const { patch } = transition(run, EVENTS[type], context);
      const to: readonly string[] = TRANSITIONS[type].to;
      if (patch) expect(to).toContain(`${patch.phase}/${patch.status}`);
    },
  );

  test("every other pair is refused", () => {
    const others = PAIRS.filter(({ run, type }) => !isLegal(run, type));
    expect(others.length).toBeGreaterThan(1_000);
    for (const { run, type } of others)
      expect(() => transition(run, EVENTS[type], context)).toThrow(IllegalTransitionError);
  });

  test("nothing may come after committed or aborted", () => {
    for (const { run, type } of PAIRS) {
      if (run.status === "committed" || run.status === "aborted") expect(isLegal(run, type)).toBe(false);
    }
  });
});

describe("what follows", () => {
  test("a failure before the mutation releases the events; one after it keeps them", () => {
    expect(transition(runIn("consumer", "prepared", "active"), EVENTS.failed, context).events).toBe("release");
    expect(transition(runIn("consumer", "mutated", "active"), EVENTS.failed, context).events).toBe("keep");
    expect(transition(runIn("consumer", "mutated", "active"), EVENTS.crashed, context).events).toBe("keep");
  });

  test("a transient failure is retried later each time, and the fifth in a row asks a person", () => {
    const event = { type: "failed", failure: failure("paused:transient") } as const;
    const delays = [0, 1, 2, 3].map((transientFailures) => {
      const { retry } = transition({ ...runIn("consumer", "preparing", "active"), transientFailures }, event, context);
      return typeof retry === "object" && retry.at !== null ? retry.at - context.now : null;
    });
    expect(delays).toEqual([2_000, 4_000, 8_000, 16_000]);
    const last = transition({ ...runIn("consumer", "preparing", "active"), transientFailures: 4 }, event, context);
    expect(last).toMatchObject({ retry: { at: null }, workflowError: "wrong", notify: { kind: "transient" } });
  });

  test("a rate limit is never retried sooner than it asks", () => {
    const event = { type: "failed", failure: { ...failure("paused:transient"), retryAfterMs: 60_000 } } as const;
    expect(transition(runIn("producer", "executing", "active"), event, context).retry).toEqual({ at: 61_000 });
  });

  test("a retry that a person asked for begins to count anew", () => {
    const exhausted = { ...runIn("consumer", "preparing", "paused:transient"), transientFailures: 4 };
    expect(transientFailuresBefore(exhausted, policy)).toBe(0);
    expect(transientFailuresBefore({ ...exhausted, transientFailures: 2 }, policy)).toBe(3);
    expect(transientFailuresBefore({ ...exhausted, status: "crashed", transientFailures: 2 }, policy)).toBe(2);
  });

  test("a run that waits for approval can't be retried, one that waits for credentials can", () => {
    const waiting = runIn("consumer", "prepared", "paused:approval");
    expect(awaitsApproval(waiting)).toBe(true);
    expect(isLegal(waiting, "retry_requested")).toBe(false);
    const locked: TransitionRun = { ...waiting, mutationId: null };
    expect(isLegal(locked, "retry_requested")).toBe(true);
    expect(isLegal(locked, "approval_granted")).toBe(false);
  });

  test("what is unknown stops the workflow and tells a person why", () => {
    const run = runIn("consumer", "mutating", "paused:reconciliation");
    expect(transition(run, EVENTS.mutation_indeterminate, context)).toMatchObject({
      workflowError: "?",
      notify: { kind: "indeterminate" },
      retry: { at: null },
    });
  });
});

describe("any sequence of events", () => {
  const phases: readonly string[] = [...CONSUMER_PHASES];

  test("never takes the phase back, and never changes a run that has ended for good", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...EVENT_TYPES), { maxLength: 40 }), (types) => {
        let run = runIn("consumer", "preparing", "active");
        for (const type of types) {
          if (!isLegal(run, type)) continue;
          const before = run;
          const { patch, events } = transition(run, EVENTS[type], context);
          if (patch) run = { ...run, ...patch };
          expect(phases.indexOf(run.phase)).toBeGreaterThanOrEqual(phases.indexOf(before.phase));
          expect(["committed", "aborted"]).not.toContain(before.status);
          if (events === "release")
            expect(run.mutationOutcome === "applied" || run.mutationOutcome === "skipped").toBe(false);
          if (events === "consume") expect(run.status).toBe("committed");
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
