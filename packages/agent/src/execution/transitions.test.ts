import {
  CONSUMER_PHASES,
  IllegalTransitionError,
  PRODUCER_PHASES,
  RUN_PHASES,
  RUN_STATUSES,
  type MutationId,
  type RunId,
  type RunStatus,
} from "@millrace/db";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resolvePolicy } from "../policy.ts";
import { NOTIFICATION_OF_STATUS } from "./run-status.ts";
import {
  awaitsApproval,
  continuesAfterMutation,
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
  approval_withdrawn: { type: "approval_withdrawn" },
  mutation_started: { type: "mutation_started", mutationId },
  mutation_applied: { type: "mutation_applied" },
  mutation_failed: { type: "mutation_failed", failure: failure("paused:transient") },
  mutation_uncertain: { type: "mutation_uncertain", reason: "no answer", errorType: "NetworkError" },
  mutation_indeterminate: { type: "mutation_indeterminate", message: "?" },
  reconcile_resumed: { type: "reconcile_resumed" },
  found_applied: { type: "found_applied" },
  found_not_applied: { type: "found_not_applied", by: "connector", crashes: 0 },
  mutation_skipped: { type: "mutation_skipped" },
  emit_started: { type: "emit_started" },
  committed: { type: "committed", outputState: null },
  failed: { type: "failed", failure: failure("failed:logic") },
  input_skipped: { type: "input_skipped" },
  crashed: { type: "crashed", crashes: 1 },
  retry_requested: { type: "retry_requested" },
  handler_removed: { type: "handler_removed" },
  prepare_replayed: { type: "prepare_replayed" },
  next_replayed: { type: "next_replayed" },
  producer_replayed: { type: "producer_replayed" },
  replay_withdrawn: { type: "replay_withdrawn" },
};
const EVENT_TYPES = Object.keys(EVENTS) as RunEventType[];

function runIn(handlerType: "producer" | "consumer", phase: TransitionRun["phase"], status: RunStatus): TransitionRun {
  const acted =
    ["mutating", "mutated", "emitting"].includes(phase) || (phase === "prepared" && status === "paused:approval");
  return {
    id,
    handlerType,
    phase,
    status,
    mutationId: acted ? mutationId : null,
    mutationOutcome: ["mutated", "emitting"].includes(phase) ? "applied" : null,
    transientFailures: 0,
    error: null,
    errorType: status === "active" ? null : "NetworkError",
    endedAt: status === "active" ? null : 500,
  };
}

const RUNS = [
  ...PRODUCER_PHASES.flatMap((phase) => RUN_STATUSES.map((status) => runIn("producer", phase, status))),
  ...CONSUMER_PHASES.flatMap((phase) => RUN_STATUSES.map((status) => runIn("consumer", phase, status))),
  // The same words for two things: it waits for credentials, not for an approval.
  { ...runIn("consumer", "prepared", "paused:approval"), mutationId: null },
  // The other committed one has made no call.
  { ...runIn("consumer", "committed", "committed"), mutationId, mutationOutcome: "applied" as const },
];
const PAIRS = RUNS.flatMap((run) => EVENT_TYPES.map((type) => ({ run, type, state: `${run.phase}/${run.status}` })));

const FAILURES = ["paused:transient", "paused:approval", "failed:logic", "failed:internal"] as const;
const NOT_YET_ACTED = ["executing", "preparing", "prepared", "mutating"];
const ENDED = ["executing", "preparing", "prepared", "mutating", "mutated", "emitting"].flatMap((phase) => [
  ...FAILURES.map((status) => `${phase}/${status}`),
  // A crash during the call is no crash but an uncertain outcome.
  ...(phase === "mutating" ? [] : [`${phase}/crashed`]),
]);
const COMMITTED = ["committed/committed"];
const DUE_NOW = { retry: { at: 1_000 }, workflowError: null, settleNotifications: true };

