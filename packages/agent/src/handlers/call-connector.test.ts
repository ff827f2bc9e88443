import type { Mutation, MutationId, RunId, WorkflowId } from "@millrace/db";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { applied, mutation, read, type CallContext, type MutationOperation } from "../connectors/define-connector.ts";
import { AuthError, InternalError, LogicError, NetworkError, SchemaError } from "../errors.ts";
import type { CallOutcome } from "../execution/mutation-ledger.ts";
import { resolvePolicy } from "../policy.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { callMutation, callRead, callReconcile } from "./call-connector.ts";

const params = z.object({ to: z.string() });
const row: Mutation = {
  id: "m" as MutationId,
  handlerRunId: "r" as RunId,
  workflowId: "w" as WorkflowId,
  connector: "post",
  operation: "send",
  params: { to: "bob" },
  idempotencyKey: "key",
  title: "post.send",
  status: "in_flight",
  result: null,
  error: null,
  sentAt: 0,
  approvedBy: null,
  approvedAt: null,
  approvalEvidence: null,
  reconcileAttempts: 0,
  notAppliedCount: 0,
  uncertainSince: null,
  lastReconcileAt: null,
  nextReconcileAt: null,
  resolution: null,
  resolvedBy: null,
  resolvedAt: null,
  evidence: null,
  lateOutcome: null,
  createdAt: 0,
  updatedAt: 0,
};

function world() {
  const clock = new FakeClock(0);
  return { clock, dependencies: { clock, policy: resolvePolicy() }, controller: new AbortController() };
}

type Execute = (params: { to: string }, context: CallContext) => Promise<unknown>;
const sending = (execute: Execute): MutationOperation => mutation({ params, execute });

