/** A person at the dashboard: a page of a browser context of its own, watched for what must never happen. */
import type { Browser, BrowserContext, BrowserContextOptions, Page, Request } from "playwright-core";
import { nextFrame, nothingLoads, pageHeight } from "./page-scripts.ts";
import type { Stage } from "./stage.ts";

/** How long a page is waited for: far longer than it takes, on a machine that does other things as well. */
const PATIENCE_MS = 20_000;
const MOST_FRAMES = 2_000;

export interface Visitor {
  readonly page: Page;
  /** What the browser complained about: refused by the content security policy, dialogs, errors of scripts. */
  readonly complaints: string[];
  /** Goes to a view as if its address were typed in. */
  open(path: string): Promise<void>;
  /** Waits until a view is there with all that it asks for. */
  settled(): Promise<void>;
  /** Makes the window as high as the page, until another view is opened. */
  showAll(): Promise<void>;
  close(): Promise<void>;
}

export type StorageState = Awaited<ReturnType<BrowserContext["storageState"]>>;

export interface VisitorOptions {
  theme?: "light" | "dark";
  width?: number;
  height?: number;
  /** The cookies of somebody who is in already. Default: comes in by the door. */
  session?: StorageState;
  /** Stays at the door. Default: comes in through a one-time login address, as the host prints it. */
  signIn?: boolean;
}

export async function visit(browser: Browser, stage: Stage, options: VisitorOptions = {}): Promise<Visitor> {
  const { theme = "light", width = 1280, height = 900, session, signIn = session === undefined } = options;
  const settings: BrowserContextOptions = {
    baseURL: stage.url,
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: "reduce",
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    ...(session && { storageState: session }),
  };
  const context = await browser.newContext(settings);
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints = watch(page);
  const underWay = watchRequests(page);
  const settled = () => settle(page, underWay);
  const open = async (path: string) => {
    await page.setViewportSize({ width, height });
    await page.goto(path);
    await settled();
  };
  const showAll = async () => {
    const { width: present } = page.viewportSize() ?? { width };
    await page.setViewportSize({ width: present, height: Math.max(height, await page.evaluate(pageHeight)) });
    await settled();
    // What draws charts is fetched when one is first shown, and its place stays empty meanwhile.
    for (const chart of await page.getByRole("figure").all()) await chart.locator("svg").first().waitFor();
  };
  if (signIn) {
    await page.goto(stage.loginUrl());
    await page
      .getByRole("navigation", { name: "Main" })
      .or(page.getByRole("button", { name: "Open navigation" }))
      .first()
      .waitFor();
  }
  return { page, complaints, open, settled, showAll, close: () => context.close() };
}

/** Waits until a view has its title, nothing of it is loading any more, and nothing more is being asked for. */
async function settle(page: Page, underWay: ReadonlySet<Request>): Promise<void> {
  await page.getByRole("heading", { level: 1 }).waitFor();
  for (let frames = 0; frames < MOST_FRAMES; frames += 1) {
    await page.evaluate(nextFrame);
    if (underWay.size === 0 && (await page.evaluate(nothingLoads))) return;
  }
  throw new Error(`${page.url()} goes on loading: ${[...underWay].map((request) => request.url()).join(", ")}`);
}

/** The requests that are under way, but for the stream of changes, which has no end. */
function watchRequests(page: Page): ReadonlySet<Request> {
  const underWay = new Set<Request>();
  page.on("request", (request) => {
    if (!request.url().endsWith("/api/changes")) underWay.add(request);
  });
  page.on("requestfinished", (request) => underWay.delete(request));
  page.on("requestfailed", (request) => underWay.delete(request));
  return underWay;
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
