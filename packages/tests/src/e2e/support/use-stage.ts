/** One stage and one browser for all tests of a file; a person of its own for each test. */
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { Browser } from "playwright-core";
import { launchChromium } from "./chromium.ts";
import { hasBeenAttacked } from "./page-scripts.ts";
import { openStage, type Stage, type StageOptions } from "./stage.ts";
import { visit, type StorageState, type Visitor, type VisitorOptions } from "./visitor.ts";

export interface SharedStage {
  /** The stage, once it stands. */
  readonly stage: Stage;
  /**
   * Somebody new at the dashboard. The first comes in through a one-time login address, as the host prints it, the others
   * with the same session, unless `signIn` is said. Whoever came in a test leaves after it, and nothing must have gone wrong.
   */
  visit(options?: VisitorOptions): Promise<Visitor>;
}

export function useStage(options: () => StageOptions = () => ({})): SharedStage {
  let stage: Stage | undefined;
  let browser: Browser | undefined;
  let session: StorageState | undefined;
  let visitors: Visitor[] = [];
  beforeAll(async () => {
    [stage, browser] = await Promise.all([openStage(options()), launchChromium()]);
  });
  afterEach(async () => {
    const present = visitors;
    visitors = [];
    for (const { page, complaints, close } of present) {
      const attacked = await page.evaluate(hasBeenAttacked);
      await close();
      expect({ complaints, attacked }).toEqual({ complaints: [], attacked: false });
    }
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });
  return {
    get stage() {
      if (!stage) throw new Error("The stage stands only while tests run.");
      return stage;
    },
    async visit(visitorOptions = {}) {
      if (!stage || !browser) throw new Error("Somebody can come only while tests run.");
      const known = session && visitorOptions.signIn === undefined ? { session } : {};
      const visitor = await visit(browser, stage, { ...known, ...visitorOptions });
      visitors.push(visitor);
      if (visitorOptions.signIn !== false) session ??= await visitor.page.context().storageState();
      return visitor;
    },
  };
}