/** Lets what is ready happen; no time passes. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

async function send(execute: Execute): Promise<CallOutcome> {
  const { dependencies, controller } = world();
  return callMutation(dependencies, sending(execute), row, controller.signal, () => undefined);
}

describe("a mutation", () => {
  test("is called with its parameters, its key and a signal, and gives its result", async () => {
    let given: unknown;
    const outcome = await send(async (own, context) => {
      given = { own, key: (context as unknown as { idempotencyKey: string }).idempotencyKey, now: context.now() };
      return { receipt: 1 };
    });
    expect(outcome).toEqual({ kind: "applied", result: { receipt: 1 } });
    expect(given).toEqual({ own: { to: "bob" }, key: "key", now: 0 });
  });

  test.each<[string, Error, string]>([
    ["a refusal", new LogicError("no"), "failed"],
    ["missing credentials", new AuthError("no"), "failed"],
    ["a network error before anything was sent", new NetworkError("no", { effect: "none" }), "failed"],
    ["a network error", new NetworkError("no"), "uncertain"],
    ["a bug that says that nothing happened", new InternalError("no", { effect: "none" }), "failed"],
    ["anything unclassified", new TypeError("no"), "uncertain"],
  ])("that ends with %s", async (_what, error, kind) => {
    expect(await send(() => Promise.reject(error))).toMatchObject({ kind });
    // A connector that throws at once is handled like one that rejects.
    const throwing = () => {
      throw error;
    };
    expect(await send(throwing)).toMatchObject({ kind });
  });

  test("whose stored parameters do not fit any more is not sent", async () => {
    const { dependencies, controller } = world();
    let sent = 0;
    const operation = sending(async () => (sent += 1));
    const old = { ...row, params: { address: "bob" } };
    const outcome = await callMutation(dependencies, operation, old, controller.signal, () => undefined);
    expect(outcome).toMatchObject({ kind: "failed", error: expect.any(SchemaError) });
    expect(sent).toBe(0);
  });

  test("is not made at all once the engine stops, and says so", async () => {
    const { dependencies, controller } = world();
    controller.abort();
    let sent = 0;
    const operation = sending(async () => (sent += 1));
    const outcome = await callMutation(dependencies, operation, row, controller.signal, () => undefined);
    expect(outcome).toMatchObject({ kind: "failed", error: { effect: "none" } });
    expect(sent).toBe(0);
  });

  test("that is interrupted is uncertain, and its own signal tells it", async () => {
    const { dependencies, controller } = world();
    let signal: AbortSignal | undefined;
    const hanging = sending((_params, context) => {
      signal = context.signal;
      return new Promise(() => undefined);
    });
    const calling = callMutation(dependencies, hanging, row, controller.signal, () => undefined);
    await turn();
    controller.abort();
    expect(await calling).toMatchObject({ kind: "uncertain" });
    expect(signal?.aborted).toBe(true);
  });

  test.each<[string, (late: { resolve(v: unknown): void; reject(e: Error): void }) => void, object[]]>([
    ["a result", ({ resolve }) => resolve({ receipt: 1 }), [{ kind: "applied", result: { receipt: 1 } }]],
    ["a refusal", ({ reject }) => reject(new LogicError("no")), [{ kind: "failed" }]],
    ["nothing definite", ({ reject }) => reject(new NetworkError("no")), []],
  ])("that gives %s after its time is uncertain; only what is definite comes late", async (_what, settle, expected) => {
    const { clock, dependencies, controller } = world();
    const heard: CallOutcome[] = [];
    let late: { resolve(value: unknown): void; reject(error: Error): void } | undefined;
    const slow = sending(
      () =>
        new Promise((resolve, reject) => {
          late = { resolve, reject };
        }),
    );
    const calling = callMutation(dependencies, slow, row, controller.signal, (outcome) => heard.push(outcome));
    await turn();
    expect(clock.fireNext(dependencies.policy.call.mutationTimeoutMs)).toBe(true);
    expect(await calling).toMatchObject({ kind: "uncertain", error: { message: expect.stringContaining("60000 ms") } });
    settle(late!);
    await turn();
    expect(heard).toMatchObject(expected);
  });

  test("leaves no timer and no listener behind", async () => {
    const { clock, dependencies, controller } = world();
    await callMutation(
      dependencies,
      sending(async () => null),
      row,
      controller.signal,
      () => undefined,
    );
    await turn();
    expect(clock.nextTimerAt).toBeNull();
  });
});

describe("a question about a mutation", () => {
  const asking = (reconcile: () => Promise<unknown>): MutationOperation =>
    // An answer that is none is what a test wants to see refused.
    mutation({ params, execute: async () => null, reconcile: reconcile as MutationOperation["reconcile"] & {} });

  async function ask(reconcile: () => Promise<unknown>) {
    const { dependencies, controller } = world();
    return callReconcile(dependencies, asking(reconcile), row, controller.signal);
  }

  test("gives the answer", async () => {
    expect(await ask(async () => applied({ receipt: 1 }))).toEqual({ outcome: "applied", result: { receipt: 1 } });
  });

  test.each([undefined, null, "yes", {}, { outcome: "perhaps" }, { outcome: "retry" }])(
    "that is answered %j is inconclusive",
    async (answer) => {
      expect(await ask(async () => answer)).toMatchObject({
        outcome: "inconclusive",
        reason: expect.stringContaining("reconcile of post.send gave an answer that is none"),
      });
    },
  );

  test("that fails, or is not answered in time, is asked again", async () => {
    expect(await ask(() => Promise.reject(new Error("down")))).toEqual({
      outcome: "retry",
      reason: "reconcile of post.send threw an unclassified error: down",
    });
    const { clock, dependencies, controller } = world();
    const hanging = asking(() => new Promise(() => undefined));
    const calling = callReconcile(dependencies, hanging, row, controller.signal);
    await turn();
    clock.fireNext(60_000);
    expect(await calling).toMatchObject({ outcome: "retry", reason: expect.stringContaining("did not answer") });
  });
});

describe("a read", () => {
  const reading = (execute: () => Promise<unknown>) => read({ params, execute });

  test("checks its parameters first, and classifies what it throws", async () => {
    const { dependencies, controller } = world();
    const call = (execute: () => Promise<unknown>, given: unknown) =>
      callRead(dependencies, reading(execute), "post.list", given, controller.signal);
    expect(await call(async () => ["a"], { to: "bob" })).toEqual(["a"]);
    await expect(call(async () => ["a"], {})).rejects.toThrow(SchemaError);
    await expect(call(() => Promise.reject(new TypeError("oops")), { to: "bob" })).rejects.toThrow(InternalError);
    await expect(call(() => Promise.reject(new NetworkError("down")), { to: "bob" })).rejects.toThrow(NetworkError);
  });
});
