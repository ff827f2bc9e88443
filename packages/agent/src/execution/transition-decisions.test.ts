/** Every decision in full, as the design words it: nothing of it may be missing, and nothing may be added. */
import { type MutationId } from "@millrace/db";
import { describe, expect, test } from "vitest";
import { resolvePolicy } from "../policy.ts";
import { newRun as consumer } from "./testing/new-run.ts";
import { TRANSITIONS, transition, type Decision, type RunEvent, type TransitionRun } from "./transitions.ts";

const NOW = 10_000;
// In the middle of the jitter: the delays are 2, 4, 8 and 16 s, and the fifth failure in a row asks a person.
const context = { now: NOW, policy: resolvePolicy(), random: 0.5 };
const mutationId = "mutation" as MutationId;

const producer: TransitionRun = { ...consumer, handlerType: "producer", phase: "executing" };
const prepared: TransitionRun = { ...consumer, phase: "prepared" };
const waiting: TransitionRun = { ...prepared, status: "paused:approval", mutationId, endedAt: 500 };
const mutating: TransitionRun = { ...consumer, phase: "mutating", mutationId };
const uncertain: TransitionRun = {
  ...mutating,
  status: "paused:reconciliation",
  error: "no answer",
  errorType: "NetworkError",
  endedAt: 9_000,
};
const mutated: TransitionRun = { ...mutating, phase: "mutated", mutationOutcome: "applied" };
const emitting: TransitionRun = { ...mutated, phase: "emitting" };
const committed: TransitionRun = { ...mutated, phase: "committed", status: "committed", endedAt: 500 };

const wrong = { errorType: "Wrong", message: "It is wrong.", retryAfterMs: null } as const;
const transient = { ...wrong, status: "paused:transient" } as const;
const DUE_NOW = { retry: { at: NOW }, workflowError: null, settleNotifications: true } as const;
const ended = (phase: TransitionRun["phase"], status: "failed:logic" | "failed:internal" | "paused:approval") => ({
  patch: { phase, status, error: "It is wrong.", errorType: "Wrong", endedAt: NOW } as const,
  retry: { at: null },
  workflowError: "It is wrong.",
});

