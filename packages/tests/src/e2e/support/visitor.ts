/** A person at the dashboard: a page of a browser context of its own, watched for what must never happen. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import type { Stage } from "./stage.ts";

/** How long a page is waited for: far longer than it takes, on a machine that does other things as well. */
const PATIENCE_MS = 20_000;

export interface Visitor {
  readonly page: Page;
  /** What the browser complained about: refused by the content security policy, dialogs, errors of scripts. */
  readonly complaints: string[];
  /** Goes to a view as if its address were typed in. */
  open(path: string): Promise<void>;
  close(): Promise<void>;
}

export interface VisitorOptions {
  theme?: "light" | "dark";
  width?: number;
  height?: number;
  /** Stays at the door. Default: comes in through a one-time login address, as the host prints it. */
  signIn?: boolean;
}

export async function visit(browser: Browser, stage: Stage, options: VisitorOptions = {}): Promise<Visitor> {
  const { theme = "light", width = 1280, height = 900, signIn = true } = options;
  const settings: BrowserContextOptions = {
    baseURL: stage.url,
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: "reduce",
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
  };
  const context = await browser.newContext(settings);
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints = watch(page);
  const open = async (path: string) => {
    await page.goto(path);
    await settled(page);
  };
  if (signIn) {
    await page.goto(stage.loginUrl());
    await page
      .getByRole("navigation", { name: "Main" })
      .or(page.getByRole("button", { name: "Open navigation" }))
      .first()
      .waitFor();
  }
  return { page, complaints, open, close: () => context.close() };
}

/** Waits until a view has its title and nothing of it is loading any more. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForFunction(() => document.querySelector('[role="status"][aria-label="Loading"]') === null);
}

function watch(page: Page): string[] {
  const complaints: string[] = [];
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
  page.on("console", (message) => {
    if (/content security policy|refused to/i.test(message.text())) complaints.push(`policy: ${message.text()}`);
  });
  return complaints;
}
