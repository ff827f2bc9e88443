/** How the jobs of a platform (tenant) are doing, and those of one that is not the default. */
import { Operations } from "@millrace/agent";
import { openDatabase } from "@millrace/db";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { Bench } from "../testing/command-line-test.ts";

const page = z.object({ items: z.array(z.looseObject({ id: z.string() })) });

let bench: Bench;

beforeEach(async () => {
  bench = new Bench();
  const database = await openDatabase(`sqlite:${bench.databasePath}`);
  const theirs = await new Operations({ database }).jobsOf("acme");
  await theirs.schedule({ type: "cron", name: "Theirs", key: "job", handler: "h", cron: "0 3 * * *" });
  await database.close();
});

afterEach(() => bench.dispose());

const acme = (...words: string[]) => bench.run("jobs", ...words, "--platform", "acme");

describe("--platform", () => {
  test("chooses whose jobs are seen and decided about", async () => {
    expect(page.parse(await bench.json("jobs", "list")).items).toEqual([]);
    expect(page.parse(await bench.json("jobs", "list", "--platform", "acme")).items).toMatchObject([
      { name: "Theirs" },
    ]);
    expect((await acme("pause", "job")).stdout).toMatch(/"Theirs" is paused\.\n$/);
    expect((await acme("show", "job")).stdout).toMatch(/^status +paused$/m);
    expect((await bench.run("jobs", "show", "job")).stderr).toBe('error: There is no job "job".\n');
  });

  test("chooses for executions too", async () => {
    await acme("run", "job");
    const { items } = page.parse(await bench.json("jobs", "history", "job", "--platform", "acme"));
    const { id } = items[0]!;
    expect((await acme("execution", id)).stdout).toMatch(/^job +Theirs /m);
    expect((await acme("logs", id)).stdout).toBe("No log lines.\n");
    expect((await bench.run("jobs", "cancel", "--execution", id)).stderr).toBe(
      `error: There is no execution "${id}".\n`,
    );
    expect((await acme("cancel", "--execution", id)).exitCode).toBe(0);
  });

  test("is part of how the next part of a list is asked for", async () => {
    await acme("run", "job");
    await acme("run", "job");
    expect((await acme("history", "job", "--limit", "1")).stdout).toMatch(
      /There are more: millrace jobs history job --platform acme --cursor \S+\n$/,
    );
  });

  test("makes no platform of a name that is mistyped", async () => {
    const { exitCode, stderr } = await bench.run("jobs", "list", "--platform", "acne");
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: 'error: There is no platform "acne". Known: acme, default.\n',
    });
  });
});

describe("health", () => {
  test("says that nothing runs the jobs, and exits with 3", async () => {
    const { exitCode, stdout } = await bench.run("jobs", "health");
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^stopped\n\nlook {2}engine +does not run/);
    expect(stdout).toMatch(/^jobs +none$/m);
  });

  test("counts jobs and executions", async () => {
    await acme("run", "job");
    const { stdout } = await acme("health");
    expect(stdout).toMatch(/^jobs +1 pending$/m);
    expect(stdout).toMatch(/^open executions +1 pending$/m);
    expect(stdout).toMatch(/^next run +\d{4}-/m);
  });

  test("knows of an engine of another process, and prints JSON", async () => {
    const database = await openDatabase(`sqlite:${bench.databasePath}`);
    database.acquireOwnership();
    expect(await bench.json("jobs", "health", "--platform", "acme")).toMatchObject({
      status: "ok",
      checks: [{ name: "engine", ok: true, detail: "runs" }, { name: "backlog" }, { name: "schedules" }],
      metrics: { jobs: { pending: 1 }, lastHour: { failed: 0 }, nextRun: expect.stringMatching(/T03:00:00\.000Z$/) },
    });
    await database.close();
    expect((await bench.run("jobs", "health")).exitCode).toBe(3);
  });
});
