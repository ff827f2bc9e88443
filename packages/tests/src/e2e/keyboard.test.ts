/** Without a mouse: everything is reached and done by the keyboard alone. */
import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import { focusedName, focusIsOn } from "./support/page-scripts.ts";
import { TOKEN } from "./support/stage.ts";
import { useStage } from "./support/use-stage.ts";

const shared = useStage();
/** More stops than any page has. */
const MOST_STOPS = 120;

/** Goes on with Tab until what has the focus is called so. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let stops = 0; stops < MOST_STOPS; stops += 1) {
    const focused = await page.evaluate(focusedName);
    if (name.test(focused)) return;
    passed.push(focused);
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${name}; it leads to: ${passed.join(", ")}`);
}

test("somebody without a mouse signs in, finds what needs them, and answers it", async () => {
  const { engine, world } = shared.stage;
  world.payments.orders.push({ number: "41", customer: "Adler", amount: 5, through: "bank" });
  world.payments.transfers.script("timeout-without-effect");
  await engine.runNow("payments");
  await engine.whenIdle();
  const { page, settled } = await shared.visit({ signIn: false });
  await page.goto("/");
  await page.getByRole("heading", { level: 1, name: "Sign in to Millrace" }).waitFor();
  await tabTo(page, /Access token/);
  await page.keyboard.type(TOKEN);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();

  await tabTo(page, /^Needs attention/);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Needs attention" }).waitFor();
  await settled();
  expect(await page.evaluate(focusedName)).toBe("Needs attention");

  await tabTo(page, /^It did not happen/);
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: /It did not happen/ });
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await page.waitForFunction(focusIsOn, "It did not happen");

  await page.keyboard.press("Enter");
  await dialog.waitFor();
  await tabTo(page, /What you looked at/);
  await page.keyboard.type("Looked at the statement");
  await tabTo(page, /^Record that it did not happen/);
  await page.keyboard.press("Enter");
  await page.getByText("Nothing needs you").waitFor();
  await engine.whenIdle();
  expect(world.payments.transfers.effects).toHaveLength(1);
  expect(await page.evaluate(focusedName)).not.toBe("");
});

test("the way past the navigation leads to the content", async () => {
  const { page, open } = await shared.visit();
  await open("/workflows");
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Workflows" }).waitFor();
  await page.getByRole("link", { name: "Skip to content" }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  const inside = page.getByRole("main").locator(":focus");
  await inside.waitFor();
});

test("on a narrow page the navigation opens, leads on and closes by the keyboard", async () => {
  const { page, open } = await shared.visit({ width: 390, height: 844 });
  await open("/");
  await page.getByRole("button", { name: "Open navigation" }).focus();
  await page.keyboard.press("Enter");
  const navigation = page.getByRole("dialog").getByRole("navigation", { name: "Main" });
  await navigation.waitFor();
  await page.keyboard.press("Escape");
  await navigation.waitFor({ state: "hidden" });
  await page.waitForFunction(focusIsOn, "Open navigation");
  await page.keyboard.press("Enter");
  await navigation.waitFor();
  await tabTo(page, /^Audit$/);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Audit" }).waitFor();
  await navigation.waitFor({ state: "hidden" });
});
