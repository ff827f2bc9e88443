import { defineJobHandler, UnknownNameError } from "@millrace/agent";
import { NotFoundError } from "@millrace/db";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRouteBench, OPERATOR, type RouteBench } from "../../testing/route-bench.ts";
import { makeShop, placeOrder } from "../../testing/shop.ts";
import * as contract from "../contract/attention.ts";
import { ATTENTION_IMPLEMENTATIONS } from "./attention.ts";

const NOBODY = "01890000-0000-7000-8000-000000000000";
const HOUR_MS = 60 * 60 * 1_000;

let bench: RouteBench;
let began: number;

/** Two transfers of unknown outcome an hour apart, a letter to approve, and a job that can't go on. */
beforeEach(async () => {
  const shop = makeShop(["shop", "stall", "store"]);
  const jobHandlers = [defineJobHandler({ name: "write", handler: () => null })];
  bench = await openRouteBench(ATTENTION_IMPLEMENTATIONS, { ...shop, jobHandlers });
  began = bench.clock.now();
  shop.transfer.script("timeout-after-send", "timeout-without-effect");
  shop.transfer.answer("inconclusive", "inconclusive");
  await placeOrder(bench, "1", { workflow: "shop" });
  await bench.advance("1h");
  await placeOrder(bench, "2", { workflow: "stall" });
  await placeOrder(bench, "3", { workflow: "store", topic: "reminded" });
  const job = await bench.engine.jobs.schedule({ type: "recurring", name: "report", handler: "write", interval: "1d" });
  const notice = { jobId: job.id, runId: null, mutationId: null, kind: "job_paused", message: "It failed" } as const;
  await bench.stores.notifications.create(notice, bench.clock.now());
});
afterEach(() => bench.close());

const list = async (query: object = {}, by = OPERATOR) =>
  (await bench.call(contract.listAttention, { query }, by)).items;
const count = (by = OPERATOR) => bench.call(contract.countAttention, {}, by);
const dismiss = (notification: string, by = OPERATOR) =>
  bench.call(contract.dismissNotification, { params: { notification } }, by);

describe("the list of what needs a person", () => {
  test("has each with what it is about, newest first", async () => {
    const [job, approval, second, first] = await list();
    expect(job).toMatchObject({ kind: "job_paused", workflow: null, job: { name: "report" }, mutation: null });
    expect(approval).toMatchObject({ kind: "approval", workflow: { name: "store" }, job: null });
    expect(second).toMatchObject({ kind: "indeterminate", workflow: { name: "stall" } });
    expect(first?.mutation).toMatchObject({ connector: "bank", params: { number: "1" }, workflow: { name: "shop" } });
  });

  test.each([
    [{ kind: "approval,job_paused" }, ["job_paused", "approval"]],
    [{ workflow: "shop" }, ["indeterminate"]],
    [{ connector: "bank" }, ["indeterminate", "indeterminate"]],
    [{ connector: "bank", workflow: "store" }, []],
    [{ state: "open" }, ["job_paused", "approval", "indeterminate", "indeterminate"]],
    [{ state: "resolved" }, []],
    [{ text: "it FAILED" }, ["job_paused"]],
  ])("keeps to %o", async (query, expected) => {
    expect((await list(query)).map(({ kind }) => kind)).toEqual(expected);
  });
});

describe("how much needs a person", () => {
  test("is counted by kind, and by connector where outcomes are unknown", async () => {
    expect(await count()).toEqual({
      total: 4,
      kinds: [
        { kind: "approval", count: 1 },
        { kind: "indeterminate", count: 2 },
        { kind: "job_paused", count: 1 },
      ],
      outages: [{ connector: "bank", count: 2, from: began, until: began + HOUR_MS + 1 }],
    });
  });

  test("the span of an outage is one by which all of it can be settled", async () => {
    const { connector, from, until } = (await count()).outages[0]!;
    const verdict = { verdict: "skip", by: "olga" } as const;
    const { resolved } = await bench.engine.resolveMutations({ connector, from, before: until }, verdict);
    expect(resolved).toHaveLength(2);
    expect((await count()).outages).toEqual([]);
  });

  test("is nothing to another tenant", async () => {
    expect(await count(bench.stranger)).toEqual({ total: 0, kinds: [], outages: [] });
  });
});

describe("dismissing", () => {
  test("closes a notification about a workflow or a job, once", async () => {
    for (const { id } of await list({ kind: "approval,job_paused" })) {
      expect(await dismiss(id)).toEqual({ done: true });
      await expect(dismiss(id)).rejects.toThrow(NotFoundError);
    }
    expect((await list({ state: "resolved" })).map(({ kind }) => kind)).toEqual(["job_paused", "approval"]);
    expect(await count()).toMatchObject({ total: 2 });
  });

  test("is not for another tenant, and there must be something to dismiss", async () => {
    for (const { id } of await list()) await expect(dismiss(id, bench.stranger)).rejects.toThrow(UnknownNameError);
    await expect(dismiss(NOBODY)).rejects.toThrow(NotFoundError);
    expect(await count()).toMatchObject({ total: 4 });
  });
});
