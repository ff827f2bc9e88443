import type { EventOfTopic, HandlerRun, Input, Mutation, RunId } from "@millrace/db";
import { describe, expect, test } from "vitest";
import { inputState, settledAtOf, tellStory, type InputStanding } from "./input-story.ts";

// Ids of these tests are made of letters: their order is all that counts.
const id = (text: string) => text as never;
const run = (status: HandlerRun["status"], name = "r") => ({ id: id(name), status });
const output = (status: Mutation["status"], more: Partial<InputStanding["outputs"][number]> = {}) => ({
  status,
  resolvedAt: null,
  approvedAt: null,
  ...more,
});

describe("how an input stands", () => {
  const standing = (given: Partial<InputStanding>): InputStanding => ({
    input: "active",
    events: [],
    runs: [],
    outputs: [],
    stoppedRun: null,
    ...given,
  });
  const stopped = { stoppedRun: id("r") as RunId };

  test.each<[string, Partial<InputStanding>, ReturnType<typeof inputState>]>([
    ["nothing came of it", {}, "done"],
    ["all its events are consumed", { events: ["consumed", "consumed"] }, "done"],
    ["its events are skipped with another input", { events: ["skipped"] }, "done"],
    ["an event is pending", { events: ["consumed", "pending"] }, "waiting"],
    ["an event is reserved", { events: ["pending", "reserved"] }, "in_progress"],
    ["a run is active", { runs: [run("active")] }, "in_progress"],
    [
      "the connector is asked",
      { outputs: [output("needs_reconcile")], events: ["reserved"], ...stopped, runs: [run("paused:reconciliation")] },
      "in_progress",
    ],
    ["an outcome is unknown", { outputs: [output("applied"), output("indeterminate")] }, "needs_attention"],
    ["an unknown outcome was settled", { outputs: [output("indeterminate", { resolvedAt: 1 })] }, "done"],
    ["an output waits for approval", { outputs: [output("pending")], events: ["reserved"] }, "needs_attention"],
    [
      "an output is approved and about to be sent",
      { outputs: [output("pending", { approvedAt: 1 })], events: ["reserved"] },
      "in_progress",
    ],
    [
      "the workflow is stopped at its run",
      { runs: [run("failed:logic")], events: ["pending"], ...stopped },
      "needs_attention",
    ],
    [
      "the workflow is stopped at another run",
      { runs: [run("failed:logic", "q")], events: ["pending"], ...stopped },
      "waiting",
    ],
    ["a run failed and is tried again by itself", { runs: [run("paused:transient")], events: ["pending"] }, "waiting"],
    [
      "the workflow is stopped at a run whose events are over",
      { runs: [run("failed:logic")], events: ["skipped"], ...stopped },
      "done",
    ],
    [
      "an output failed for good, and a fresh run did it",
      { outputs: [output("failed"), output("applied")], events: ["consumed"] },
      "done",
    ],
    ["it is skipped", { input: "skipped", events: ["skipped"] }, "skipped"],
    ["it is skipped, and a run that has acted completes", { input: "skipped", events: ["reserved"] }, "in_progress"],
    [
      "it is skipped, and an outcome is unknown",
      { input: "skipped", outputs: [output("indeterminate")] },
      "needs_attention",
    ],
  ])("%s", (_case, given, expected) => {
    expect(inputState(standing(given))).toBe(expected);
  });
});

describe("when an output was settled", () => {
  const row = (patch: Partial<Mutation>) => ({ resolvedAt: null, updatedAt: 9, ...patch }) as Mutation;

  test.each<[string, Partial<Mutation>, number | null]>([
    ["applied at once", { status: "applied" }, 9],
    ["failed at once", { status: "failed" }, 9],
    ["settled by somebody, whatever was noted later", { status: "applied", resolvedAt: 5 }, 5],
    ["skipped", { status: "indeterminate", resolvedAt: 5 }, 5],
    ["unknown", { status: "indeterminate" }, null],
    ["asked about, again", { status: "needs_reconcile", resolvedAt: 5 }, null],
    ["under way", { status: "in_flight" }, null],
    ["not sent", { status: "pending" }, null],
  ])("%s", (_case, patch, expected) => {
    expect(settledAtOf(row(patch))).toBe(expected);
  });
});

describe("the story", () => {
  const input = {
    id: id("a"),
    source: "web",
    type: "order",
    title: "Order 1",
    status: "active",
    createdByRunId: null,
    createdAt: 10,
    updatedAt: 10,
  } as unknown as Input;
  const handled = (name: string, patch: Partial<HandlerRun>) =>
    ({
      id: id(name),
      handlerType: "consumer",
      handlerName: name,
      attempt: 1,
      status: "committed",
      ...patch,
    }) as HandlerRun;
  const published = (name: string, patch: Partial<EventOfTopic>) =>
    ({
      id: id(name),
      topicName: "t",
      messageId: name,
      status: "consumed",
      createdByRunId: null,
      ...patch,
    }) as EventOfTopic;
  const titles = (...[trace]: Parameters<typeof tellStory>) => tellStory(trace).map(({ title }) => title);

  test("of things at the same time tells causes before what they caused", () => {
    const events = [published("b", { createdAt: 10 }), published("d", { createdAt: 10, createdByRunId: id("c") })];
    const runs = [
      handled("c", { startedAt: 10, endedAt: 10 }),
      handled("e", { startedAt: 10, endedAt: null, status: "active" }),
    ];
    expect(titles({ input, events, runs, outputs: [] })).toEqual([
      '"Order 1" came in (order from web)',
      'Event "b" was published to t',
      'Consumer "c" began',
      'Event "d" was published to t',
      '"c" was completed',
      'Consumer "e" began',
    ]);
  });

  test("leaves out the end of what goes on, and what was never sent", () => {
    const outputs = [
      { id: id("c"), title: "Pay", status: "pending", sentAt: null, resolvedAt: null } as unknown as Mutation,
    ];
    const runs = [handled("b", { startedAt: 11, endedAt: null, status: "active" })];
    expect(titles({ input, events: [], runs, outputs })).toEqual([
      '"Order 1" came in (order from web)',
      'Consumer "b" began',
    ]);
  });

  test.each<[string, Partial<Mutation>]>([
    ['"Pay" happened', { status: "applied", updatedAt: 12 }],
    ['"Pay" happened, says reconcile', { status: "applied", resolvedAt: 12, resolvedBy: "reconcile" }],
    ['"Pay" did not happen', { status: "failed", updatedAt: 12 }],
    ['"Pay" did not happen, says olga', { status: "failed", resolvedAt: 12, resolvedBy: "olga" }],
    [
      '"Pay" was skipped, its outcome unknown, says olga',
      { status: "indeterminate", resolution: "skip", resolvedAt: 12, resolvedBy: "olga" },
    ],
    ['"Pay" was rejected, says olga', { status: "failed", sentAt: null, resolvedAt: 12, resolvedBy: "olga" }],
  ])("says of an output: %s", (title, patch) => {
    const defaults = { id: id("c"), title: "Pay", sentAt: 11, resolvedAt: null, resolvedBy: null, resolution: null };
    const outputs = [{ ...defaults, ...patch } as Mutation];
    expect(titles({ input, events: [], runs: [], outputs }).at(-1)).toBe(title);
  });

  test("ends with being skipped", () => {
    const skipped = { ...input, status: "skipped", updatedAt: 20 } as Input;
    const story = tellStory({ input: skipped, events: [published("z", { createdAt: 20 })], runs: [], outputs: [] });
    expect(story.at(-1)).toMatchObject({ kind: "input_skipped", at: 20 });
  });
});
