import type { MutationId } from "@millrace/db";
import { expect, test } from "vitest";
import { resolvePolicy } from "../policy.ts";
import { newRun as run } from "./testing/new-run.ts";
import { transition, type TransitionRun } from "./transitions.ts";

const context = { now: 1_000, policy: resolvePolicy(), random: 0.5 };

const after = (crashes: number, before: Partial<TransitionRun> = {}) =>
  transition({ ...run, ...before }, { type: "crashed", crashes }, context);

test("a run that ends with its process is tried again at once", () => {
  for (const crashes of [1, 9, 11, 19]) {
    const decision = after(crashes);
    expect(decision.retry).toEqual({ at: context.now });
    expect(decision.notify).toBeUndefined();
  }
});

test.each([10, 20])("the %ith time in a row a person is asked, and told how often it was", (crashes) => {
  const message = expect.stringContaining(`ended ${crashes} times in a row`);
  expect(after(crashes)).toMatchObject({
    patch: { phase: "preparing", status: "crashed" },
    events: "release",
    retry: { at: null },
    workflowError: message,
    notify: { kind: "logic", message },
  });
});

test("a run that has acted keeps its events while a person is asked", () => {
  const acted = { phase: "mutated", mutationId: "mutation" as MutationId, mutationOutcome: "applied" } as const;
  expect(after(10, acted)).toMatchObject({ events: "keep", retry: { at: null } });
});

test("a call that was cut off ten times in a row, each time without effect, is not made again before a person is asked", () => {
  const cutOff = { ...run, phase: "mutating", status: "paused:reconciliation", endedAt: 500 } as const;
  const found = { type: "found_not_applied", by: "connector" } as const;
  expect(transition(cutOff, { ...found, crashes: 9 }, context).retry).toEqual({ at: context.now });
  expect(transition(cutOff, { ...found, crashes: 10 }, context)).toMatchObject({
    events: "release",
    retry: { at: null },
    notify: { kind: "logic" },
  });
  // A person who has looked wants it to be made.
  expect(transition(cutOff, { ...found, by: "person", crashes: 10 }, context).retry).toEqual({ at: context.now });
});
