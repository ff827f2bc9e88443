import { NotResolvableError, Operations, UnknownNameError } from "@millrace/agent";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { z } from "zod";
import { openRouteBench, OPERATOR, type RouteBench } from "../../testing/route-bench.ts";
import { makeShop, placeOrder } from "../../testing/shop.ts";
import * as contract from "../contract/outputs.ts";
import { OUTPUT_IMPLEMENTATIONS } from "./outputs.ts";

const NOBODY = "01890000-0000-7000-8000-000000000000";

let bench: RouteBench;
let shop: ReturnType<typeof makeShop>;

async function open(...of: Parameters<typeof makeShop>): Promise<void> {
  shop = makeShop(...of);
  bench = await openRouteBench(OUTPUT_IMPLEMENTATIONS, shop);
  // Each consumer looks once what there is when it is deployed.
  await bench.engine.whenIdle();
}

afterEach(() => bench.close());

const list = async (query: object = {}) => (await bench.call(contract.listOutputs, { query })).items;
const show = (output: string, by = OPERATOR) => bench.call(contract.showOutput, { params: { output } }, by);

async function newest(): Promise<string> {
  const [output] = await list();
  return output!.id;
}

type Answer = z.input<typeof contract.resolveOutput.body>;

async function resolve(output: string, body: Answer, by = OPERATOR) {
  const resolved = await bench.call(contract.resolveOutput, { params: { output }, body }, by);
  await bench.engine.whenIdle();
  return resolved;
}

/** An order whose transfer took effect or not, which the bank can't say. */
async function placeUncertain(
  number: string,
  workflow = "shop",
  effect: "timeout-after-send" | "timeout-without-effect" = "timeout-without-effect",
) {
  shop.transfer.script(effect);
  shop.transfer.answer("inconclusive");
  await placeOrder(bench, number, { workflow });
  return newest();
}

describe("the list of outputs", () => {
  beforeEach(async () => {
    await open(["shop", "stall"]);
    await placeOrder(bench, "1");
    await placeOrder(bench, "2", { topic: "reminded" });
    await placeUncertain("3", "stall");
  });

  const titles = async (query: object) =>
    (await list(query)).map(({ workflow, connector, status }) => `${workflow.name}: ${connector} ${status}`);

  test.each([
    [{}, ["stall: bank indeterminate", "shop: post pending", "shop: bank applied"]],
    [{ workflow: "shop" }, ["shop: post pending", "shop: bank applied"]],
    [{ connector: "bank" }, ["stall: bank indeterminate", "shop: bank applied"]],
    [{ operation: "letter" }, ["shop: post pending"]],
    [{ status: "indeterminate,pending" }, ["stall: bank indeterminate", "shop: post pending"]],
    [{ status: "applied", workflow: "stall" }, []],
    [{ text: '"number":"3"' }, ["stall: bank indeterminate"]],
    [{ text: "NO ANSWER" }, []],
    [{ text: "can't tell" }, ["stall: bank indeterminate"]],
  ])("keeps to %o", async (query, expected) => {
    expect(await titles(query)).toEqual(expected);
  });
});

describe("an output", () => {
  beforeEach(() => open());

  test("has its parameters, its inputs and its attempts", async () => {
    shop.transfer.script("failure-before-send");
    await placeOrder(bench, "1");
    await bench.advance("1h");
    const { output, inputs, attempts, explanation, answers, awaitsApproval } = await show(await newest());
    expect(output).toMatchObject({ status: "applied", params: { number: "1" }, result: { reference: "T-1" } });
    expect(inputs).toMatchObject([{ externalId: "1", title: "Order 1", workflow: { name: "shop" } }]);
    expect(attempts.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, "paused:transient"],
      [2, "committed"],
    ]);
    expect({ explanation, answers, awaitsApproval }).toEqual({ explanation: null, answers: [], awaitsApproval: false });
  });

  test("does not exist under an unknown id, nor for another tenant", async () => {
    await placeOrder(bench, "1");
    await expect(show(NOBODY)).rejects.toThrow(UnknownNameError);
    await expect(show(await newest(), bench.stranger)).rejects.toThrow(UnknownNameError);
  });
});

