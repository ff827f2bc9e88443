import { NotResolvableError, UnknownNameError, WorkflowNotRunnableError } from "@millrace/agent";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRouteBench, OPERATOR, type RouteBench } from "../../testing/route-bench.ts";
import { makeShop, placeOrder } from "../../testing/shop.ts";
import * as contract from "../contract/workflows.ts";
import { WORKFLOW_IMPLEMENTATIONS } from "./workflows.ts";

const params = { workflow: "shop" };
const HOUR_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * HOUR_MS;
/** Nine o'clock in Berlin on the day after the bench's clock begins at midnight UTC. */
const NINE = Date.parse("2026-01-01T08:00:00Z");

let bench: RouteBench;
let shop: ReturnType<typeof makeShop>;

beforeEach(async () => {
  shop = makeShop();
  bench = await openRouteBench(WORKFLOW_IMPLEMENTATIONS, shop);
  // Each consumer looks once what there is when it is deployed.
  await bench.engine.whenIdle();
});
afterEach(() => bench.close());

const show = () => bench.call(contract.showWorkflow, { params });
const list = async () => (await bench.call(contract.listWorkflows)).items;

describe("a workflow at a glance", () => {
  test("has its version, its schedule in words, and when it runs next", async () => {
    const [workflow] = await list();
    expect(workflow).toMatchObject({ name: "shop", status: "active", error: null, version: "1.0", deployed: true });
    expect(workflow).toMatchObject({ pendingEvents: 0, openNotifications: 0, nextRunAt: NINE });
    const description = "At 09:00 (Europe/Berlin)";
    expect(workflow?.schedules).toEqual([{ producer: "readOrders", description, nextRunAt: NINE, lastRunAt: null }]);
  });

  test("has its last run, what is pending, and what needs a person", async () => {
    shop.transfer.script("timeout-without-effect");
    shop.transfer.answer("inconclusive");
    await placeOrder(bench, "1");
    await placeOrder(bench, "2");
    const [workflow] = await list();
    expect(workflow?.lastRun).toMatchObject({ handlerName: "pay", status: "paused:reconciliation" });
    expect(workflow).toMatchObject({ pendingEvents: 1, openNotifications: 1 });
    expect(workflow?.error).toContain("It is not known whether");
  });

  test("runs next at no time while it is paused", async () => {
    await bench.call(contract.pauseWorkflow, { params });
    const [workflow] = await list();
    expect(workflow).toMatchObject({ status: "paused", nextRunAt: null });
  });

  test("is not deployed where no process runs its code", async () => {
    const { platformId, handlerConfig } = await bench.engine.workflowByName("shop");
    const other = { platformId, name: "left over", status: "active", handlerConfig } as const;
    await bench.stores.workflows.create(other, bench.clock.now());
    const workflows = await list();
    expect(workflows.map(({ name, deployed, version }) => ({ name, deployed, version }))).toEqual([
      { name: "left over", deployed: false, version: null },
      { name: "shop", deployed: true, version: "1.0" },
    ]);
  });
});

describe("a workflow with what it is made of", () => {
  test("has its producers with their next runs, also over a change of the clocks", async () => {
    const [producer] = (await show()).producers;
    expect(producer).toMatchObject({ name: "readOrders", publishes: ["ordered"] });
    expect(producer?.schedule).toEqual({
      description: "At 09:00 (Europe/Berlin)",
      timezone: "Europe/Berlin",
      nextRunAt: NINE,
      lastRunAt: null,
      next: [0, 1, 2, 3, 4].map((day) => NINE + day * DAY_MS),
    });
  });

  test("has its consumers with what they do and the connectors that they went through", async () => {
    await placeOrder(bench, "1");
    const { consumers } = await show();
    expect(consumers).toEqual([
      consumerWith({ name: "pay", subscribes: ["ordered"], publishes: ["paid"], connectors: ["bank"] }),
      consumerWith({ name: "file", subscribes: ["paid"], mutates: false }),
      consumerWith({ name: "remind", subscribes: ["reminded"] }),
    ]);
  });

  test("has its topics with what is pending in each", async () => {
    await bench.call(contract.pauseWorkflow, { params });
    await placeOrder(bench, "1");
    expect((await show()).topics).toEqual([
      { name: "ordered", pending: 1 },
      { name: "paid", pending: 0 },
      { name: "reminded", pending: 0 },
    ]);
  });

  test("says what came in, what went out, and which led to which", async () => {
    await placeOrder(bench, "1");
    await placeOrder(bench, "2", { type: "gift" });
    await placeOrder(bench, "3", { topic: "reminded" });
    const since = bench.clock.now();
    const { flow } = await show();
    const bank = { connector: "bank", operation: "transfer" };
    const post = { connector: "post", operation: "letter" };
    expect(flow).toMatchObject({ inputs: 3, since });
    expect(flow.sources).toEqual([
      { source: "web", type: "order", count: 2 },
      { source: "web", type: "gift", count: 1 },
    ]);
    expect(flow.connectors).toEqual([
      { ...bank, applied: 2, unknown: 0, failed: 0, waiting: 0 },
      { ...post, applied: 0, unknown: 0, failed: 0, waiting: 1 },
    ]);
    expect(flow.links).toEqual([
      { source: "web", type: "order", ...bank, count: 1 },
      { source: "web", type: "order", ...post, count: 1 },
      { source: "web", type: "gift", ...bank, count: 1 },
    ]);
  });

  test("has an empty flow before anything came in", async () => {
    expect((await show()).flow).toEqual({ inputs: 0, since: null, sources: [], connectors: [], links: [] });
  });

  test("does not exist under another name, nor for another tenant", async () => {
    const unknown = bench.call(contract.showWorkflow, { params: { workflow: "shed" } });
    await expect(unknown).rejects.toThrow(UnknownNameError);
    await expect(bench.call(contract.showWorkflow, { params }, bench.stranger)).rejects.toThrow(UnknownNameError);
  });
});