/**
 * What the design asks of each event: in which states it may come, and what follows there. `*` in `to` is the state's own
 * phase. `acted` is what else follows when the mutation was applied.
 */
const EXPECTED: Record<RunEventType, { from: string[]; to: string; decision: object; acted?: object }> = {
  prepared: { from: ["preparing/active"], to: "prepared/active", decision: { events: "keep", retry: "keep" } },
  approval_requested: {
    from: ["prepared/active"],
    to: "prepared/paused:approval",
    decision: { events: "keep", retry: { at: null }, notify: { kind: "approval", message: "?" } },
  },
  approval_granted: { from: ["prepared/paused:approval"], to: "none", decision: { events: "keep", ...DUE_NOW } },
  approval_rejected: {
    from: ["prepared/paused:approval"],
    to: "prepared/paused:approval",
    decision: { patch: { mutationOutcome: "skipped" }, events: "keep", ...DUE_NOW },
  },
  approval_withdrawn: {
    from: ["prepared/paused:approval"],
    to: "prepared/aborted",
    decision: { events: "release", retry: "clear", workflowError: null, settleNotifications: true },
  },
  mutation_started: {
    from: ["prepared/active", "prepared/paused:approval"],
    to: "mutating/active",
    decision: { patch: { mutationId, endedAt: null }, events: "keep" },
  },
  mutation_applied: {
    from: ["mutating/active"],
    to: "mutated/active",
    decision: { patch: { mutationOutcome: "applied" }, events: "keep", retry: "keep" },
  },
  mutation_failed: {
    from: ["mutating/active"],
    to: "mutating/paused:transient",
    decision: { patch: { error: "wrong", endedAt: 1_000 }, events: "release", retry: { at: 3_000 } },
  },
  mutation_uncertain: {
    from: ["mutating/active"],
    to: "mutating/paused:reconciliation",
    decision: { patch: { error: "no answer", endedAt: 1_000 }, events: "keep", retry: { at: null } },
  },
  mutation_indeterminate: {
    from: ["mutating/paused:reconciliation"],
    to: "none",
    decision: { events: "keep", retry: { at: null }, workflowError: "?", notify: { kind: "indeterminate" } },
  },
  reconcile_resumed: {
    from: ["mutating/paused:reconciliation"],
    to: "none",
    decision: { events: "keep", retry: { at: null }, workflowError: null, settleNotifications: true },
  },
  found_applied: {
    from: ["mutating/paused:reconciliation"],
    to: "mutated/paused:reconciliation",
    decision: { patch: { mutationOutcome: "applied" }, events: "keep", ...DUE_NOW },
  },
  found_not_applied: {
    from: ["mutating/paused:reconciliation"],
    to: "mutating/paused:transient",
    decision: { ...DUE_NOW, events: "release", retry: { at: 2_500 } },
  },
  mutation_skipped: {
    from: ["mutating/paused:reconciliation"],
    to: "mutating/paused:reconciliation",
    decision: { patch: { mutationOutcome: "skipped" }, events: "keep", ...DUE_NOW },
  },
  emit_started: {
    from: ["prepared/active", "mutated/active"],
    to: "emitting/active",
    decision: { events: "keep", retry: "keep" },
  },
  committed: {
    from: ["executing/active", "emitting/active"],
    to: "committed/committed",
    decision: { patch: { outputState: null, endedAt: 1_000 }, events: "consume", retry: "keep" },
  },
  failed: {
    from: ["executing/active", "preparing/active", "prepared/active", "mutated/active", "emitting/active"],
    to: "*/failed:logic",
    decision: {
      patch: { error: "wrong", errorType: "Error", endedAt: 1_000 },
      events: "release",
      retry: { at: null },
      workflowError: "wrong",
      notify: { kind: "logic", message: "wrong" },
    },
    acted: { events: "keep" },
  },
  input_skipped: {
    from: ["preparing/active", "prepared/active", "prepared/paused:approval"],
    to: "*/aborted",
    decision: { patch: { endedAt: 1_000 }, events: "release" },
  },
  crashed: {
    from: ["executing/active", "preparing/active", "prepared/active", "mutated/active", "emitting/active"],
    to: "*/crashed",
    decision: { patch: { endedAt: 1_000 }, events: "release", retry: { at: 1_000 } },
    acted: { events: "keep" },
  },
  retry_requested: { from: ENDED, to: "none", decision: { patch: null, events: "keep", ...DUE_NOW } },
  handler_removed: {
    from: ENDED.filter((state) => NOT_YET_ACTED.includes(state.split("/")[0] ?? "")),
    to: "none",
    decision: { patch: null, events: "keep", retry: "clear", workflowError: null, settleNotifications: true },
  },
  prepare_replayed: { from: COMMITTED, to: "none", decision: { patch: null, events: "reopen", retry: { at: 1_000 } } },
  next_replayed: { from: COMMITTED, to: "none", decision: { patch: null, events: "hold", retry: { at: 1_000 } } },
  producer_replayed: { from: COMMITTED, to: "none", decision: { patch: null, events: "keep", retry: { at: 1_000 } } },
  replay_withdrawn: { from: COMMITTED, to: "none", decision: { patch: null, events: "consume", retry: "clear" } },
};

