import { EffectCrossingError, ReplayRefusedError, UnknownNameError } from "@millrace/agent";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRouteBench, OPERATOR, type RouteBench } from "../../testing/route-bench.ts";
import { makeShop, placeOrder } from "../../testing/shop.ts";
import * as contract from "../contract/runs.ts";
import { RUN_IMPLEMENTATIONS } from "./runs.ts";

const NOBODY = "01890000-0000-7000-8000-000000000000";

let bench: RouteBench;
let shop: ReturnType<typeof makeShop>;

beforeEach(async () => {
  shop = makeShop(["shop", "stall"]);
  bench = await openRouteBench(RUN_IMPLEMENTATIONS, shop);
  // Each consumer looks once what there is when it is deployed.
  await bench.engine.whenIdle();
  await bench.advance("1m");
});
afterEach(() => bench.close());

const list = async (query: object = {}) =>
  (await bench.call(contract.listRuns, { query: { from: String(bench.clock.now()), ...query } })).items;
const show = (run: string, by = OPERATOR) => bench.call(contract.showRun, { params: { run } }, by);
const newestOf = async (handler: string) => (await list({ handler, from: "0" }))[0]!.id;

describe("the list of runs", () => {
  beforeEach(async () => {
    await placeOrder(bench, "1");
    shop.transfer.script("definite-failure");
    await placeOrder(bench, "2", { workflow: "stall" });
    await bench.engine.runNow("shop", ["readOrders"]);
    await bench.engine.whenIdle();
  });

  test.each([
    [{}, ["file", "pay", "readOrders", "pay", "file", "pay"]],
    [{ workflow: "stall" }, ["pay"]],
    [{ handler: "file" }, ["file", "file"]],
    [{ handlerType: "producer" }, ["readOrders"]],
    [{ status: "failed:logic,paused:transient" }, ["pay"]],
    [{ status: "committed", workflow: "stall" }, []],
    [{ text: "REFUSED" }, ["pay"]],
  ])("keeps to %o", async (query, expected) => {
    expect((await list(query)).map(({ handlerName }) => handlerName)).toEqual(expected);
  });

  test("says of each what it came to", async () => {
    const [run] = await list({ status: "failed:logic" });
    expect(run).toMatchObject({ workflow: { name: "stall" }, error: "scripted: refused", errorType: "LogicError" });
  });
});

describe("a run", () => {
  test("of a consumer has its data, its output, its events and its inputs", async () => {
    await placeOrder(bench, "1");
    const details = await show(await newestOf("pay"));
    expect(details.run).toMatchObject({ version: "1.0", prepareResult: { data: { number: "1" } }, trigger: "event" });
    expect(details.output).toMatchObject({ connector: "bank", params: { number: "1" }, result: { reference: "T-1" } });
    expect(details.reserved).toMatchObject([{ topic: "ordered", messageId: "1", status: "consumed" }]);
    expect(details.published).toMatchObject([{ topic: "paid", messageId: "1" }]);
    expect(details.inputs).toMatchObject([{ externalId: "1", title: "Order 1" }]);
    expect(details.attempts.map(({ id }) => id)).toEqual([details.run.id]);
    expect(details.replayFrom).toEqual(["preparing", "emitting"]);
  });

  test("has the times of its phases", async () => {
    shop.transfer.script("timeout-after-send");
    shop.transfer.answer("retry");
    await placeOrder(bench, "1");
    const sent = bench.clock.now();
    await bench.advance("1h");
    const [last, first] = await list({ handler: "pay", from: "0", limit: "2" });
    const settled = last!.startedAt;
    expect(settled).toBeGreaterThan(sent);
    expect((await show(first!.id)).phases).toEqual([
      { phase: "preparing", state: "done", enteredAt: sent, leftAt: sent },
      { phase: "prepared", state: "done", enteredAt: sent, leftAt: sent },
      { phase: "mutating", state: "done", enteredAt: sent, leftAt: settled },
      { phase: "mutated", state: "stopped", enteredAt: settled, leftAt: settled },
      { phase: "emitting", state: "ahead", enteredAt: null, leftAt: null },
      { phase: "committed", state: "ahead", enteredAt: null, leftAt: null },
    ]);
    expect((await show(last!.id)).phases.slice(-2)).toEqual([
      { phase: "emitting", state: "done", enteredAt: settled, leftAt: settled },
      { phase: "committed", state: "done", enteredAt: settled, leftAt: null },
    ]);
  });

  test("of a producer has what it registered and published, and its log", async () => {
    await bench.engine.runNow("shop");
    await bench.engine.whenIdle();
    const details = await show(await newestOf("readOrders"));
    expect(details.inputs).toMatchObject([{ source: "mail", externalId: "m" }]);
    expect(details.published).toMatchObject([{ topic: "ordered", messageId: "m" }]);
    expect(details).toMatchObject({ output: null, reserved: [], replayFrom: ["executing"] });
    expect(details.logs.map(({ seq, level }) => [seq, level])).toEqual([
      [1, "info"],
      [2, "warn"],
    ]);
    expect(details.phases.map(({ phase, state }) => `${phase}: ${state}`)).toEqual([
      "executing: done",
      "committed: done",
    ]);
  });

  test("that was tried again has the whole chain, whichever of it is looked at", async () => {
    shop.transfer.script("failure-before-send", "rate-limit");
    await placeOrder(bench, "1");
    await bench.advance("2h");
    const chain = (await list({ handler: "pay", from: "0" })).filter(({ trigger }) => trigger !== "start").toReversed();
    expect(chain).toHaveLength(3);
    for (const run of chain) {
      const { attempts, replayFrom } = await show(run.id);
      expect(attempts.map(({ id, attempt }) => [id, attempt])).toEqual(chain.map(({ id }, index) => [id, index + 1]));
      expect(replayFrom).toEqual(run.status === "committed" ? ["preparing", "emitting"] : []);
    }
  });

  test("does not exist under an unknown id, nor for another tenant", async () => {
    await expect(show(NOBODY)).rejects.toThrow(UnknownNameError);
    await expect(show(await newestOf("pay"), bench.stranger)).rejects.toThrow(UnknownNameError);
  });
});

