import { applied, defineConnector, defineWorkflow, LogicError, mutation, notApplied } from "@millrace/agent";
import { createTestEngine, type TestEngine } from "@millrace/agent/testing";
import { DatabaseFullError, type Mutation } from "@millrace/db";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { createDoor, type Door } from "../support/door.ts";

const letter = z.object({ to: z.string() });
const by = { by: "ada", evidence: "asked the carrier" };

/** What the carrier does with the first call: it is answered when the test says so. */
let answer: { resolve(result: { receipt: string }): void; reject(error: Error): void };
let calls: number;
/** A question waits at this door, where there is one. */
let asking: Door | null;
let running: TestEngine;
let failCommits: boolean;

beforeEach(() => {
  [calls, asking, failCommits] = [0, null, false];
});
afterEach(() => running.close());

async function start(options: { reconcile: boolean }): Promise<void> {
  const carrier = defineConnector({
    name: "carrier",
    operations: {
      send: mutation({
        params: letter,
        execute: () => {
          calls += 1;
          if (calls > 1) return Promise.resolve({ receipt: "second" });
          return new Promise<{ receipt: string }>((resolve, reject) => {
            answer = { resolve, reject };
          });
        },
        ...(options.reconcile && {
          reconcile: async () => {
            if (!asking) return notApplied();
            await asking.pass();
            return applied({ receipt: "found" });
          },
        }),
      }),
    },
  });
  const workflow = defineWorkflow({
    name: "letters",
    topics: { letter },
    connectors: { carrier },
    consumers: (consumer) => ({
      send: consumer({
        subscribe: ["letter"],
        async prepare(ctx) {
          const [event] = await ctx.peek("letter", { limit: 1 });
          return {
            reservations: event ? [{ topic: "letter", ids: [event.id] }] : [],
            data: event?.payload ?? { to: "" },
          };
        },
        mutate: async (ctx, { data }) => ctx.carrier.send(data),
      }),
    }),
  });
  running = await createTestEngine({
    workflows: [workflow],
    policy: { call: { mutationTimeoutMs: 1_000 }, reconcile: { confirmationDelayMs: 60_000 } },
    hooks: {
      beforeCommit() {
        if (failCommits) throw new DatabaseFullError("the test's", null);
        return "continue";
      },
    },
  });
  await running.engine.publish("letters", "letter", { messageId: "bob", payload: { to: "bob" } });
}

/** Lets everything happen that follows from a late answer. */
async function settle(): Promise<void> {
  await running.advance("0ms");
  await running.runUntilIdle();
}

const ledger = async (): Promise<Mutation> => (await running.engine.outputs()).at(-1)!;
const notices = async () => (await running.engine.needsAttention()).map(({ notification }) => notification.message);
const error = async () => (await running.engine.status())[0]!.error;

test("a late success, while a person is asked, is the verdict: the run goes on and a person is told", async () => {
  await start({ reconcile: false });
  await running.advance("1s");
  expect(await ledger()).toMatchObject({ status: "indeterminate" });
  answer.resolve({ receipt: "first" });
  await settle();
  expect(await ledger()).toMatchObject({
    status: "applied",
    result: { receipt: "first" },
    resolvedBy: "late answer",
    lateOutcome: { kind: "applied", result: { receipt: "first" } },
  });
  expect(await notices()).toEqual(['"carrier.send" was answered late (applied), before anybody had decided about it.']);
  expect([calls, await error()]).toEqual([1, null]);
  expect((await running.engine.runs({ limit: 1 }))[0]?.status).toBe("committed");
});

test("a late refusal, while the connector is asked, frees the events for a fresh run", async () => {
  await start({ reconcile: true });
  await running.advance("1s");
  expect(await ledger()).toMatchObject({ status: "needs_reconcile" });
  answer.reject(new LogicError("no such street"));
  await settle();
  expect(await ledger()).toMatchObject({ status: "failed", lateOutcome: { kind: "failed", error: "no such street" } });
  await running.advance("1m");
  expect(calls).toBe(2);
  expect((await running.engine.outputs())[0]).toMatchObject({ status: "applied", result: { receipt: "second" } });
});

test("a late success after a person said that it did not happen changes nothing silently", async () => {
  await start({ reconcile: false });
  await running.advance("1s");
  const { id } = await ledger();
  await running.engine.resolveMutation(id, { verdict: "did_not_happen", ...by });
  await running.runUntilIdle();
  expect(calls).toBe(2);
  answer.resolve({ receipt: "first" });
  await settle();
  expect(await ledger()).toMatchObject({
    status: "failed",
    resolution: "did_not_happen",
    resolvedBy: "ada",
    lateOutcome: { kind: "applied", result: { receipt: "first" } },
  });
  expect(await notices()).toEqual([
    '"carrier.send" was answered late (applied), after it had been settled as did_not_happen: compare the two.',
  ]);
});

test("the connector's answer that it happened, after a person said that it did not, is noted and told", async () => {
  await start({ reconcile: true });
  asking = createDoor();
  const asked = asking;
  const advancing = running.advance("1s");
  await asked.reached;
  await advancing;
  const { id } = await ledger();
  await running.engine.resolveMutation(id, { verdict: "did_not_happen", ...by });
  asked.open();
  await settle();
  expect((await running.engine.outputs()).find((row) => row.id === id)).toMatchObject({
    status: "failed",
    resolvedBy: "ada",
    lateOutcome: { kind: "applied", result: { receipt: "found" } },
  });
  expect(await notices()).toEqual([expect.stringContaining("settled as did_not_happen: compare the two")]);
});

test("a late answer that comes before the uncertainty could be recorded is not lost", async () => {
  await start({ reconcile: false });
  await running.advance("500ms");
  failCommits = true;
  await running.advance("5s");
  answer.resolve({ receipt: "first" });
  await running.advance("5s");
  failCommits = false;
  await running.advance("5s");
  await settle();
  expect(await ledger()).toMatchObject({ status: "applied", result: { receipt: "first" } });
  expect((await running.engine.runs({ limit: 1 }))[0]?.status).toBe("committed");
  expect(calls).toBe(1);
});

test("a late answer that says nothing definite is not noted at all", async () => {
  await start({ reconcile: false });
  await running.advance("1s");
  answer.reject(new Error("socket hang up"));
  await settle();
  expect(await ledger()).toMatchObject({ status: "indeterminate", lateOutcome: null });
  expect(await notices()).toHaveLength(1);
});
