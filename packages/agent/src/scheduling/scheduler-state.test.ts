import type { WorkflowId } from "@millrace/db";
import * as fc from "fast-check";
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

test("a workflow of which nothing is known has nothing to do", () => {
  const state = new SchedulerStateManager();
  expect(state.isProducerQueued(other, "a")).toBe(false);
  expect([state.getDirtyConsumers(other), state.getQueuedProducers(other)]).toEqual([[], []]);
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

test("a look that found nothing takes away no mark that came after it", () => {
  const state = new SchedulerStateManager();
  state.setConsumerDirty(workflow, "a");
  const [look] = state.getDirtyConsumers(workflow);
  state.onEventPublish(workflow, ["a"]);
  state.clearConsumer(workflow, "a", look!.triggers);
  expect(state.isConsumerDirty(workflow, "a")).toBe(true);
  state.clearConsumer(workflow, "a", state.getDirtyConsumers(workflow)[0]!.triggers);
  expect(state.isConsumerDirty(workflow, "a")).toBe(false);
});

test("a wake has its run once; one that comes during a run that reserved something has another", () => {
  const state = new SchedulerStateManager();
  state.setConsumerDirty(workflow, "a", "wake");
  state.onConsumerStart(workflow, "a");
  state.onEventPublish(workflow, ["a"]);
  expect(state.getDirtyConsumers(workflow)).toMatchObject([{ trigger: "event" }]);
  state.setConsumerDirty(workflow, "a", "start");
  state.onConsumerCommit(workflow, "a", true);
  expect(state.getDirtyConsumers(workflow)).toMatchObject([{ trigger: "start" }]);
});

test("a consumer that is gone is forgotten", () => {
  const state = new SchedulerStateManager();
  state.setConsumerDirty(workflow, "a", "wake");
  state.forgetConsumer(workflow, "a");
  state.forgetConsumer(other, "a");
  expect(state.getDirtyConsumers(workflow)).toEqual([]);
});

test("whatever happens in which order, an event that came since the last run started leaves its mark", () => {
  const step = fc.constantFrom("event", "wake", "start", "commit, reserved", "commit, nothing", "look");
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const state = new SchedulerStateManager();
      let unseen = false;
      let running = false;
      for (const what of steps) {
        if (what === "event" || what === "wake") {
          state.setConsumerDirty(workflow, "a", what);
          unseen = true;
        } else if (what === "start") {
          state.onConsumerStart(workflow, "a");
          [unseen, running] = [false, true];
        } else if (what === "look" && !running) {
          const [look] = state.getDirtyConsumers(workflow);
          if (look?.trigger === "event" && !unseen) state.clearConsumer(workflow, "a", look.triggers);
        } else if (running) {
          state.onConsumerCommit(workflow, "a", what === "commit, reserved");
          running = false;
        }
        if (unseen) expect(state.isConsumerDirty(workflow, "a")).toBe(true);
      }
    }),
  );
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
