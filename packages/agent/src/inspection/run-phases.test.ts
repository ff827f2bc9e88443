import type { HandlerRun, Mutation } from "@millrace/db";
import { describe, expect, test } from "vitest";
import { phasesOf } from "./run-phases.ts";

const times = { preparedAt: null, mutatingAt: null, mutatedAt: null, emittingAt: null };
const consumer = { id: "run", handlerType: "consumer", mutationOutcome: null, startedAt: 10, ...times, endedAt: null };
const producer = { ...consumer, handlerType: "producer" };

function show(run: object, output: object | null = null): string[] {
  const mutation = output && { handlerRunId: "run", sentAt: null, resolvedAt: null, updatedAt: 30, ...output };
  // Only what the function looks at is given.
  return phasesOf(run as HandlerRun, mutation as Mutation | null).map(
    ({ phase, state, enteredAt, leftAt }) => `${phase} ${state} ${enteredAt ?? "?"}-${leftAt ?? "?"}`,
  );
}

describe("the phases of a producer", () => {
  test.each([
    [{ phase: "executing", status: "active" }, ["executing current 10-?", "committed ahead ?-?"]],
    [{ phase: "committed", status: "committed", endedAt: 20 }, ["executing done 10-20", "committed done 20-?"]],
    [{ phase: "executing", status: "failed:logic", endedAt: 20 }, ["executing stopped 10-20", "committed ahead ?-?"]],
  ])("%o", (run, expected) => {
    expect(show({ ...producer, ...run })).toEqual(expected);
  });
});

describe("the phases of a consumer", () => {
  test("that prepares has the others ahead", () => {
    expect(show({ ...consumer, phase: "preparing", status: "active" })).toEqual([
      "preparing current 10-?",
      "prepared ahead ?-?",
      "mutating ahead ?-?",
      "mutated ahead ?-?",
      "emitting ahead ?-?",
      "committed ahead ?-?",
    ]);
  });

  test("that went all the way has the time of each", () => {
    const written = { preparedAt: 12, mutatingAt: 15, mutatedAt: 22, emittingAt: 23 };
    const over = { phase: "committed", status: "committed", mutationOutcome: "applied", endedAt: 40 };
    expect(show({ ...consumer, ...over, ...written }, { status: "applied", sentAt: 15 })).toEqual([
      "preparing done 10-12",
      "prepared done 12-15",
      "mutating done 15-22",
      "mutated done 22-23",
      "emitting done 23-40",
      "committed done 40-?",
    ]);
  });

  test("that called nothing goes from prepared to emitting", () => {
    const over = { phase: "committed", status: "committed", mutationOutcome: "none", endedAt: 40 };
    expect(show({ ...consumer, ...over, preparedAt: 12, emittingAt: 13 })).toEqual([
      "preparing done 10-12",
      "prepared done 12-13",
      "emitting done 13-40",
      "committed done 40-?",
    ]);
  });

  test("that called nothing has no mutation among them", () => {
    const run = { ...consumer, phase: "committed", status: "committed", mutationOutcome: "none", endedAt: 40 };
    expect(show(run)).toEqual([
      "preparing done 10-?",
      "prepared done ?-?",
      "emitting done ?-40",
      "committed done 40-?",
    ]);
  });

  test("that acted before phases were written down have the times of the call", () => {
    const run = { ...consumer, phase: "committed", status: "committed", mutationOutcome: "applied", endedAt: 40 };
    expect(show(run, { status: "applied", sentAt: 20 })).toEqual([
      "preparing done 10-?",
      "prepared done ?-20",
      "mutating done 20-30",
      "mutated done 30-?",
      "emitting done ?-40",
      "committed done 40-?",
    ]);
  });

  test("whose call failed stops in it", () => {
    const run = { ...consumer, phase: "mutating", status: "failed:logic", endedAt: 30 };
    expect(show(run, { status: "failed", sentAt: 20 })).toEqual([
      "preparing done 10-?",
      "prepared done ?-20",
      "mutating stopped 20-30",
      "mutated ahead ?-?",
      "emitting ahead ?-?",
      "committed ahead ?-?",
    ]);
  });

  test("that waits for approval stops before the call", () => {
    const run = { ...consumer, phase: "prepared", status: "paused:approval", endedAt: 20 };
    expect(show(run, { status: "pending" }).slice(0, 3)).toEqual([
      "preparing done 10-?",
      "prepared stopped ?-20",
      "mutating ahead ?-?",
    ]);
  });

  test("that continues an earlier attempt after its call begins at next", () => {
    const run = { ...consumer, phase: "committed", status: "committed", mutationOutcome: "applied", endedAt: 40 };
    expect(show(run, { handlerRunId: "before", status: "applied", sentAt: 5, resolvedAt: 9 })).toEqual([
      "preparing done ?-?",
      "prepared done ?-?",
      "mutating done ?-?",
      "mutated done ?-10",
      "emitting done 10-40",
      "committed done 40-?",
    ]);
  });

  test("whose output was rejected never called", () => {
    const run = { ...consumer, phase: "committed", status: "committed", mutationOutcome: "skipped", endedAt: 40 };
    const phases = show(run, { handlerRunId: "before", status: "failed", resolvedAt: 9 });
    expect(phases).toEqual(["preparing done ?-?", "prepared done ?-10", "emitting done 10-40", "committed done 40-?"]);
  });

  test("whose output was skipped called, and never heard of it", () => {
    const run = {
      ...consumer,
      phase: "mutating",
      status: "paused:reconciliation",
      mutationOutcome: "skipped",
      endedAt: 25,
    };
    expect(show(run, { status: "indeterminate", sentAt: 20, resolvedAt: 30 })).toEqual([
      "preparing done 10-?",
      "prepared done ?-20",
      "mutating stopped 20-25",
      "emitting ahead ?-?",
      "committed ahead ?-?",
    ]);
  });
});
