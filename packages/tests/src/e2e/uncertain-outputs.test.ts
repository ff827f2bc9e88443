/** Outputs whose outcome nobody knows: how a person sees them, answers them, and what follows outside. */
import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import type { Order } from "./support/payments.ts";
import { PAYOUT_WORKFLOWS } from "./support/payouts.ts";
import { OPERATOR } from "./support/stage.ts";
import { useStage } from "./support/use-stage.ts";

const shared = useStage();

const EVIDENCE = "What you looked at, and what you found";

/** An order comes in, and is paid through the bank, which never answers. */
async function leaveUnknown(order: Pick<Order, "number" | "customer">, effect: "with" | "without"): Promise<void> {
  const { engine, world } = shared.stage;
  world.payments.orders.splice(0, Infinity, { ...order, amount: 120, through: "bank" });
  world.payments.transfers.script(effect === "with" ? "timeout-after-send" : "timeout-without-effect");
  await engine.runNow("payments");
  await engine.whenIdle();
}

const entry = (page: Page, title: string) => page.getByRole("article", { name: title });
const toast = (page: Page, text: string) => page.getByRole("status").getByText(text);

/** How often the bank was called for an order, and how often the money went. */
function atTheBank(number: string): { calls: number; effects: number } {
  const { calls, effects } = shared.stage.world.payments.transfers;
  const ofOrder = (each: { params: Order }) => each.params.number === number;
  return { calls: calls.filter(ofOrder).length, effects: effects.filter(ofOrder).length };
}