describe("an output of unknown outcome", () => {
  beforeEach(() => open());

  test("says why it is unknown, what to check, and what follows from each answer", async () => {
    const { output, explanation, answers } = await show(await placeUncertain("1"));
    expect(explanation?.why).toBe("The connector can't tell: scripted.");
    const { idempotencyKey } = output;
    expect(explanation?.check).toBe(
      `Look on the other side of "bank" whether "bank.transfer" is there (transfer, sent at 2026-01-01T00:00:00.000Z, idempotency key ${idempotencyKey}).`,
    );
    expect(answers.map(({ resolution }) => resolution)).toEqual(["happened", "did_not_happen", "skip", "try_again"]);
    expect(answers[1]?.consequence).toContain("it happens twice");
  });

  test("says how often the connector was asked while it is being asked", async () => {
    shop.transfer.script("timeout-after-send");
    shop.transfer.answer("retry");
    await placeOrder(bench, "1");
    const { output, explanation } = await show(await newest());
    expect(output.status).toBe("needs_reconcile");
    expect(explanation?.why).toContain("so far once");
  });

  test("happened: it counts as done with the result that was given, and nothing is sent again", async () => {
    const id = await placeUncertain("1", "shop", "timeout-after-send");
    const answer = { resolution: "happened", evidence: "bank statement", result: { reference: "seen" } } as const;
    const resolved = await resolve(id, answer);
    expect(resolved).toMatchObject({ status: "applied", resolution: "happened", evidence: "bank statement" });
    expect(resolved).toMatchObject({ result: { reference: "seen" }, resolvedBy: OPERATOR.name });
    expect(shop.transfer.calls).toHaveLength(1);
    const { attempts, answers, explanation } = await show(id);
    expect(attempts.map(({ status }) => status)).toEqual(["paused:reconciliation", "committed"]);
    expect({ answers, explanation }).toEqual({ answers: [], explanation: null });
  });

  test("did not happen: a fresh run makes the call anew, and it happens once", async () => {
    const id = await placeUncertain("1");
    expect(await resolve(id, { resolution: "did_not_happen" })).toMatchObject({ status: "failed" });
    expect(shop.transfer.effects).toHaveLength(1);
    const [second, first] = await list();
    expect([first?.id, first?.status, second?.status]).toEqual([id, "failed", "applied"]);
    expect((await show(second!.id)).attempts.map(({ id: run }) => run)).toEqual([first?.runId, second?.runId]);
  });

  test("skip: it stays unknown and no longer matters, and nothing is sent again", async () => {
    const id = await placeUncertain("1");
    expect(await resolve(id, { resolution: "skip" })).toMatchObject({ status: "indeterminate", resolution: "skip" });
    expect(shop.transfer.calls).toHaveLength(1);
    expect(await show(id)).toMatchObject({ explanation: null, answers: [] });
  });

  test("try again: the connector is asked once more, and now it can tell", async () => {
    const id = await placeUncertain("1", "shop", "timeout-after-send");
    await resolve(id, { resolution: "try_again" });
    expect(shop.transfer.questions()).toBe(2);
    expect(shop.transfer.calls).toHaveLength(1);
    expect((await show(id)).output).toMatchObject({ status: "applied", resolvedBy: "reconcile" });
  });

  test("is settled once: a second answer is refused", async () => {
    const id = await placeUncertain("1");
    await resolve(id, { resolution: "skip" });
    await expect(resolve(id, { resolution: "happened" })).rejects.toThrow(NotResolvableError);
  });

  test("is not for another tenant to settle", async () => {
    const id = await placeUncertain("1");
    await expect(resolve(id, { resolution: "skip" }, bench.stranger)).rejects.toThrow(UnknownNameError);
    expect((await show(id)).output.resolution).toBeNull();
  });

  test("a result goes with `happened` alone", () => {
    const body = { resolution: "skip", result: 1 };
    expect(contract.resolveOutput.body.safeParse(body).success).toBe(false);
  });
});

