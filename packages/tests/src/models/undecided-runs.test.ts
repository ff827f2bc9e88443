/** What the model of the execution has found: verbs that took a run away from whoever decides about it. */
import type { HandlerRun } from "@millrace/db";
import { expect, test } from "vitest";
import type { Real } from "./batches.ts";
import { openExecutionGround } from "./execution-ground.ts";
import { verbsOf } from "./run-verb-steps.ts";

const REQUEST = { connector: "bank", operation: "send", params: { amount: 1 }, title: "Send 1" };

/** A prepared run of a consumer, and how it was begun. */
async function openPreparedRun() {
  const { real, base } = await openExecutionGround();
  const { model } = verbsOf(real);
  const { id: workflowId, activeScriptId: scriptId } = base.workflow;
  if (scriptId === null) throw new Error("Nothing was deployed.");
  const handler = { handlerType: "consumer", handlerName: "work" } as const;
  const start = { workflowId, scriptId, ...handler, trigger: "test", sessionId: null };
  const { run } = await model.startRun({ ...start, retryOf: null });
  const prepared = { prepareResult: null, reserved: new Map(), wakeAt: 0, previousWakeAt: 0, logs: [] };
  return { real, start, run: await model.recordPrepared(run, prepared) };
}

const rowsOf = async ({ stores }: Real) => [
  await stores.workflows.list(),
  await stores.handlerRuns.list(),
  await stores.mutations.list(),
];

async function expectRefusal(real: Real, verb: () => Promise<unknown>): Promise<void> {
  const before = await rowsOf(real);
  await expect(verb()).rejects.toThrow(expect.objectContaining({ name: "IllegalTransitionError" }));
  expect(await rowsOf(real)).toEqual(before);
  await real.database.close();
}

test("a call that a person is asked to approve is not sent as if it were a new one", async () => {
  const { real, run } = await openPreparedRun();
  const { ledger } = verbsOf(real);
  const waiting = await ledger.requestApproval(run, REQUEST, []);
  await expectRefusal(real, () => ledger.start(waiting, REQUEST, []));
});

test("a run whose mutation waits for approval is not begun anew", async () => {
  const { real, start, run } = await openPreparedRun();
  const { ledger, model } = verbsOf(real);
  const retryOf = await ledger.requestApproval(run, REQUEST, []);
  await expectRefusal(real, () => model.startRun({ ...start, retryOf }));
});

test("a run whose mutation may have happened is not begun anew", async () => {
  const { real, start, run } = await openPreparedRun();
  await verbsOf(real).ledger.start(run, REQUEST, []);
  await verbsOf(real).restart();
  const retryOf: HandlerRun = await real.stores.handlerRuns.get(run.id);
  expect(retryOf.status).toBe("paused:reconciliation");
  await expectRefusal(real, () => verbsOf(real).model.startRun({ ...start, retryOf }));
});
