import { expect, test } from "vitest";
import { define, definitions, previewHostile, WORKFLOW } from "./definitions-target.ts";

test("a workflow, policy or job in which something is not what it should be is refused by a named error with places", async () => {
  const { inputs, refused } = await definitions.run({ seed: 20_260_101, runs: 3_000 });
  expect(inputs).toBe(3_000);
  expect(refused).toBeGreaterThan(1_000);
});

test("a workflow as it should be is taken", () => {
  expect(define(WORKFLOW)).toBe("accepted");
});

const { poll } = WORKFLOW.producers;

test.each([
  ["no specification at all", null],
  ["a text for a specification", "shop"],
  ["topics that are none", { ...WORKFLOW, topics: null }],
  ["connectors that are none", { ...WORKFLOW, connectors: null }],
  ["a connector without operations", { ...WORKFLOW, connectors: { bank: { name: "bank", operations: null } } }],
  ["a major version that is none", { ...WORKFLOW, major: null }],
  ["producers that are no function", { ...WORKFLOW, producers: "poll" }],
  ["a function that gives no producers", { ...WORKFLOW, producers: undefined }],
  ["a producer that is none", { ...WORKFLOW, producers: { poll: null } }],
  ["a misspelt part of a producer", { ...WORKFLOW, producers: { poll: { ...poll, shedule: { interval: "1h" } } } }],
  ["a misspelt part of a workflow", { ...WORKFLOW, producer: {} }],
  ["a mutate that is no function", { ...WORKFLOW, consumers: { act: { ...WORKFLOW.consumers.act, mutate: 0 } } }],
  ["a schema that only looks like one", { ...WORKFLOW, topics: { ...WORKFLOW.topics, done: { "~standard": null } } }],
])("%s is refused with its place", (_what, specification) => {
  expect(define(specification)).toBe("refused");
});

test("a type of job that JSON can't say is refused like any other", () => {
  expect(previewHostile({ type: 10n, name: "n", handler: "h" })).toBe("refused");
});
