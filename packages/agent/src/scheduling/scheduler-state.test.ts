import type { WorkflowId } from "@millrace/db";
import { expect, test } from "vitest";
import { SchedulerStateManager } from "./scheduler-state.ts";
import { selectContinuation, selectWork } from "./select-work.ts";

const workflow = "w" as WorkflowId;
const other = "o" as WorkflowId;

test("a published event marks its consumers, and a run that reserved nothing clears the mark", () => {
  const state = new SchedulerStateManager();
  state.onEventPublish(workflow, ["a", "b"]);
  expect(state.getDirtyConsumers(workflow).map(({ name }) => name)).toEqual(["a", "b"]);
  state.onConsumerStart(workflow, "a");
  state.onConsumerCommit(workflow, "a", false);
  expect(state.isConsumerDirty(workflow, "a")).toBe(false);
  expect(state.isConsumerDirty(workflow, "b")).toBe(true);
});

test("an event that comes during a run is not lost", () => {
  const state = new SchedulerStateManager();
  state.setConsumerDirty(workflow, "a");
  state.onConsumerStart(workflow, "a");
  state.onEventPublish(workflow, ["a"]);
  state.onConsumerCommit(workflow, "a", false);
  expect(state.isConsumerDirty(workflow, "a")).toBe(true);
});

test("a run that reserved something is looked at again", () => {
  const state = new SchedulerStateManager();
  state.setConsumerDirty(workflow, "a", "wake");
  state.onConsumerStart(workflow, "a");
  state.onConsumerCommit(workflow, "a", true);
  expect(state.getDirtyConsumers(workflow)).toEqual([{ name: "a", trigger: "event", triggers: 1 }]);
});

test("a wake is not forgotten because an event comes too", () => {
  const state = new SchedulerStateManager();
  state.setConsumerDirty(workflow, "a", "wake");
  state.onEventPublish(workflow, ["a"]);
  expect(state.getDirtyConsumers(workflow)).toEqual([{ name: "a", trigger: "wake", triggers: 2 }]);
});

test("producers are queued once, until they have committed", () => {
  const state = new SchedulerStateManager();
  state.setProducerQueued(workflow, "poll", "schedule");
  state.setProducerQueued(workflow, "poll", "manual");
  expect(state.getQueuedProducers(workflow)).toEqual([{ name: "poll", trigger: "manual" }]);
  expect(state.isProducerQueued(workflow, "poll")).toBe(true);
  state.onProducerCommit(workflow, "poll");
  expect(state.getQueuedProducers(workflow)).toEqual([]);
});

test("workflows are kept apart, and cleared one by one or all", () => {
  const state = new SchedulerStateManager();
  state.initializeForWorkflow(workflow, ["a", "b"]);
  state.initializeForWorkflow(other, ["a"]);
  state.clearWorkflow(workflow);
  expect(state.getDirtyConsumers(workflow)).toEqual([]);
  expect(state.isConsumerDirty(other, "a")).toBe(true);
  state.clearAll();
  expect(state.isConsumerDirty(other, "a")).toBe(false);
});

test("consumers come before producers, the one with the oldest event first", () => {
  const producers = [{ name: "poll", trigger: "schedule" }] as const;
  const consumers = [
    { name: "idle", trigger: "event", oldestPendingAt: null },
    { name: "young", trigger: "event", oldestPendingAt: 20 },
    { name: "woken", trigger: "wake", oldestPendingAt: null },
    { name: "old", trigger: "event", oldestPendingAt: 10 },
  ] as const;
  expect(selectWork(consumers, producers)).toMatchObject({ kind: "consumer", name: "old" });
  expect(selectWork(consumers.slice(0, 1), producers)).toMatchObject({ kind: "producer", name: "poll" });
  expect(selectWork([consumers[0], consumers[2]], producers)).toMatchObject({ name: "woken" });
  expect(selectWork([], [])).toBeNull();
});

test("a workflow waits while it is paused, needs attention, or continues something", () => {
  const fine = { status: "active", error: null, maintenance: false, pendingRetryRunId: null, retryAt: null } as const;
  expect(selectContinuation(fine, 10)).toBeNull();
  expect(selectContinuation({ ...fine, status: "paused" }, 10)).toEqual({ kind: "blocked" });
  expect(selectContinuation({ ...fine, error: "wrong" }, 10)).toEqual({ kind: "blocked" });
  expect(selectContinuation({ ...fine, maintenance: true }, 10)).toEqual({ kind: "blocked" });
  const pendingRetryRunId = "r" as NonNullable<Parameters<typeof selectContinuation>[0]["pendingRetryRunId"]>;
  expect(selectContinuation({ ...fine, pendingRetryRunId }, 10)).toEqual({ kind: "blocked" });
  expect(selectContinuation({ ...fine, pendingRetryRunId, retryAt: 20 }, 10)).toEqual({ kind: "wait", until: 20 });
  expect(selectContinuation({ ...fine, pendingRetryRunId, retryAt: 10 }, 10)).toMatchObject({ kind: "run" });
});