describe("an output that can't be asked about", () => {
  test("has no answer that asks again", async () => {
    await open(["shop"], { reconcile: false });
    shop.transfer.script("timeout-without-effect");
    await placeOrder(bench, "1");
    const { answers, explanation } = await show(await newest());
    expect(answers.map(({ resolution }) => resolution)).toEqual(["happened", "did_not_happen", "skip"]);
    expect(explanation?.why).toContain("can't be asked what became of it");
  });

  test("because its code does not run here, says so", async () => {
    await open();
    const id = await placeUncertain("1");
    const { database, clock } = bench;
    const { answers, explanation } = await new Operations({ database, clock }).inspect().output(id);
    expect(answers.map(({ resolution }) => resolution)).not.toContain("try_again");
    expect(explanation?.check).toContain("does not run here");
  });
});

describe("an output that waits for approval", () => {
  beforeEach(async () => {
    await open();
    await placeOrder(bench, "1", { topic: "reminded" });
  });

  const approve = async (body: z.input<typeof contract.approveOutput.body>, by = OPERATOR) => {
    const output = await bench.call(contract.approveOutput, { params: { output: await newest() }, body }, by);
    await bench.engine.whenIdle();
    return output;
  };

  test("is sent once it is approved, with who did it and on what grounds", async () => {
    expect((await show(await newest())).awaitsApproval).toBe(true);
    const approved = await approve({ approved: true, evidence: "read it" });
    expect(approved).toMatchObject({ approvedBy: OPERATOR.name, approvalEvidence: "read it" });
    expect(shop.letter.effects).toHaveLength(1);
    const { output, awaitsApproval } = await show(await newest());
    expect([output.status, awaitsApproval]).toEqual(["applied", false]);
  });

  test("is never sent once it is rejected", async () => {
    expect(await approve({ approved: false })).toMatchObject({ status: "failed", resolvedBy: OPERATOR.name });
    expect(shop.letter.calls).toEqual([]);
    await expect(approve({ approved: true })).rejects.toThrow(NotResolvableError);
  });

  test("is not for another tenant to approve", async () => {
    await expect(approve({ approved: true }, bench.stranger)).rejects.toThrow(UnknownNameError);
    expect(shop.letter.calls).toEqual([]);
  });
});

describe("settling all of an outage", () => {
  let before: number;

  beforeEach(async () => {
    await open(["shop", "stall", "store"]);
    before = bench.clock.now();
    await placeUncertain("1", "shop", "timeout-after-send");
    await bench.advance("1h");
    await placeUncertain("2", "stall", "timeout-after-send");
    await bench.advance("1h");
    await placeUncertain("3", "store", "timeout-after-send");
  });

  const settle = async (body: object, by = OPERATOR) => {
    const span = { connector: "bank", from: before, until: bench.clock.now() };
    const given = { ...span, resolution: "happened" as const, dryRun: false, ...body };
    const result = await bench.call(contract.resolveOutputs, { body: given }, by);
    await bench.engine.whenIdle();
    return result;
  };

  test("a dry run counts and shows them, and settles none", async () => {
    const { examples, ...counts } = await settle({ dryRun: true });
    expect(counts).toEqual({ matched: 2, resolved: 0, refused: [] });
    expect(examples.map(({ workflow }) => workflow.name).toSorted()).toEqual(["shop", "stall"]);
    expect(await list({ status: "indeterminate" })).toHaveLength(3);
  });

  test("the real one settles those that were sent in the span, and no other", async () => {
    expect(await settle({ evidence: "the bank said so" })).toMatchObject({ matched: 2, resolved: 2, refused: [] });
    const unknown = await list({ status: "indeterminate" });
    expect(unknown.map(({ workflow }) => workflow.name)).toEqual(["store"]);
    const settled = await list({ status: "applied" });
    expect(settled.map(({ resolution }) => resolution)).toEqual(["happened", "happened"]);
  });

  test("concerns one connector", async () => {
    expect(await settle({ connector: "post" })).toEqual({ matched: 0, resolved: 0, refused: [], examples: [] });
  });

  test.each([true, false])("finds nothing of another tenant (dry run: %s)", async (dryRun) => {
    expect(await settle({ dryRun }, bench.stranger)).toMatchObject({ matched: 0, resolved: 0, examples: [] });
    expect(await list({ status: "indeterminate" })).toHaveLength(3);
  });

  test("a span that ends before it begins is refused", () => {
    const body = { connector: "bank", from: 2, until: 1, resolution: "skip", dryRun: true };
    expect(contract.resolveOutputs.body.safeParse(body).success).toBe(false);
  });
});
