import { expect, test } from "vitest";
import { flowLines, ROW_HEIGHT } from "./flow-lines.ts";

const connector = { connector: "books", operation: "add", applied: 1, unknown: 0, failed: 0, waiting: 0 };
const flow = {
  inputs: 12,
  since: 1,
  sources: [
    { source: "mail", type: "message", count: 10 },
    { source: "files", type: "pdf", count: 2 },
  ],
  connectors: [connector],
  links: [
    { source: "mail", type: "message", connector: "books", operation: "add", count: 10 },
    { source: "files", type: "pdf", connector: "books", operation: "add", count: 1 },
  ],
};

test("a line leads from the row of its source to the row of its connector", () => {
  const [, second] = flowLines(flow);
  expect(second).toMatchObject({ from: ROW_HEIGHT * 1.5, to: ROW_HEIGHT / 2 });
});

test("the largest link has the thickest line, and the smallest can still be seen", () => {
  const [first, second] = flowLines(flow);
  expect(first!.width).toBeGreaterThan(second!.width);
  expect(second!.width).toBeGreaterThan(1);
});

test("a link of something that is not listed has no line", () => {
  expect(flowLines({ ...flow, sources: [] })).toEqual([]);
});
