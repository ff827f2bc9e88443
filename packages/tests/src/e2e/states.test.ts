/** The other faces of the views: nothing there yet, loading, failing, signed out; and what an address remembers. */
import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import { createDoor } from "../support/door.ts";
import { motionsOfTurningDark } from "./support/page-scripts.ts";
import { TOKEN } from "./support/stage.ts";
import { useStage } from "./support/use-stage.ts";

const shared = useStage(() => ({ engine: { workflows: [] } }));

const heading = (page: Page, name: string) => page.getByRole("heading", { level: 1, name });

/** What each list says on a fresh database. */
const EMPTY: readonly (readonly [path: string, text: string])[] = [
  ["/", "Nothing waits for a person"],
  ["/attention", "Nothing needs you"],
  ["/workflows", "No workflow is deployed yet"],
  ["/inputs", "Nothing has come in yet"],
  ["/outputs", "Nothing has been done outside yet"],
  ["/runs", "Nothing has run yet"],
  ["/events", "Nothing has been published yet"],
  ["/jobs", "There is no job yet"],
  ["/dead-letters", "Nothing failed for good"],
  ["/audit", "Nobody did anything yet"],
];

test("on a fresh database each view says that there is nothing yet", async () => {
  const { page, open } = await shared.visit();
  for (const [path, text] of EMPTY) {
    await open(path);
    await page.getByRole("main").getByText(text).first().waitFor();
  }
});

test("a view that waits for its answer says so, and then shows it", async () => {
  const { page } = await shared.visit();
  const door = createDoor();
  await page.route("**/api/inputs*", async (route) => {
    await door.pass();
    await route.continue();
  });
  await page.goto("/inputs");
  await page.getByRole("main").getByRole("status", { name: "Loading" }).waitFor();
  door.open();
  await page.getByText("Nothing has come in yet").waitFor();
});

test("a view whose answer fails says what is wrong, and tries again when it is told to", async () => {
  const { page } = await shared.visit();
  const problem = { type: "about:blank", title: "The database is busy", status: 503, detail: "Try again in a moment." };
  await page.route("**/api/inputs*", (route) =>
    route.fulfill({ status: 503, contentType: "application/problem+json", body: JSON.stringify(problem) }),
  );
  await page.goto("/inputs");
  await page.getByText("The database is busy").waitFor();
  await page.unroute("**/api/inputs*");
  await page.getByRole("button", { name: /try again/i }).click();
  await page.getByText("Nothing has come in yet").waitFor();
});

test("for those who want no motion the page turns dark at once", async () => {
  const { page, open } = await shared.visit();
  await open("/");
  expect(await page.evaluate(motionsOfTurningDark)).toBe(0);
});

test("an address without a page says so, and shows the way", async () => {
  const { page, open } = await shared.visit();
  await open("/nowhere");
  await heading(page, "There is no such page").waitFor();
  await page.getByRole("link", { name: "Go to the overview" }).click();
  await heading(page, "Overview").waitFor();
});

test("a thing that does not exist is said not to", async () => {
  const { page, open } = await shared.visit();
  await open("/runs/01900000-0000-7000-8000-000000000000");
  await page
    .getByRole("alert")
    .or(page.getByText(/not found|no run|nothing/i))
    .first()
    .waitFor();
});

test("who is not signed in is asked to, and comes to the page that they wanted", async () => {
  const { page, open } = await shared.visit({ signIn: false });
  await open("/events?status=pending");
  await heading(page, "Sign in to Millrace").waitFor();
  await page.getByLabel("Access token").fill("wrong-token-wrong-token-wrong-token");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Access token").fill(TOKEN);
  await page.getByRole("button", { name: "Sign in" }).click();
  await heading(page, "Events").waitFor();
  expect(new URL(page.url()).search).toBe("?status=pending");
});

test("who is signed out elsewhere comes to the login and back to the page", async () => {
  const { page, open } = await shared.visit({ signIn: true });
  await open("/jobs?text=nightly");
  await page.context().clearCookies();
  await page.getByRole("link", { name: "Audit" }).click();
  await heading(page, "Sign in to Millrace").waitFor();
  await page.getByLabel("Access token").fill(TOKEN);
  await page.getByRole("button", { name: "Sign in" }).click();
  await heading(page, "Audit").waitFor();
});

test("a login address lets in once, and leaves no trace in the address", async () => {
  const { page } = await shared.visit({ signIn: false });
  const address = shared.stage.loginUrl();
  await page.goto(address);
  await heading(page, "Overview").waitFor();
  expect(page.url()).not.toContain("login=");
  await page.context().clearCookies();
  await page.goto("about:blank");
  await page.goto(address);
  await page.getByRole("alert").or(heading(page, "Sign in to Millrace")).first().waitFor();
  expect(await heading(page, "Overview").count()).toBe(0);
});

test("filters stay when the page is loaded again, and go a step at a time when going back", async () => {
  const { page, open } = await shared.visit();
  await open("/runs");
  await page.getByRole("combobox", { name: "Status" }).click();
  await page.getByRole("option", { name: "Done" }).click();
  await page.keyboard.press("Escape");
  await page.waitForURL("**/runs?status=committed");
  await page.getByRole("searchbox").first().fill("pay");
  await page.waitForURL(/text=pay/);
  await page.reload();
  await heading(page, "Runs").waitFor();
  expect(await page.getByRole("searchbox").first().inputValue()).toBe("pay");
  await page.getByRole("search").getByText("Done").first().waitFor();
  await page.getByRole("button", { name: "Clear", exact: true }).click();
  await page.waitForURL("**/runs");
  await page.goBack();
  await page.waitForURL(/status=committed/);
  expect(await page.getByRole("searchbox").first().inputValue()).toBe("pay");
});
