import { UnknownNameError } from "@millrace/agent";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRouteBench, OPERATOR, type RouteBench } from "../../testing/route-bench.ts";
import { makeShop, placeOrder } from "../../testing/shop.ts";
import * as contract from "../contract/inputs.ts";
import { INPUT_IMPLEMENTATIONS } from "./inputs.ts";

const NOBODY = "01890000-0000-7000-8000-000000000000";

let bench: RouteBench;
let shop: ReturnType<typeof makeShop>;

beforeEach(async () => {
  shop = makeShop(["shop", "stall"]);
  bench = await openRouteBench(INPUT_IMPLEMENTATIONS, shop);
  // Each consumer looks once what there is when it is deployed.
  await bench.engine.whenIdle();
});
afterEach(() => bench.close());

const list = async (query: object = {}) => (await bench.call(contract.listInputs, { query })).items;
const ids = async (query: object = {}) => (await list(query)).map(({ externalId }) => externalId);
const idOf = async (number: string) => (await list()).find(({ externalId }) => externalId === number)!.id;
const show = async (number: string) => bench.call(contract.showInput, { params: { input: await idOf(number) } });
const skip = async (number: string) => bench.call(contract.skipInput, { params: { input: await idOf(number) } });

describe("the list of inputs", () => {
  beforeEach(async () => {
    await placeOrder(bench, "1");
    await placeOrder(bench, "2", { type: "gift" });
    await placeOrder(bench, "3", { workflow: "stall" });
    await bench.engine.runNow("shop");
    await bench.engine.whenIdle();
  });

  test("has what came in, newest first, with its workflow", async () => {
    const [mail, third] = await list();
    expect(mail).toMatchObject({ source: "mail", type: "order", title: "Order by mail", status: "active" });
    expect(third).toMatchObject({ externalId: "3", workflow: { name: "stall" } });
    expect(await ids()).toEqual(["m", "3", "2", "1"]);
  });

  test.each([
    [{ workflow: "shop" }, ["m", "2", "1"]],
    [{ source: "web" }, ["3", "2", "1"]],
    [{ type: "gift" }, ["2"]],
    [{ workflow: "stall", type: "gift" }, []],
    [{ text: "by MAIL" }, ["m"]],
    [{ status: "skipped" }, []],
  ])("keeps to %o", async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });

  test("says what became of each", async () => {
    await skip("2");
    const standings = (await list()).map(({ externalId, state, outputs }) => [externalId, state, outputs.happened]);
    expect(standings).toEqual([
      ["m", "done", 1],
      ["3", "done", 1],
      ["2", "skipped", 1],
      ["1", "done", 1],
    ]);
  });

  test("keeps to what was skipped", async () => {
    await skip("2");
    expect(await ids({ status: "skipped" })).toEqual(["2"]);
    expect(await ids({ status: "active" })).toEqual(["m", "3", "1"]);
  });
});

describe("the story of an input", () => {
  test("tells in the order of time what came of it", async () => {
    await placeOrder(bench, "1");
    const { story, state, truncated, events, runs, outputs } = await show("1");
    expect(story.map(({ title }) => title)).toEqual([
      '"Order 1" came in (order from web)',
      'Event "1" was published to ordered',
      'Consumer "pay" began',
      '"bank.transfer" was sent',
      '"bank.transfer" happened',
      'Event "1" was published to paid',
      '"pay" was completed',
      'Consumer "file" began',
      '"file" was completed',
    ]);
    expect({ state, truncated }).toEqual({ state: "done", truncated: false });
    expect(events.map(({ topic, status }) => `${topic}: ${status}`)).toEqual(["ordered: consumed", "paid: consumed"]);
    expect(runs.map(({ handlerName }) => handlerName)).toEqual(["pay", "file"]);
    expect(outputs).toMatchObject([{ connector: "bank", status: "applied", workflow: { name: "shop" } }]);
  });

  test("waits while its workflow is paused", async () => {
    await bench.engine.pause("shop");
    await placeOrder(bench, "1");
    expect(await show("1")).toMatchObject({ state: "waiting", runs: [], outputs: [] });
  });

  test("needs attention while nobody knows whether its output happened, and is done when a person has said so", async () => {
    shop.transfer.script("timeout-after-send");
    shop.transfer.answer("inconclusive");
    await placeOrder(bench, "1");
    const { state, outputs, story } = await show("1");
    expect(state).toBe("needs_attention");
    expect(story.at(-1)).toMatchObject({ kind: "run_ended", status: "paused:reconciliation" });
    const [mutation] = await bench.engine.outputs();
    expect(mutation?.id).toBe(outputs[0]?.id);
    await bench.engine.resolveMutation(mutation!.id, { verdict: "happened", by: "olga" });
    await bench.engine.whenIdle();
    const settled = await show("1");
    expect(settled.state).toBe("done");
    expect(settled.story.map(({ title }) => title)).toContain('"bank.transfer" happened, says olga');
  });

  test("is in progress while the connector is asked", async () => {
    shop.transfer.script("timeout-after-send");
    shop.transfer.answer("retry", "retry");
    await placeOrder(bench, "1");
    expect((await show("1")).state).toBe("in_progress");
  });

  test("needs attention after a failure for good, and waits after one that is tried again", async () => {
    shop.transfer.script("failure-before-send");
    await placeOrder(bench, "1");
    expect((await show("1")).state).toBe("waiting");
    shop.transfer.script("definite-failure");
    await bench.advance("1h");
    expect((await show("1")).state).toBe("needs_attention");
  });

  test("needs attention while it waits for approval", async () => {
    await placeOrder(bench, "1", { topic: "reminded" });
    expect(await show("1")).toMatchObject({ state: "needs_attention", outputs: [{ status: "pending" }] });
  });

  test("does not exist under an unknown id, nor for another tenant", async () => {
    await placeOrder(bench, "1");
    const look = (input: string, by = OPERATOR) => bench.call(contract.showInput, { params: { input } }, by);
    await expect(look(NOBODY)).rejects.toThrow(UnknownNameError);
    await expect(look(await idOf("1"), bench.stranger)).rejects.toThrow(UnknownNameError);
  });
});

describe("skipping an input", () => {
  test("skips its events, and says so in its story", async () => {
    await bench.engine.pause("shop");
    await placeOrder(bench, "1");
    await bench.advance("1m");
    expect(await skip("1")).toEqual({ skipped: true, skippedEvents: 1, abortedRuns: [] });
    const { state, story } = await show("1");
    expect(state).toBe("skipped");
    expect(story.at(-1)).toMatchObject({ kind: "input_skipped", at: bench.clock.now() });
    expect(await skip("1")).toEqual({ skipped: false, skippedEvents: 0, abortedRuns: [] });
  });

  test("aborts the run that waits for approval of its output", async () => {
    await placeOrder(bench, "1", { topic: "reminded" });
    const [run] = (await show("1")).runs;
    expect(await skip("1")).toMatchObject({ skipped: true, abortedRuns: [run?.id] });
  });

  test("is not for another tenant", async () => {
    await bench.engine.pause("shop");
    await placeOrder(bench, "1");
    const params = { input: await idOf("1") };
    await expect(bench.call(contract.skipInput, { params }, bench.stranger)).rejects.toThrow(UnknownNameError);
    expect((await show("1")).state).toBe("waiting");
  });
});