describe("what a person does with a workflow", () => {
  test("pausing keeps events waiting, resuming lets them be handled", async () => {
    await bench.call(contract.pauseWorkflow, { params });
    await placeOrder(bench, "1");
    expect(shop.transfer.effects).toEqual([]);
    expect(await bench.call(contract.resumeWorkflow, { params })).toEqual({ done: true });
    await bench.engine.whenIdle();
    expect(shop.transfer.effects).toHaveLength(1);
  });

  test.each([{}, { producers: ["readOrders"] }])("running it now runs its producers: %o", async (body) => {
    await bench.call(contract.runWorkflow, { params, body });
    await bench.engine.whenIdle();
    expect(shop.transfer.effects.map((effect) => effect.params)).toEqual([{ number: "m" }]);
  });

  test("a producer that it does not have can't be run", async () => {
    const run = bench.call(contract.runWorkflow, { params, body: { producers: ["pay"] } });
    await expect(run).rejects.toThrow(UnknownNameError);
  });

  test("a failed run is tried again now, in the name of who asked", async () => {
    shop.transfer.script("definite-failure");
    await placeOrder(bench, "1");
    const run = await bench.call(contract.retryWorkflow, { params, body: { evidence: "mended" } });
    expect(run).toMatchObject({ handlerName: "pay", status: "failed:logic", workflow: { name: "shop" } });
    await bench.engine.whenIdle();
    expect(shop.transfer.effects).toHaveLength(1);
    const { logs } = await bench.engine.run((await bench.engine.runs({ statuses: ["failed:logic"] }))[0]!.id);
    expect(logs.map(({ message }) => message)).toContain(`retry requested by ${OPERATOR.name}`);
  });

  test("without a failed run there is nothing to try again", async () => {
    await expect(bench.call(contract.retryWorkflow, { params, body: {} })).rejects.toThrow(NotResolvableError);
  });

  const ACTIONS = {
    pause: () => bench.call(contract.pauseWorkflow, { params }, bench.stranger),
    resume: () => bench.call(contract.resumeWorkflow, { params }, bench.stranger),
    run: () => bench.call(contract.runWorkflow, { params, body: {} }, bench.stranger),
    retry: () => bench.call(contract.retryWorkflow, { params, body: {} }, bench.stranger),
  };

  test.each(Object.entries(ACTIONS))(
    "to %s it is not for another tenant, not even through a workflow of the same name",
    async (_name, act) => {
      await expect(act()).rejects.toThrow(UnknownNameError);
      const { handlerConfig } = await bench.engine.workflowByName("shop");
      const { platformId } = bench.stranger;
      const own = { platformId, name: "shop", status: "active", handlerConfig } as const;
      await bench.stores.workflows.create(own, bench.clock.now());
      await expect(act()).rejects.toThrow(WorkflowNotRunnableError);
      expect(await bench.engine.workflowByName("shop")).toMatchObject({ status: "active" });
    },
  );
});

describe("versions and decisions", () => {
  test("versions come newest first, and one of them with its source", async () => {
    await bench.advance("1m");
    const [first] = makeShop().workflows;
    const { file: _file, ...consumers } = first!.consumers;
    await bench.engine.deploy({ ...first!, consumers });
    const { items } = await bench.call(contract.listWorkflowVersions, { params });
    expect(items.map(({ version, active, origin }) => ({ version, active, origin }))).toEqual([
      { version: "1.1", active: true, origin: "deploy" },
      { version: "1.0", active: false, origin: "deploy" },
    ]);
    const version = await bench.call(contract.showWorkflowVersion, { params: { ...params, version: "1.0" } });
    expect(version).toMatchObject({ ...items[1], source: expect.stringContaining("consumers.file.prepare") });
  });

  test("a version that there is not is not found", async () => {
    const version = bench.call(contract.showWorkflowVersion, { params: { ...params, version: "2.0" } });
    await expect(version).rejects.toThrow(UnknownNameError);
  });

  test("the decisions about a producer's ticks say what became of each", async () => {
    await bench.advance("9h");
    const { items } = await bench.call(contract.listProducerDecisions, {
      params: { ...params, producer: "readOrders" },
    });
    expect(items).toMatchObject([
      { scheduledAt: NINE, decidedAt: NINE, decision: "fired", count: 1, executionId: null },
    ]);
  });

  test("a producer that never ran has none, and one that there is not is not found", async () => {
    const decisions = (producer: string) =>
      bench.call(contract.listProducerDecisions, { params: { ...params, producer } });
    expect(await decisions("readOrders")).toEqual({ items: [] });
    await expect(decisions("readLetters")).rejects.toThrow(UnknownNameError);
  });
});

function consumerWith(consumer: object) {
  return { publishes: [], mutates: true, approval: false, wakeAt: null, connectors: [], ...consumer };
}
