/** What a person does with jobs. */
import { UnknownNameError } from "@millrace/agent";
import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import type { Visitor } from "./support/visitor.ts";
import { useStage } from "./support/use-stage.ts";

const shared = useStage();

/** Confirms the question that is open. */
async function confirm(page: Page, title: RegExp, button: string): Promise<void> {
  const dialog = page.getByRole("dialog", { name: title });
  await dialog.getByRole("button", { name: button, exact: true }).click();
  await dialog.waitFor({ state: "hidden" });
}

const invalid = (page: Page, label: string) =>
  page.getByRole("textbox", { name: label }).and(page.locator('[aria-invalid="true"]'));

const heading = (page: Page, name: string) => page.getByRole("heading", { level: 1, name });

/** Makes a job that runs in a hundred years, and opens its page. */
async function openJob({ open }: Visitor, name: string, handler: string, payload: unknown = null): Promise<string> {
  const job = await shared.stage.engine.jobs.schedule({
    type: "recurring",
    name,
    handler,
    interval: "1h",
    startsAt: Date.UTC(2125, 0, 1),
    maxRetries: 0,
    payload: payload as null,
  });
  await open(`/jobs/${job.id}`);
  return job.id;
}

test("a job is made with its next runs in view, and a wrong expression is said at its field", async () => {
  const { page, open } = await shared.visit();
  await open("/jobs/new");
  await page.getByRole("textbox", { name: "Name" }).fill("Nightly clean");
  await page.getByRole("combobox", { name: "What does it run?" }).click();
  await page.getByRole("option", { name: "clean" }).click();
  await page.getByRole("radio", { name: "Calendar" }).check();
  const cron = page.getByRole("textbox", { name: "Cron expression" });
  await cron.fill("0 25 * * *");
  await invalid(page, "Cron expression").waitFor();
  const preview = page.getByRole("region", { name: "What this means" });
  expect(await preview.getByRole("list", { name: "The next runs" }).count()).toBe(0);

  await cron.fill("15 3 * * 1-5");
  await preview.getByText(/At 03:15.*Monday through Friday/).waitFor();
  const runs = await preview.getByRole("list", { name: "The next runs" }).getByRole("listitem").allTextContents();
  expect(runs).toHaveLength(5);
  expect(runs.every((run) => run.includes("03:15"))).toBe(true);
  expect(await invalid(page, "Cron expression").count()).toBe(0);

  await page.getByRole("button", { name: "Create the job" }).click();
  await heading(page, "Nightly clean").waitFor();
  const { items } = await shared.stage.engine.jobs.listJobs();
  expect(items[0]).toMatchObject({ name: "Nightly clean", cronExpression: "15 3 * * 1-5", createdBy: "olga" });
});

test("what the host refuses when a job is made is said at its field", async () => {
  const { page, open } = await shared.visit();
  await open("/jobs/new");
  await page.getByRole("radio", { name: "Calendar" }).check();
  await page.getByRole("textbox", { name: "Cron expression" }).fill("0 9 * * *");
  await page.getByRole("button", { name: "Create the job" }).click();
  await invalid(page, "Name").waitFor();
});

test("a job is edited, paused, resumed, told to skip its next run, and shows its versions", async () => {
  const visitor = await shared.visit();
  const { page } = visitor;
  const id = await openJob(visitor, "Weekly clean", "clean");
  await page.getByRole("link", { name: "Edit" }).click();
  await heading(page, "Edit Weekly clean").waitFor();
  await page.getByRole("textbox", { name: "Interval" }).fill("2h");
  await page.getByRole("button", { name: "Save the changes" }).click();
  await heading(page, "Weekly clean").waitFor();
  await page
    .getByText(/every 2 hours/i)
    .first()
    .waitFor();

  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByLabel("Note (optional)").fill("The disk is being changed");
  await confirm(page, /Pause/, "Pause");
  await page.getByText("The disk is being changed").waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await confirm(page, /Resume/, "Resume");
  await page.getByRole("button", { name: "Pause" }).waitFor();

  const before = (await shared.stage.engine.jobs.getJob(id)).nextRun ?? 0;
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Skip the next run" }).click();
  await confirm(page, /Skip the next run/, "Skip it");
  await page.getByRole("table", { name: "Decisions about its due times" }).getByText("Skipped").waitFor();
  const job = await shared.stage.engine.jobs.getJob(id);
  expect(job).toMatchObject({ version: 2, status: "pending", intervalMs: 7_200_000 });
  expect(job.nextRun).toBeGreaterThan(before);
});

