/** What is shown follows the host by itself, and does not get into the way of who reads it. */
import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import { layoutShift, scrolledTo, startWatchingShifts } from "./support/page-scripts.ts";
import { TOKEN } from "./support/stage.ts";
import { useStage } from "./support/use-stage.ts";

const shared = useStage();

/** Orders that are paid without anybody. */
async function ordersCome(...numbers: readonly string[]): Promise<void> {
  const { engine } = shared.stage;
  for (const number of numbers) {
    const payload = { number, customer: `Customer ${number}`, amount: 5, through: "bank" };
    const input = { source: "shop", type: "order", externalId: number, title: `Order ${number}` };
    await engine.publish("payments", "ordered", { messageId: number, payload, input });
  }
  await engine.whenIdle();
}

const row = (page: Page, text: string) => page.getByRole("row").filter({ hasText: text });
const live = (page: Page, state: string) => page.getByRole("status").filter({ hasText: new RegExp(`^${state}$`) });

test("what comes in appears in the list without a reload", async () => {
  const { page, open } = await shared.visit();
  await open("/inputs");
  await live(page, "Live").waitFor();
  let loads = 0;
  page.on("load", () => (loads += 1));
  await ordersCome("L1");
  await row(page, "Order L1").waitFor();
  await page.getByRole("link", { name: "Outputs", exact: true }).click();
  await row(page, "Pay order L1 of Customer L1").getByText("Happened").waitFor();
  expect(loads).toBe(0);
});

test("what needs a person is counted in the navigation as it happens", async () => {
  const { page, open } = await shared.visit();
  const { engine, world } = shared.stage;
  await open("/workflows");
  await live(page, "Live").waitFor();
  world.letters.due.push({ to: "Dora", text: "Dear Dora" });
  await engine.runNow("letters");
  await page.getByRole("link", { name: "Needs attention 1 open" }).waitFor();
  await row(page, "letters")
    .getByText(/approv|1/i)
    .first()
    .waitFor();
});

test("new rows take neither the focus nor the place in the page from who reads", async () => {
  const { page, open } = await shared.visit({ height: 500 });
  await ordersCome(...Array.from({ length: 25 }, (_, index) => `S${index}`));
  await open("/outputs");
  await live(page, "Live").waitFor();
  const link = page.getByRole("link", { name: "Pay order S15 of Customer S15" });
  await link.focus();
  await link.scrollIntoViewIfNeeded();
  const before = await link.boundingBox();
  await page.evaluate(startWatchingShifts);
  await ordersCome("S99");
  await row(page, "Pay order S99").first().waitFor();
  expect(await link.evaluate((element) => element === document.activeElement)).toBe(true);
  const after = await link.boundingBox();
  expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThanOrEqual(1);
  expect(await page.evaluate(scrolledTo)).toBeGreaterThan(0);
});

test("an update of what is shown moves nothing", async () => {
  const { page, open } = await shared.visit();
  await open("/workflows/payments");
  await live(page, "Live").waitFor();
  await page.evaluate(startWatchingShifts);
  await ordersCome("M1", "M2");
  await page.getByRole("table").getByRole("row").filter({ hasText: "confirm" }).first().waitFor();
  await shared.stage.engine.runNow("payments");
  await shared.stage.engine.whenIdle();
  expect(await page.evaluate(layoutShift)).toBeLessThan(0.02);
});

test("a page whose line to the host broke says so, and catches up when it is mended", async () => {
  const { page, open } = await shared.visit();
  const { line } = shared.stage;
  await open("/inputs");
  await live(page, "Live").waitFor();
  line.cut();
  await live(page, "Reconnecting").waitFor();
  await ordersCome("R1");
  line.mend();
  await row(page, "Order R1").waitFor();
  await live(page, "Live").waitFor();
});

test("a page whose host began anew leads to the login, which is all that the new one asks for", async () => {
  const { page, open } = await shared.visit();
  await open("/inputs");
  await live(page, "Live").waitFor();
  await shared.stage.restartHost(async () => {
    await live(page, "Reconnecting").waitFor();
    await ordersCome("R2");
  });
  await page.getByRole("heading", { level: 1, name: "Sign in to Millrace" }).waitFor();
  await page.getByLabel("Access token").fill(TOKEN);
  await page.getByRole("button", { name: "Sign in" }).click();
  await row(page, "Order R2").waitFor();
});
