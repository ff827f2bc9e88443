/** Every view of a day's history: usable by everybody, at every width, and safe from what it shows. */
import { AxeBuilder } from "@axe-core/playwright";
import { beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { hasBeenAttacked, overflow } from "./support/page-scripts.ts";
import { livedFor, workflowsOfToday } from "./support/past.ts";
import { createWorld, engineOptionsOf } from "./support/stage.ts";
import { useStage } from "./support/use-stage.ts";
import { viewsOf, type View } from "./support/views.ts";
import type { Visitor } from "./support/visitor.ts";

const shared = useStage(() => {
  const world = createWorld();
  return { world, engine: { ...engineOptionsOf(world), workflows: workflowsOfToday(world) }, past: livedFor(6) };
});
let views: View[];
beforeAll(async () => {
  views = await viewsOf(shared.stage);
});

const HOSTILE_VIEW = /hostile/;

/** What axe finds that keeps somebody from using the page, in a line each. */
async function barriers(page: Page, rules?: string[]): Promise<string[]> {
  const options = { resultTypes: ["violations" as const], ...(rules && { runOnly: rules }) };
  // Nothing is in frames: the mode without a page of its own for each result is enough.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().options(options).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
}

/** Opens every view of a kind, and gives what is wrong with each. */
async function inspect(
  { open }: Visitor,
  wanted: (view: View) => boolean,
  look: () => Promise<string[]>,
): Promise<Record<string, string[]>> {
  const faults: Record<string, string[]> = {};
  for (const { name, path } of views.filter(wanted)) {
    await open(path);
    const found = await look();
    if (found.length > 0) faults[name] = found;
  }
  return faults;
}

test("no view has a barrier for anybody, on a wide page, light or dark", async () => {
  const visitor = await shared.visit();
  const faults = await inspect(
    visitor,
    ({ name }) => !HOSTILE_VIEW.test(name),
    async () => {
      await visitor.page.emulateMedia({ colorScheme: "light" });
      const light = await barriers(visitor.page);
      await visitor.page.emulateMedia({ colorScheme: "dark" });
      const dark = await barriers(visitor.page, ["color-contrast"]);
      return [...light, ...dark.map((fault) => `dark: ${fault}`)];
    },
  );
  expect(faults).toEqual({});
});

test("no view has a barrier for anybody, or is wider than the page, on a narrow page", async () => {
  const visitor = await shared.visit({ width: 390, height: 844 });
  const faults = await inspect(
    visitor,
    ({ name }) => !HOSTILE_VIEW.test(name),
    async () => {
      const excess = await visitor.page.evaluate(overflow);
      return [...(await barriers(visitor.page)), ...(excess > 0 ? [`it is ${excess} pixels too wide`] : [])];
    },
  );
  expect(faults).toEqual({});
});

test("nothing of what comes from outside runs in any view", async () => {
  const visitor = await shared.visit({ width: 390, height: 844 });
  const faults = await inspect(
    visitor,
    () => true,
    async () => {
      await visitor.showAll();
      const attacked = await visitor.page.evaluate(hasBeenAttacked);
      const links = await visitor.page.locator('[href^="javascript:" i], [src^="javascript:" i]').count();
      const excess = await visitor.page.evaluate(overflow);
      return [
        ...(attacked ? ["hostile text has run"] : []),
        ...(links > 0 ? ["hostile text has become a link"] : []),
        ...(excess > 0 ? [`it is ${excess} pixels too wide`] : []),
        ...visitor.complaints.splice(0),
      ];
    },
  );
  expect(faults).toEqual({});
});