test("a job that runs now shows its log while it runs, and its result when it is over", async () => {
  const visitor = await shared.visit();
  const { page } = visitor;
  await openJob(visitor, "Wait for it", "wait");
  await page.getByRole("button", { name: "Run now" }).click();
  await confirm(page, /Run .* now/, "Run now");
  const history = page.getByRole("table", { name: "Executions, the latest first" });
  await history.getByRole("row").filter({ hasText: "Running" }).getByRole("link").click();
  await heading(page, "Execution of Wait for it").waitFor();
  const log = page.getByRole("log", { name: "Log of the execution" });
  await log.getByText("Waiting at the door").waitFor();
  expect(await log.getByText("Through the door").count()).toBe(0);
  shared.stage.world.jobs.door.open();
  await log.getByText("Through the door").waitFor();
  await page.getByText("Succeeded").first().waitFor();
  await page.getByRole("group", { name: "Result" }).getByText("through").waitFor();
});

test("a dead letter runs again once what made it fail is mended", async () => {
  const visitor = await shared.visit();
  const { page, open } = visitor;
  const { engine, world } = shared.stage;
  const id = await openJob(visitor, "Export it", "export");
  await engine.jobs.runJobNow(id);
  await engine.whenIdle();
  await open("/dead-letters");
  const letter = page.getByRole("row").filter({ hasText: "Export it" });
  await letter.getByText(/quota exceeded/).waitFor();
  world.jobs.exportFails = false;
  await letter.getByRole("checkbox").check();
  await page.getByRole("button", { name: "Run 1 again" }).click();
  await confirm(page, /Run 1 dead letter again/, "Run 1 execution again");
  await page.getByText("Nothing failed for good").waitFor();
  await engine.whenIdle();
  const { items } = await engine.jobs.getJobHistory(id);
  expect(items.map(({ status }) => status).toSorted()).toEqual(["failed", "success"]);
});

test("an action on all jobs that match says first how many they are, and then what came of it", async () => {
  const { page, open } = await shared.visit();
  const { engine } = shared.stage;
  for (const name of ["North", "South", "West"]) {
    await engine.jobs.schedule({ type: "recurring", name, handler: "clean", interval: "1d", tags: ["region"] });
  }
  await open("/jobs?tag=region");
  await page.getByRole("row").filter({ hasText: "West" }).waitFor();
  await page.getByRole("button", { name: "For all that match" }).click();
  await page.getByRole("menuitem", { name: "Pause" }).click();
  const dialog = page.getByRole("dialog", { name: /Pause/ });
  await dialog.getByText("3 jobs match the filters.").waitFor();
  await dialog.getByRole("button", { name: "Pause 3 jobs" }).click();
  await page.getByRole("status").filter({ hasText: "3 jobs were paused." }).waitFor();
  const { items } = await engine.jobs.listJobs({ tags: ["region"] });
  expect(items.map(({ status }) => status)).toEqual(["paused", "paused", "paused"]);
});

test("a job is cancelled, and deleted with its history", async () => {
  const visitor = await shared.visit();
  const { page } = visitor;
  const id = await openJob(visitor, "Out of date", "clean");
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Cancel" }).click();
  await confirm(page, /Cancel/, "Cancel the job");
  await page.getByText("Cancelled").first().waitFor();
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await confirm(page, /Delete/, "Delete the job");
  await heading(page, "Jobs").waitFor();
  await expect(shared.stage.engine.jobs.getJob(id)).rejects.toThrow(UnknownNameError);
});