const DECISIONS: [string, TransitionRun, RunEvent, Decision][] = [
  [
    "what prepare gave is kept with the run",
    consumer,
    { type: "prepared", prepareResult: { to: "ada" } },
    {
      patch: { phase: "prepared", status: "active", prepareResult: { to: "ada" } },
      events: "keep",
      retry: "keep",
    },
  ],
  [
    "a mutation that needs an approval waits, with its events, until a person is heard",
    prepared,
    { type: "approval_requested", mutationId, message: "Pay?" },
    {
      patch: { phase: "prepared", status: "paused:approval", mutationId, endedAt: NOW },
      events: "keep",
      retry: { at: null },
      notify: { kind: "approval", message: "Pay?" },
    },
  ],
  [
    "what was approved is due at once",
    waiting,
    { type: "approval_granted" },
    { patch: null, events: "keep", ...DUE_NOW },
  ],
  [
    "what was rejected counts as skipped, and its next is due at once",
    waiting,
    { type: "approval_rejected" },
    {
      patch: { phase: "prepared", status: "paused:approval", mutationOutcome: "skipped" },
      events: "keep",
      ...DUE_NOW,
    },
  ],
  [
    "an approval that nobody can use any more gives everything back",
    waiting,
    { type: "approval_withdrawn" },
    {
      patch: { phase: "prepared", status: "aborted", error: "Its handler was removed.", endedAt: NOW },
      events: "release",
      retry: "clear",
      workflowError: null,
      settleNotifications: true,
    },
  ],
  [
    "a mutation starts",
    prepared,
    { type: "mutation_started", mutationId },
    {
      patch: { phase: "mutating", status: "active", mutationId, endedAt: null },
      events: "keep",
      retry: "keep",
    },
  ],
  [
    "a mutation that was approved starts, and its workflow waits for it no longer",
    waiting,
    { type: "mutation_started", mutationId },
    {
      patch: { phase: "mutating", status: "active", mutationId, endedAt: null },
      events: "keep",
      retry: "clear",
    },
  ],
  [
    "a mutation that was applied is remembered as such",
    mutating,
    { type: "mutation_applied" },
    { patch: { phase: "mutated", status: "active", mutationOutcome: "applied" }, events: "keep", retry: "keep" },
  ],
  [
    "an outcome that is unknown waits, with its events, for who can find out",
    mutating,
    { type: "mutation_uncertain", reason: "cut off", errorType: null },
    {
      patch: { phase: "mutating", status: "paused:reconciliation", error: "cut off", errorType: null, endedAt: NOW },
      events: "keep",
      retry: { at: null },
    },
  ],
  [
    "an outcome that nobody but a person can find out stops the workflow and asks one",
    uncertain,
    { type: "mutation_indeterminate", message: "Look yourself." },
    {
      patch: null,
      events: "keep",
      retry: { at: null },
      workflowError: "Look yourself.",
      notify: { kind: "indeterminate", message: "Look yourself." },
    },
  ],
  [
    "when the connector is asked once more, nobody else is",
    uncertain,
    { type: "reconcile_resumed" },
    { patch: null, events: "keep", retry: { at: null }, workflowError: null, settleNotifications: true },
  ],
  [
    "what turns out to have happened goes on at once",
    uncertain,
    { type: "found_applied" },
    {
      patch: { phase: "mutated", status: "paused:reconciliation", mutationOutcome: "applied" },
      events: "keep",
      ...DUE_NOW,
    },
  ],
  [
    "what a person skips is skipped, and its next is due at once",
    uncertain,
    { type: "mutation_skipped" },
    {
      patch: { phase: "mutating", status: "paused:reconciliation", mutationOutcome: "skipped" },
      events: "keep",
      ...DUE_NOW,
    },
  ],
  [
    "a run that made no call has the outcome none",
    prepared,
    { type: "emit_started" },
    { patch: { phase: "emitting", status: "active", mutationOutcome: "none" }, events: "keep", retry: "keep" },
  ],
  [
    "a run that made its call keeps what came of it",
    mutated,
    { type: "emit_started" },
    { patch: { phase: "emitting", status: "active" }, events: "keep", retry: "keep" },
  ],
  [
    "a commit consumes the events and keeps the new state",
    emitting,
    { type: "committed", outputState: { seen: 3 } },
    {
      patch: { phase: "committed", status: "committed", outputState: { seen: 3 }, endedAt: NOW },
      events: "consume",
      retry: "keep",
    },
  ],
  [
    "a run whose input is skipped ends, and gives the others back",
    prepared,
    { type: "input_skipped" },
    {
      patch: { phase: "prepared", status: "aborted", error: "An input was skipped.", endedAt: NOW },
      events: "release",
      retry: "keep",
    },
  ],
  [
    "a run that waits for approval and whose input is skipped ends, and nobody is asked any more",
    waiting,
    { type: "input_skipped" },
    {
      patch: { phase: "prepared", status: "aborted", error: "An input was skipped.", endedAt: NOW },
      events: "release",
      retry: "clear",
      settleNotifications: true,
    },
  ],
  [
    "a crash before the mutation gives the events back, and the run is tried again at once",
    prepared,
    { type: "crashed", crashes: 1 },
    {
      patch: { phase: "prepared", status: "crashed", error: "The process ended during this run.", endedAt: NOW },
      events: "release",
      retry: { at: NOW },
    },
  ],
  [
    "a crash after the mutation keeps the events",
    emitting,
    { type: "crashed", crashes: 1 },
    {
      patch: { phase: "emitting", status: "crashed", error: "The process ended during this run.", endedAt: NOW },
      events: "keep",
      retry: { at: NOW },
    },
  ],
  [
    "what a person wants again is due at once",
    { ...prepared, status: "failed:logic" },
    { type: "retry_requested" },
    { patch: null, events: "keep", ...DUE_NOW },
  ],
  [
    "nobody waits for a run whose handler is gone",
    { ...prepared, status: "failed:logic" },
    { type: "handler_removed" },
    { patch: null, events: "keep", retry: "clear", workflowError: null, settleNotifications: true },
  ],
  [
    "a replay of prepare opens the events again",
    committed,
    { type: "prepare_replayed" },
    { patch: null, events: "reopen", retry: { at: NOW } },
  ],
  [
    "a replay of next holds the events",
    { ...committed, mutationOutcome: "skipped" },
    { type: "next_replayed" },
    { patch: null, events: "hold", retry: { at: NOW } },
  ],
  [
    "a replay of a producer has no events",
    { ...producer, phase: "committed", status: "committed" },
    { type: "producer_replayed" },
    { patch: null, events: "keep", retry: { at: NOW } },
  ],
  [
    "a replay that is withdrawn leaves the events consumed",
    committed,
    { type: "replay_withdrawn" },
    { patch: null, events: "consume", retry: "clear" },
  ],
  [
    "code that is wrong waits for a new version, and says so",
    consumer,
    { type: "failed", failure: { ...wrong, status: "failed:logic" } },
    {
      ...ended("preparing", "failed:logic"),
      events: "release",
      notify: { kind: "logic", message: "It is wrong." },
    },
  ],
  [
    "a fault of ours after the mutation keeps the events and asks for attention",
    mutated,
    { type: "failed", failure: { ...wrong, status: "failed:internal" } },
    {
      ...ended("mutated", "failed:internal"),
      events: "keep",
      notify: { kind: "internal", message: "It is wrong." },
    },
  ],
  [
    "credentials that are missing for a call are asked for",
    mutating,
    { type: "mutation_failed", failure: { ...wrong, status: "paused:approval" } },
    {
      ...ended("mutating", "paused:approval"),
      events: "release",
      notify: { kind: "authorisation", message: "It is wrong." },
    },
  ],
  [
    "a network that is down is tried again after the backoff, and nobody is asked",
    { ...producer, transientFailures: 1 },
    { type: "failed", failure: transient },
    {
      patch: {
        phase: "executing",
        status: "paused:transient",
        error: "It is wrong.",
        errorType: "Wrong",
        endedAt: NOW,
      },
      events: "release",
      retry: { at: NOW + 4_000 },
    },
  ],
];

describe("what follows from an event, in full", () => {
  test.each(DECISIONS)("%s", (_name, run, event, decision) => {
    expect(transition(run, event, context)).toStrictEqual(decision);
  });

  test("every event is among them, but for the one whose delays have a test of their own", () => {
    const missing = new Set(Object.keys(TRANSITIONS));
    for (const [, , event] of DECISIONS) missing.delete(event.type);
    expect([...missing]).toEqual(["found_not_applied"]);
  });
});