describe("the log of a run", () => {
  test.each([
    [{}, [1, 2]],
    [{ after: "1" }, [2]],
    [{ after: "2" }, []],
    [{ level: "warn,error" }, [2]],
  ])("keeps to %o", async (query, expected) => {
    await bench.engine.runNow("shop");
    await bench.engine.whenIdle();
    const params = { run: await newestOf("readOrders") };
    const { items } = await bench.call(contract.listRunLogs, { params, query });
    expect(items.map(({ seq }) => seq)).toEqual(expected);
  });

  test("is not for another tenant", async () => {
    const params = { run: await newestOf("pay") };
    await expect(bench.call(contract.listRunLogs, { params }, bench.stranger)).rejects.toThrow(UnknownNameError);
  });
});

describe("replaying a run", () => {
  let run: string;

  beforeEach(async () => {
    await placeOrder(bench, "1");
    run = await newestOf("pay");
  });

  const plan = (from: string, by = OPERATOR) =>
    bench.call(contract.planReplay, { params: { run }, query: { from } }, by);
  const replay = (body: object, by = OPERATOR) =>
    bench.call(contract.replayRun, { params: { run }, body: { cross: [], ...body } }, by);

  test("is planned with the events that are handled again and the effects that are repeated", async () => {
    const planned = await plan("preparing");
    expect(planned).toMatchObject({ run: { id: run }, from: "preparing", refusals: [], truncated: false });
    expect(planned.description).toContain("runs from prepare");
    expect(planned.events).toMatchObject([{ topic: "ordered", messageId: "1", workflow: { name: "shop" } }]);
    expect(planned.effects).toMatchObject([
      { title: "bank.transfer", connector: "bank", status: "applied", wouldRepeat: true, mustCross: true },
    ]);
  });

  test("repeats no effect that was not named", async () => {
    await expect(replay({ from: "preparing" })).rejects.toThrow(EffectCrossingError);
    expect(shop.transfer.calls).toHaveLength(1);
  });

  test("repeats the effects that were named", async () => {
    const { effects } = await plan("preparing");
    const cross = effects.filter(({ mustCross }) => mustCross).map(({ outputId }) => outputId);
    expect(await replay({ from: "preparing", cross, evidence: "asked to" })).toEqual({ done: true, runId: null });
    await bench.engine.whenIdle();
    expect(shop.transfer.effects).toHaveLength(2);
    expect(await list({ handler: "pay" })).toMatchObject([{ trigger: `replay:${run}` }, { id: run }]);
  });

  test("is refused from a phase that the run does not have", async () => {
    expect((await plan("executing")).refusals).toEqual([expect.stringContaining("the run of a consumer")]);
    await expect(replay({ from: "executing" })).rejects.toThrow(ReplayRefusedError);
  });

  test("is not for another tenant", async () => {
    await expect(plan("emitting", bench.stranger)).rejects.toThrow(UnknownNameError);
    await expect(replay({ from: "emitting" }, bench.stranger)).rejects.toThrow(UnknownNameError);
  });
});
