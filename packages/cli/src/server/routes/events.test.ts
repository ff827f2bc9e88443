import { UnknownNameError } from "@millrace/agent";
import type { EventId } from "@millrace/db";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRouteBench, OPERATOR, type RouteBench } from "../../testing/route-bench.ts";
import { makeShop, placeOrder } from "../../testing/shop.ts";
import * as contract from "../contract/events.ts";
import { EVENT_IMPLEMENTATIONS } from "./events.ts";

const NOBODY = "01890000-0000-7000-8000-000000000000";

let bench: RouteBench;
let shop: ReturnType<typeof makeShop>;

beforeEach(async () => {
  shop = makeShop(["shop", "stall"]);
  bench = await openRouteBench(EVENT_IMPLEMENTATIONS, shop);
});
afterEach(() => bench.close());

const list = async (query: object = {}) => (await bench.call(contract.listEvents, { query })).items;
const topics = (workflow: string, by = OPERATOR) => bench.call(contract.listTopics, { params: { workflow } }, by);
const show = (event: string, by = OPERATOR) => bench.call(contract.showEvent, { params: { event } }, by);

describe("topics", () => {
  test("have what waits in each, who publishes to it and who subscribes to it", async () => {
    await bench.engine.pause("shop");
    await placeOrder(bench, "1");
    expect(await topics("shop")).toEqual({
      items: [
        { name: "ordered", pending: 1, publishers: ["readOrders"], subscribers: ["pay"] },
        { name: "paid", pending: 0, publishers: ["pay"], subscribers: ["file"] },
        { name: "reminded", pending: 0, publishers: [], subscribers: ["remind"] },
      ],
    });
  });

  test("are those of a workflow that there is, and of one's own", async () => {
    await expect(topics("shed")).rejects.toThrow(UnknownNameError);
    await expect(topics("shop", bench.stranger)).rejects.toThrow(UnknownNameError);
  });
});

describe("the list of events", () => {
  beforeEach(async () => {
    await placeOrder(bench, "1");
    await bench.engine.pause("stall");
    await placeOrder(bench, "2", { workflow: "stall" });
  });

  test.each([
    [{}, ["stall: ordered 2", "shop: paid 1", "shop: ordered 1"]],
    [{ workflow: "shop" }, ["shop: paid 1", "shop: ordered 1"]],
    [{ workflow: "shop", topic: "paid" }, ["shop: paid 1"]],
    [{ workflow: "stall", topic: "paid" }, []],
    [{ status: "pending" }, ["stall: ordered 2"]],
    [{ status: "consumed", workflow: "stall" }, []],
    [{ text: '"number":"2"' }, ["stall: ordered 2"]],
  ])("keeps to %o", async (query, expected) => {
    const shown = (await list(query)).map(
      ({ workflow, topic, messageId }) => `${workflow.name}: ${topic} ${messageId}`,
    );
    expect(shown).toEqual(expected);
  });

  test("knows no topic that its workflow does not have", async () => {
    await expect(list({ workflow: "shop", topic: "refunded" })).rejects.toThrow(UnknownNameError);
  });

  test("takes a topic with its workflow only", () => {
    expect(contract.listEvents.query.safeParse({ topic: "paid" }).success).toBe(false);
  });
});

describe("an event", () => {
  test("has its payload, where it comes from and who handled it", async () => {
    await placeOrder(bench, "1");
    const [paid, ordered] = await list();
    const details = await show(paid!.id);
    expect(details.event).toEqual({ ...paid, payload: { number: "1" } });
    expect(details.inputs).toMatchObject([{ externalId: "1", workflow: { name: "shop" } }]);
    expect(details.publishedBy).toMatchObject({ handlerName: "pay", id: paid!.createdByRunId });
    expect(details.reservedBy).toMatchObject([{ handlerName: "file", id: paid!.reservedByRunId }]);
    expect((await show(ordered!.id)).publishedBy).toBeNull();
  });

  test("names every run that ever held it, the last one first", async () => {
    shop.transfer.script("failure-before-send");
    await placeOrder(bench, "1");
    await bench.advance("1h");
    const [, ordered] = await list();
    expect((await show(ordered!.id)).reservedBy.map(({ attempt }) => attempt)).toEqual([2, 1]);
  });

  test("does not exist under an unknown id, nor for another tenant", async () => {
    await placeOrder(bench, "1");
    const [event] = await list();
    await expect(show(NOBODY)).rejects.toThrow(UnknownNameError);
    await expect(show(event!.id, bench.stranger)).rejects.toThrow(UnknownNameError);
  });
});

test("a payload that is broken keeps nobody from seeing the other events", async () => {
  await bench.engine.pause("shop");
  await placeOrder(bench, "1");
  await placeOrder(bench, "2");
  const before = await list();
  await bench.database.transaction(({ executor }) =>
    executor
      .updateTable("events")
      .set({ payload: '{"a":' })
      .where("id", "=", before[0]!.id as EventId)
      .execute(),
  );
  expect(await list()).toEqual(before);
  expect(await list({ text: "a-text-that-is-not-there" })).toEqual([]);
});
