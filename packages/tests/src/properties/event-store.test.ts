import type { EventId, HandlerRun, RunId } from "@millrace/db";
import { ReservationConflictError } from "@millrace/db";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createWorld, withDatabase } from "../support/store-behaviours.ts";

/** What the store should hold: for each message its payload, its status and who holds it. */
type Model = Map<string, { payload: number; status: "pending" | "reserved" | "consumed"; holder: number | null }>;

const message = fc.constantFrom("a", "b", "c", "d");
const holder = fc.integer({ min: 0, max: 2 });
const command = fc.oneof(
  fc.record({ type: fc.constant("publish" as const), message, payload: fc.integer() }),
  fc.record({ type: fc.constant("reserve" as const), messages: fc.uniqueArray(message, { minLength: 1 }), holder }),
  fc.record({ type: fc.constant("release" as const), holder }),
  fc.record({ type: fc.constant("consume" as const), holder }),
  fc.record({ type: fc.constant("transfer" as const), holder, to: holder }),
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

/** Gives how many events the command should change, or "conflict". */
function predict(model: Model, step: Command): number | "conflict" {
  const held = (by: number) =>
    [...model.values()].filter((event) => event.holder === by && event.status === "reserved");
  switch (step.type) {
    case "publish": {
      const known = model.get(step.message);
      if (!known) model.set(step.message, { payload: step.payload, status: "pending", holder: null });
      else if (known.status === "pending") known.payload = step.payload;
      return 1;
    }
    case "reserve": {
      const events = step.messages.map((name) => model.get(name));
      if (events.some((event) => event?.status !== "pending")) return "conflict";
      for (const event of events) Object.assign(event!, { status: "reserved", holder: step.holder });
      return events.length;
    }
    case "release":
      return held(step.holder).map((event) => Object.assign(event, { status: "pending", holder: null })).length;
    case "consume":
      return held(step.holder).map((event) => Object.assign(event, { status: "consumed" })).length;
    case "transfer":
      return held(step.holder).map((event) => Object.assign(event, { holder: step.to })).length;
  }
}

test("any sequence of commands leaves the store as a small model says", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 30 }), async (steps) => {
      await withDatabase("memory", async (database) => {
        const { stores, workflow, topic, startRun } = await createWorld(database);
        const runs: HandlerRun[] = [];
        for (let index = 0; index < 3; index += 1) {
          const run = await startRun();
          await stores.handlerRuns.transition(run, run, { phase: "preparing", status: "crashed" });
          runs.push(run);
        }
        const runId = (index: number): RunId => runs[index]!.id;
        const model: Model = new Map();
        const ids = new Map<string, EventId>();
        for (const step of steps) {
          const expected = predict(model, step);
          switch (step.type) {
            case "publish": {
              const event = {
                workflowId: workflow.id,
                topicId: topic.id,
                messageId: step.message,
                payload: step.payload,
                createdByRunId: null,
                inputIds: [],
              };
              ids.set(step.message, (await stores.events.publish(event, 5)).id);
              break;
            }
            case "reserve": {
              const asked = step.messages.map((name) => ids.get(name) ?? (name as EventId));
              const reserving = stores.events.reserve(asked, runId(step.holder), 1, 6);
              if (expected === "conflict") await expect(reserving).rejects.toThrow(ReservationConflictError);
              else expect(await reserving).toHaveLength(expected);
              break;
            }
            case "release":
              expect(await stores.events.release(runId(step.holder), 7)).toBe(expected);
              break;
            case "consume":
              expect(await stores.events.consume(runId(step.holder), 8)).toBe(expected);
              break;
            case "transfer":
              expect(await stores.events.transfer(runId(step.holder), runId(step.to), 2, 9)).toBe(expected);
          }
        }
        const stored = await stores.events.list({ workflowId: workflow.id });
        expect(stored).toHaveLength(model.size);
        for (const { messageId, payload, status, reservedByRunId } of stored) {
          const known = model.get(messageId)!;
          expect({ payload, status, reservedByRunId }).toEqual({
            payload: known.payload,
            status: known.status,
            reservedByRunId: known.holder === null ? null : runId(known.holder),
          });
        }
      });
    }),
    { numRuns: 60 },
  );
}, 120_000);