/** The runs for which an event may come: approvals need a mutation that waits for them, retries one that does not. */
function fits(run: TransitionRun, type: RunEventType): boolean {
  if (!EXPECTED[type].from.includes(`${run.phase}/${run.status}`)) return false;
  const waits = awaitsApproval(run);
  if (type.startsWith("approval_") && type !== "approval_requested") return waits;
  if (type === "mutation_started") return waits || run.status === "active";
  if (type === "prepare_replayed") return run.handlerType === "consumer";
  if (type === "producer_replayed") return run.handlerType === "producer";
  if (type === "next_replayed") return run.mutationOutcome === "applied";
  if (type === "retry_requested" || type === "handler_removed") return !waits;
  return true;
}

describe("every (state, event) pair", () => {
  test("each state of the table is there, and each event's states are those of the design", () => {
    const sorted = (states: readonly string[]) => states.toSorted((a, b) => a.localeCompare(b));
    for (const type of EVENT_TYPES) {
      const asked = type === "handler_removed" ? ENDED : EXPECTED[type].from;
      expect({ type, from: sorted(TRANSITIONS[type].from) }).toEqual({ type, from: sorted(asked) });
    }
  });

  test.each(PAIRS.filter(({ run, type }) => fits(run, type)))(
    "$type in $state has the consequences that the design asks for",
    ({ run, type }) => {
      const { to, decision, acted } = EXPECTED[type];
      const decided = transition(run, EVENTS[type], context);
      expect(decided).toMatchObject({ ...decision, ...(run.mutationOutcome === "applied" && acted) });
      const reached = decided.patch ? `${decided.patch.phase}/${decided.patch.status}` : "none";
      expect(reached).toBe(to.replace("*", run.phase));
      if (decided.patch) expect(TRANSITIONS[type].to).toContain(reached);
    },
  );

  test("every other pair is refused", () => {
    const others = PAIRS.filter(({ run, type }) => !fits(run, type));
    expect(others.length).toBeGreaterThan(1_000);
    for (const { run, type } of others) {
      expect(() => transition(run, EVENTS[type], context)).toThrow(IllegalTransitionError);
    }
  });

  test("a failure of each class leads to its status, and to a person unless it passes", () => {
    for (const status of FAILURES) {
      for (const run of RUNS.filter((candidate) => fits(candidate, "failed"))) {
        const { patch, notify } = transition(run, { type: "failed", failure: failure(status) }, context);
        expect(patch).toMatchObject({ phase: run.phase, status });
        expect(notify?.kind).toBe(status === "paused:transient" ? undefined : NOTIFICATION_OF_STATUS[status]);
      }
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

  test("a call that turns out to be without effect is a transient failure: backoff, and the fifth asks a person", () => {
    const uncertain = runIn("consumer", "mutating", "paused:reconciliation");
    const third = transition({ ...uncertain, transientFailures: 2 }, EVENTS.found_not_applied, context);
    // 8 s after it became uncertain.
    expect(third.retry).toEqual({ at: 8_500 });
    const fifth = { ...uncertain, transientFailures: 4, error: "no answer" };
    expect(transition(fifth, EVENTS.found_not_applied, context)).toMatchObject({
      events: "release",
      retry: { at: null },
      notify: { kind: "transient", message: expect.stringContaining("5 times in a row without effect: no answer") },
    });
    expect(transition({ ...fifth, error: null }, EVENTS.found_not_applied, context)).toMatchObject({
      notify: { message: expect.stringContaining("no answer") },
    });
    // A run that does not say when it ended has ended just now.
    expect(transition({ ...uncertain, endedAt: null }, EVENTS.found_not_applied, context).retry).toEqual({ at: 3_000 });
    const asked = { type: "found_not_applied", by: "person", crashes: 0 } as const;
    expect(transition(fifth, asked, context)).toMatchObject({ retry: { at: context.now }, workflowError: null });
  });

  test("a call that was cut off by the end of the process is made again at once and is not counted", () => {
    const cutOff = { ...runIn("consumer", "mutating", "paused:reconciliation"), errorType: null, transientFailures: 4 };
    const { patch, retry } = transition(cutOff, EVENTS.found_not_applied, context);
    expect(retry).toEqual({ at: context.now });
    expect(transientFailuresBefore({ ...cutOff, ...patch }, policy)).toBe(4);
  });

  test("a run whose mutation was rejected has its outcome: skipping its input does not abort it", () => {
    const rejected: TransitionRun = { ...runIn("consumer", "prepared", "paused:approval"), mutationOutcome: "skipped" };
    expect(isLegal(rejected, "input_skipped")).toBe(false);
    expect(isLegal(rejected, "mutation_started")).toBe(false);
  });

  test("a handler that is removed after its mutation is not given up", () => {
    expect(isLegal(runIn("consumer", "mutated", "failed:logic"), "handler_removed")).toBe(false);
    expect(isLegal(runIn("consumer", "prepared", "failed:logic"), "handler_removed")).toBe(true);
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
  const phases: readonly string[] = RUN_PHASES;

  test("never takes the phase back, changes what has ended, or gives back what a mutation has used", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("producer" as const, "consumer" as const),
        fc.array(fc.constantFrom(...EVENT_TYPES), { maxLength: 40 }),
        (handlerType, types) => {
          let run = runIn(handlerType, handlerType === "producer" ? "executing" : "preparing", "active");
          let reserved = false;
          for (const type of types) {
            if (!isLegal(run, type)) {
              expect(() => transition(run, EVENTS[type], context)).toThrow(IllegalTransitionError);
              continue;
            }
            const before = run;
            const { patch, events, retry } = transition(run, EVENTS[type], context);
            // A run that has committed stays as it is; what is done for its replay is done to its events.
            if (before.status === "committed") {
              expect([patch, type]).toEqual([null, expect.stringMatching(/replay/)]);
              continue;
            }
            if (patch) run = { ...run, ...patch };
            if (type === "prepared") reserved = true;
            if (events !== "keep") reserved = false;
            expect(phases.indexOf(run.phase)).toBeGreaterThanOrEqual(phases.indexOf(before.phase));
            expect(before.status).not.toBe("aborted");
            if (run.phase === "committed") expect([run.status, events]).toEqual(["committed", "consume"]);
            if (continuesAfterMutation(run) && run.status !== "committed") expect(reserved).toBe(true);
            // Who ends without committing is named by its workflow, or has given everything back.
            if (patch && run.status !== "active" && run.status !== "committed" && retry === "keep") {
              expect([run.status, reserved]).toEqual(["aborted", false]);
            }
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });
});
