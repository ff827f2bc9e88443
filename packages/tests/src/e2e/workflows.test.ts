/** What a person does with workflows, inputs and past runs. */
import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import { useStage } from "./support/use-stage.ts";

const shared = useStage();

const entry = (page: Page, title: string) => page.getByRole("article", { name: title });

async function letterIsDue(to: string): Promise<void> {
  const { engine, world } = shared.stage;
  world.letters.due.splice(0, Infinity, { to, text: `Dear ${to}` });
  await engine.runNow("letters");
  await engine.whenIdle();
}

const sentTo = () => shared.stage.world.letters.sent.effects.map(({ params }) => params.to);

test("a letter is sent only after a person approved its very words", async () => {
  const { page, open } = await shared.visit();
  await letterIsDue("Anna");
  await open("/attention");
  const letter = entry(page, "Write to Anna");
  await letter.getByRole("group", { name: "Parameters" }).getByText("Dear Anna").waitFor();
  expect(sentTo()).not.toContain("Anna");
  await letter.getByRole("button", { name: "Approve" }).click();
  const dialog = page.getByRole("dialog", { name: /Approve/ });
  await dialog.getByText("Dear Anna").waitFor();
  await dialog.getByLabel("Why").fill("It is in the contract");
  await dialog.getByRole("button", { name: "Approve and send" }).click();
  await page.getByText("Nothing needs you").waitFor();
  await shared.stage.engine.whenIdle();
  expect(sentTo()).toContain("Anna");
});

test("a rejected letter is never sent", async () => {
  const { page, open } = await shared.visit();
  await letterIsDue("Bo");
  await open("/attention");
  await entry(page, "Write to Bo").getByRole("button", { name: "Reject" }).click();
  await page
    .getByRole("dialog", { name: /Reject/ })
    .getByRole("button", { name: "Reject it" })
    .click();
  await page.getByText("Nothing needs you").waitFor();
  await shared.stage.engine.whenIdle();
  expect(sentTo()).not.toContain("Bo");
  await open("/outputs?connector=post");
  await page.getByRole("link", { name: "Write to Bo" }).click();
  await page.getByText(/rejected it. Nothing was sent/).waitFor();
});

test("nothing more is done because of an input that a person skipped", async () => {
  const { page, open, settled } = await shared.visit();
  await letterIsDue("Carla");
  await open("/inputs?text=Carla");
  await page.getByRole("link", { name: "A letter to Carla" }).click();
  await page.getByRole("heading", { level: 1, name: "A letter to Carla" }).waitFor();
  await page.getByRole("button", { name: "Skip" }).click();
  await page.getByRole("dialog", { name: /Skip/ }).getByRole("button", { name: "Skip the input" }).click();
  await page.getByText("A person decided that nothing more is done because of it").waitFor();
  await shared.stage.engine.whenIdle();
  expect(sentTo()).not.toContain("Carla");
  await open("/attention");
  await settled();
  await page.getByText("Nothing needs you").waitFor();
});

test("a workflow is told to run now, with the producers that a person chooses", async () => {
  const { page, open } = await shared.visit();
  const { world } = shared.stage;
  world.invoices.mails.push({ from: "Stadtwerke", subject: "Invoice 1" });
  await open("/workflows/invoices");
  await page.getByRole("button", { name: "Run now" }).click();
  const dialog = page.getByRole("dialog", { name: "Run invoices now" });
  await dialog.getByRole("checkbox", { name: "pollFeed" }).uncheck();
  await dialog.getByRole("button", { name: "Run 1 of 2" }).click();
  await page
    .getByRole("list", { name: "Inputs by source" })
    .getByRole("link", { name: /inbox mail 1 input/ })
    .waitFor();
  const connectors = page.getByRole("list", { name: "Outputs by connector" });
  await connectors.getByRole("link", { name: /sheet append 1 happened/ }).waitFor();
  await connectors.getByRole("link", { name: /chat post 1 happened/ }).waitFor();
});

test("a paused workflow starts nothing until it is resumed", async () => {
  const { page, open } = await shared.visit();
  const { engine, world } = shared.stage;
  await open("/workflows/payments");
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("dialog", { name: "Pause payments" }).getByRole("button", { name: "Pause" }).click();
  await page.getByText("Paused: it starts no runs until it is resumed.").waitFor();
  const order = { number: "21", customer: "Adler", amount: 5, through: "bank" } as const;
  await engine.publish("payments", "ordered", { messageId: "21", payload: order });
  await engine.whenIdle();
  expect(world.payments.transfers.calls).toHaveLength(0);
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await page
    .getByRole("list", { name: "Outputs by connector" })
    .getByRole("link", { name: /bank transfer/ })
    .waitFor();
  expect(world.payments.transfers.effects).toHaveLength(1);
});

test("a replay does not cross an effect before it was allowed, and then repeats it", async () => {
  const { page, open } = await shared.visit();
  const { engine, world } = shared.stage;
  const before = world.payments.transfers.effects.length;
  const order = { number: "31", customer: "Brunner", amount: 5, through: "bank" } as const;
  await engine.publish("payments", "ordered", { messageId: "31", payload: order });
  await engine.whenIdle();
  await open("/outputs?connector=bank&text=order%2031");
  await page.getByRole("link", { name: "Pay order 31 of Brunner" }).click();
  await page.getByRole("table", { name: "The attempts, in order" }).getByRole("link", { name: "pay" }).click();
  await page.getByRole("link", { name: "Replay" }).click();
  await page.getByRole("radio", { name: "From prepare" }).check();
  const replay = page.getByRole("button", { name: "Replay" });
  await page.getByText("Allow each effect that would be repeated first: 1 effect to go.").waitFor();
  expect(await replay.isDisabled()).toBe(true);

  await page.getByRole("checkbox", { name: "I allow “Pay order 31 of Brunner” to happen again" }).check();
  await replay.click();
  const dialog = page.getByRole("dialog", { name: /Replay this run of pay/ });
  await dialog.getByText("“Pay order 31 of Brunner” may happen a second time.").waitFor();
  await dialog.getByLabel("Why").fill("The bank lost it");
  await dialog.getByRole("button", { name: "Replay the run" }).click();
  await page.getByText("A replay").first().waitFor();
  await engine.whenIdle();
  expect(world.payments.transfers.effects).toHaveLength(before + 2);
});
