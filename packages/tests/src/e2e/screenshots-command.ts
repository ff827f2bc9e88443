/**
 * `npm run screenshots`: a picture of every view of the dashboard, light, dark and on a narrow page, into
 * out/screenshots. Names of views (`overview run`) make pictures of these alone.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Browser } from "playwright-core";
import { launchChromium } from "./support/chromium.ts";
import { livedFor, workflowsOfToday } from "./support/past.ts";
import { createWorld, engineOptionsOf, openStage, type Stage } from "./support/stage.ts";
import { pathOf, VIEW_NAMES, type ViewName } from "./support/views.ts";
import { visit, type VisitorOptions } from "./support/visitor.ts";

const FOLDER = resolve("out", "screenshots");

/** The one view of those who are not signed in. */
const LOGIN = "login";

const LOOKS: readonly (VisitorOptions & { name: string })[] = [
  { name: "light", theme: "light" },
  { name: "dark", theme: "dark" },
  { name: "narrow", theme: "light", width: 390, height: 844 },
  { name: "narrow-dark", theme: "dark", width: 390, height: 844 },
];

async function main(names: readonly string[]): Promise<void> {
  const world = createWorld();
  const workflows = workflowsOfToday(world);
  const stage = await openStage({ world, engine: { ...engineOptionsOf(world), workflows }, past: livedFor(24) });
  const browser = await launchChromium();
  try {
    const all = [...VIEW_NAMES, LOGIN] as const;
    const views = names.length === 0 ? all : all.filter((name) => names.includes(name));
    if (names.length === 0) rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    for (const look of LOOKS) await photograph(browser, stage, views, look);
    console.log(`${views.length * LOOKS.length} pictures are in ${FOLDER}`);
  } finally {
    await browser.close();
    await stage.close();
  }
}

async function photograph(
  browser: Browser,
  stage: Stage,
  views: readonly (ViewName | typeof LOGIN)[],
  look: VisitorOptions & { name: string },
): Promise<void> {
  const inside = await visit(browser, stage, look);
  const outside = await visit(browser, stage, { ...look, signIn: false });
  for (const name of views) {
    const visitor = name === LOGIN ? outside : inside;
    await visitor.open(name === LOGIN ? "/login" : await pathOf(name, stage.engine));
    await visitor.showAll();
    await visitor.page.screenshot({ path: join(FOLDER, `${name}-${look.name}.png`) });
  }
  await inside.close();
  await outside.close();
}

await main(process.argv.slice(2));
