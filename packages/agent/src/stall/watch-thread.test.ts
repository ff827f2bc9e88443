import { expect, test } from "vitest";
import { SharedLoopState } from "./shared-loop-state.ts";
import { describeBlock } from "./watch-thread.ts";

test("what the thread says names the one that was called, the only one that runs, or some of many", () => {
  expect(describeBlock(5_040, { calling: "handler a (run 1)", running: ["x", "y"] })).toBe(
    "the event loop has been blocked for 5.0 s by handler a (run 1). Nothing else runs in this process until that ends.",
  );
  expect(describeBlock(5_000, { calling: null, running: ["x"] })).toContain("for 5.0 s while x runs. Nothing");
  expect(describeBlock(5_000, { calling: null, running: [] })).toContain("for 5.0 s. Nothing");
  const many = Array.from({ length: 7 }, (_, index) => `h${index}`);
  expect(describeBlock(5_000, { calling: null, running: many })).toContain(
    "while these run: h0; h1; h2; h3; h4; and 2 others. Nothing",
  );
});

test("the other thread reads what this one notes; what is too long is cut, what is too much is left out", () => {
  const own = new SharedLoopState();
  const other = new SharedLoopState(own.memory);
  const long = own.take(`é${"x".repeat(1_000)}`);
  expect(other.running[0]).toMatch(/^éx{200,250}$/);
  const slots = Array.from({ length: 300 }, (_, index) => own.take(`code ${index}`));
  expect([slots.filter((slot) => slot === null).length, other.running.length]).toEqual([45, 256]);
  for (const slot of [long, ...slots]) own.giveBack(slot);
  expect(other.running).toEqual([]);
});