test("what timed out appears by itself, and is done once more when a person finds that it did not happen", async () => {
  const { page, open, settled } = await shared.visit();
  await open("/attention");
  await page.getByText("Nothing needs you").waitFor();

  await leaveUnknown({ number: "11", customer: "Adler" }, "without");

  const unknown = entry(page, "Pay order 11 of Adler");
  await unknown.getByRole("group", { name: "Parameters" }).getByText("120").waitFor();
  await unknown.getByText(/can't be asked what became of it/).waitFor();
  await unknown.getByText(/Look on the other side of "bank"/).waitFor();
  expect(atTheBank("11")).toEqual({ calls: 1, effects: 0 });

  await unknown.getByRole("button", { name: "It did not happen" }).click();
  const dialog = page.getByRole("dialog", { name: /It did not happen/ });
  await dialog.getByRole("list", { name: "What follows" }).waitFor();
  await dialog.getByLabel(EVIDENCE).fill("Statement of today: no such transfer");
  await dialog.getByRole("button", { name: "Record that it did not happen" }).click();
  await page.getByText("Nothing needs you").waitFor();
  await shared.stage.engine.whenIdle();
  expect(atTheBank("11")).toEqual({ calls: 2, effects: 1 });

  await page.getByRole("link", { name: "Inputs", exact: true }).first().click();
  await page.getByRole("link", { name: "Order 11 of Adler" }).click();
  await page.getByRole("heading", { level: 1, name: "Order 11 of Adler" }).waitFor();
  await settled();
  const story = page.getByRole("list", { name: "What came of the input, in the order of time" });
  const happened = await story.getByRole("listitem").allTextContents();
  const payments = happened.filter((line) => line.includes("Pay order 11"));
  expect(
    payments.map((line) =>
      line
        .replace(/^.*Adler" /, "")
        .replace(/(now|\d+ (s|ms|min)).*$/, "")
        .trim(),
    ),
  ).toEqual(["was sent", `did not happen, says ${OPERATOR}`, "was sent", "happened"]);

  await page.getByRole("link", { name: "Audit" }).click();
  const decision = page.getByRole("row").filter({ hasText: "output.resolve" });
  await decision.filter({ hasText: OPERATOR }).filter({ hasText: "dashboard" }).filter({ hasText: "Done" }).waitFor();
  await decision.getByText("Show").click();
  await decision.getByText("Statement of today: no such transfer").waitFor();
  await decision.getByText("did_not_happen").waitFor();
});

test("what a person found done goes on with the result that they give, and is not done again", async () => {
  const { page, open } = await shared.visit();
  await leaveUnknown({ number: "12", customer: "Brunner" }, "with");
  await open("/attention");
  await entry(page, "Pay order 12 of Brunner").getByRole("button", { name: "It happened" }).click();
  const dialog = page.getByRole("dialog", { name: /It happened/ });
  await dialog.getByLabel(EVIDENCE).fill("It is on the statement");
  await dialog.getByLabel(/What the call would have given/).fill('{ "reference": "S-4711" ');
  expect(await dialog.getByRole("button", { name: "Record that it happened" }).isDisabled()).toBe(true);
  await dialog.getByLabel(/What the call would have given/).fill('{ "reference": "S-4711" }');
  await dialog.getByRole("button", { name: "Record that it happened" }).click();
  await toast(page, "Recorded: it happened").waitFor();
  await shared.stage.engine.whenIdle();
  expect(atTheBank("12")).toEqual({ calls: 1, effects: 1 });
  const confirmed = shared.stage.world.payments.confirmations.effects.map(({ params }) => params.number);
  expect(confirmed).toContain("12");

  await open("/outputs?text=Brunner&connector=bank");
  await page.getByRole("link", { name: "Pay order 12 of Brunner" }).click();
  await page.getByRole("group", { name: "Result" }).getByText("S-4711").waitFor();
});

test("what a person skips is neither done again nor confirmed", async () => {
  const { page, open } = await shared.visit();
  await leaveUnknown({ number: "13", customer: "Café" }, "without");
  await open("/attention");
  await entry(page, "Pay order 13 of Café").getByRole("button", { name: "Skip" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Skip it" }).click();
  await page.getByText("Nothing needs you").waitFor();
  await shared.stage.engine.whenIdle();
  expect(atTheBank("13")).toEqual({ calls: 1, effects: 0 });
  const confirmed = shared.stage.world.payments.confirmations.effects.map(({ params }) => params.number);
  expect(confirmed).not.toContain("13");
  await open("/attention?state=resolved");
  await entry(page, "Pay order 13 of Café")
    .getByText(/settled/)
    .waitFor();
});

test("a connector that can be asked settles what it can without anybody", async () => {
  const { page, open } = await shared.visit();
  const { engine, world } = shared.stage;
  await open("/outputs?connector=card");
  world.payments.orders.splice(0, Infinity, { number: "14", customer: "Dvořák", amount: 9, through: "card" });
  world.payments.charges.script("timeout-after-send");
  await engine.runNow("payments");
  const row = page.getByRole("row").filter({ hasText: "Charge order 14 to Dvořák" });
  await row.getByText("Happened").waitFor();
  expect(world.payments.charges.effects).toHaveLength(1);
  expect((await engine.needsAttention()).map(({ notification }) => notification.kind)).toEqual([]);
});

test("what a connector can't tell is asked again by hand", async () => {
  const { page, open } = await shared.visit();
  const { engine, world } = shared.stage;
  world.payments.orders.splice(0, Infinity, { number: "15", customer: "Elif", amount: 9, through: "card" });
  world.payments.charges.script("timeout-after-send");
  world.payments.charges.answer("inconclusive");
  await engine.runNow("payments");
  await open("/attention");
  await entry(page, "Charge order 15 to Elif").getByRole("button", { name: "Ask the connector again" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Ask again" }).click();
  await page.getByText("Nothing needs you").waitFor();
  const ofElif = world.payments.charges.effects.filter(({ params }) => params.customer === "Elif");
  expect(ofElif).toHaveLength(1);
});

test("after an outage many are answered at once, counted first", async () => {
  const { page, open } = await shared.visit();
  const { engine, world } = shared.stage;
  world.payouts.payouts.script(...PAYOUT_WORKFLOWS.map(() => "timeout-without-effect" as const));
  for (const name of PAYOUT_WORKFLOWS) {
    await engine.publish(name, "due", { messageId: name, payload: { to: name, amount: 300 } });
  }
  await engine.whenIdle();
  await open("/attention");
  await page.getByRole("button", { name: "Answer an outage" }).click();
  const panel = page.getByRole("region", { name: "Answer an outage" });
  const connector = panel.getByRole("combobox", { name: "Connector" });
  expect(await connector.inputValue()).toBe("clearing: 3 unknown outcomes");
  await panel.getByRole("radio", { name: "It did not happen" }).check();
  await panel.getByRole("button", { name: "Show what it would be about" }).click();
  await panel.getByRole("status").filter({ hasText: "3 outputs would be answered" }).waitFor();
  expect(world.payouts.payouts.calls).toHaveLength(3);

  await panel.getByRole("button", { name: "Answer 3 outputs" }).click();
  const dialog = page.getByRole("dialog", { name: /It did not happen/ });
  const confirm = dialog.getByRole("button", { name: "Answer 3 outputs" });
  expect(await confirm.isDisabled()).toBe(true);
  await dialog.getByLabel(EVIDENCE).fill("The clearing house was down from nine to ten");
  await confirm.click();
  await panel.getByText("3 of 3 outputs answered").waitFor();
  await engine.whenIdle();
  expect(world.payouts.payouts.effects.map(({ params }) => params.to).toSorted()).toEqual([...PAYOUT_WORKFLOWS]);
});
