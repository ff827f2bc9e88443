/** Every view of some hours' history: usable by everybody, light and dark and on a phone, and safe from what it shows. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import { nextFrame, overflow } from "./support/page-scripts.ts";
import { livedFor, workflowsOfToday } from "./support/past.ts";
import { createWorld, engineOptionsOf } from "./support/stage.ts";
import { useStage } from "./support/use-stage.ts";
import { pathOf, VIEW_NAMES } from "./support/views.ts";

const shared = useStage(() => {
  const world = createWorld();
  return { world, engine: { ...engineOptionsOf(world), workflows: workflowsOfToday(world) }, past: livedFor(4) };
});

const CONTRAST = "color-contrast";

type Rules = Record<string, { enabled: boolean }>;

/** What axe finds that keeps somebody from using the page, in a line each. */
async function barriers(page: Page, look: { only?: string; rules?: Rules }): Promise<string[]> {
  const { only, rules } = look;
  const options = {
    resultTypes: ["violations" as const],
    ...(only !== undefined && { runOnly: [only] }),
    ...(rules && { rules }),
  };
  // Nothing is in frames: the mode without a page of its own for the results is enough.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().options(options).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
}

/** Whether a view shows hostile things above all. */
const isHostile = (name: string) => name.endsWith("hostile");

test.each(VIEW_NAMES.filter((name) => !isHostile(name)))(
  "the view %s has no barrier and fits the page",
  async (name) => {
    const { page, open, settled } = await shared.visit();
    await open(await pathOf(name, shared.stage.engine));
    const light = await barriers(page, {});
    await page.emulateMedia({ colorScheme: "dark" });
    await page.evaluate(nextFrame);
    const dark = await barriers(page, { only: CONTRAST });
    await page.setViewportSize({ width: 390, height: 844 });
    await settled();
    // The colours are the same as on a wide page.
    const narrow = await barriers(page, { rules: { [CONTRAST]: { enabled: false } } });
    const excess = await page.evaluate(overflow);
    expect({ light, dark, narrow, excess }).toEqual({ light: [], dark: [], narrow: [], excess: 0 });
  },
);

// What has run, and what the content security policy refused, is looked at when the visitor leaves (use-stage.ts).
test.each(VIEW_NAMES.filter(isHostile))("the view %s runs nothing of what comes from outside", async (name) => {
  const { page, open, showAll } = await shared.visit({ width: 390, height: 844 });
  await open(await pathOf(name, shared.stage.engine));
  await showAll();
  expect(await page.locator('[href^="javascript:" i], [src^="javascript:" i]').count()).toBe(0);
  expect(await page.evaluate(overflow)).toBe(0);
});
