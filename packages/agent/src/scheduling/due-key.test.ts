import type { MutationId, WorkflowId } from "@millrace/db";
import { expect, test } from "vitest";
import { keyOf, readDue } from "./due-key.ts";

const workflowId = "w" as WorkflowId;
const mutationId = "m" as MutationId;

test("a key says what is due", () => {
  expect(readDue(keyOf("wake", workflowId, "digest"))).toEqual({ kind: "wake", workflowId, handler: "digest" });
  expect(readDue(keyOf("schedule", workflowId, "poll"))).toEqual({ kind: "schedule", workflowId, handler: "poll" });
  expect(readDue(keyOf("retry", workflowId))).toEqual({ kind: "retry", workflowId });
  expect(readDue(keyOf("reconcile", mutationId))).toEqual({ kind: "reconcile", mutationId });
});

test("a handler may have any name", () => {
  expect(readDue(keyOf("wake", workflowId, " two  words "))).toMatchObject({ handler: " two  words " });
});
