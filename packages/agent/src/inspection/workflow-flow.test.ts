import { expect, test } from "vitest";
import { flowOf } from "./workflow-flow.ts";

const transfer = { connector: "bank", operation: "transfer" };
const letter = { connector: "post", operation: "letter" };

test("counts every output once by what became of it, and for each kind of input that led to it", () => {
  const outputs = [
    { ...transfer, status: "applied" as const, inputs: 3, mutations: 2 },
    { ...transfer, status: "indeterminate" as const, inputs: 1, mutations: 1 },
  ];
  const glances = [
    { source: "web", type: "order", inputs: 4, skipped: 0, outputs },
    { source: "mail", type: "order", inputs: 1, skipped: 0, outputs: outputs.slice(0, 1) },
  ];
  const counts = [
    { ...letter, status: "in_flight" as const, mutations: 1 },
    { ...letter, status: "pending" as const, mutations: 2 },
    { ...transfer, status: "applied" as const, mutations: 2 },
    { ...transfer, status: "failed" as const, mutations: 4 },
    { ...transfer, status: "needs_reconcile" as const, mutations: 1 },
    { ...transfer, status: "indeterminate" as const, mutations: 1 },
  ];
  expect(flowOf({ count: 5, since: 7 }, glances, counts)).toEqual({
    inputs: 5,
    since: 7,
    sources: [
      { source: "web", type: "order", count: 4 },
      { source: "mail", type: "order", count: 1 },
    ],
    connectors: [
      { ...letter, applied: 0, unknown: 0, failed: 0, waiting: 3 },
      { ...transfer, applied: 2, unknown: 2, failed: 4, waiting: 0 },
    ],
    links: [
      { source: "web", type: "order", ...transfer, count: 3 },
      { source: "mail", type: "order", ...transfer, count: 2 },
    ],
  });
});
