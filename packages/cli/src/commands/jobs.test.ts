/** Jobs on the command line, where no engine runs: they are seen and scheduled. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Operations } from "@millrace/agent";
import { FakeClock } from "@millrace/agent/testing";
import { createStores, openDatabase, type IdSource } from "@millrace/db";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { Bench } from "../testing/command-line-test.ts";

const time = z.iso.datetime();
const jobRow = z.looseObject({ id: z.uuid(), name: z.string(), status: z.string(), nextRun: time.nullable() });
const jobPage = z.strictObject({ items: z.array(jobRow), nextCursor: z.string().nullable() });
const executionRow = z.looseObject({ id: z.uuid(), jobId: z.uuid(), status: z.string(), scheduledAt: time });
const executionPage = z.strictObject({ items: z.array(executionRow), nextCursor: z.string().nullable() });

const NIGHTLY = {
  type: "cron",
  name: "Nightly backup",
  key: "nightly",
  handler: "backup",
  cron: "30 2 * * *",
  timezone: "Europe/Berlin",
  tags: ["ops"],
};

let bench: Bench;

beforeEach(async () => {
  bench = new Bench();
  await (await openDatabase(`sqlite:${bench.databasePath}`)).close();
});

afterEach(() => bench.dispose());

const schedule = (job: unknown, ...words: string[]) =>
  bench.runWith({ stdin: JSON.stringify(job) }, "jobs", "schedule", "--file", "-", ...words);

describe("schedule", () => {
  test("takes a job from standard input and says when it runs", async () => {
    const { exitCode, stdout, stderr } = await schedule(NIGHTLY);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(
      /^[0-9a-f]{8} "Nightly backup" is scheduled \(At 02:30 \(Europe\/Berlin\)\)\. Next run: \d{4}-/,
    );
  });

  test("takes a job from a file and prints JSON", async () => {
    const file = join(bench.folder, "job.json");
    writeFileSync(file, JSON.stringify(NIGHTLY));
    const job = jobRow.parse(await bench.json("jobs", "schedule", "--file", file));
    expect(job).toMatchObject({ name: "Nightly backup", status: "pending", version: 1 });
  });

  test("edits the job that has its key", async () => {
    await schedule(NIGHTLY);
    await schedule({ ...NIGHTLY, cron: "0 4 * * *" });
    const { items } = jobPage.parse(await bench.json("jobs", "list"));
    expect(items).toMatchObject([{ cronExpression: "0 4 * * *", version: 2 }]);
  });

  test.each([
    [{ ...NIGHTLY, type: "corn" }, 'type: "corn" is no type of job. It is cron'],
    [{ ...NIGHTLY, cron: "61 * * * *" }, 'cron: the minute "61" is not valid'],
    [{ type: "one_time", name: "x", handler: "h", at: "2100-01-01T09:00:00" }, "needs a time zone"],
    [[], "Standard input holds no JSON object"],
  ])("says what is wrong with %j", async (job, message) => {
    const { exitCode, stdout, stderr } = await schedule(job);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("not expected");
  });

  test.each([
    ["{", "Standard input is not JSON"],
    ["", "Standard input is not JSON"],
  ])("says that %j is not JSON", async (stdin, message) => {
    const { exitCode, stderr } = await bench.runWith({ stdin }, "jobs", "schedule", "--file", "-");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
  });

  test("says that a file is missing", async () => {
    const { exitCode, stderr } = await bench.run("jobs", "schedule", "--file", "missing.json");
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: "error: The file missing.json can't be read. Check its path.\n",
    });
  });
});

describe("edit", () => {
  beforeEach(() => schedule(NIGHTLY));

  test("changes parts of a job", async () => {
    const { stdout } = await bench.runWith({ stdin: '{"cron":"0 5 * * *"}' }, "jobs", "edit", "nightly", "--file", "-");
    expect(stdout).toMatch(/"Nightly backup" is now version 2 \(At 05:00 \(Europe\/Berlin\)\)/);
  });

  test("takes an object only", async () => {
    const { exitCode, stderr } = await bench.runWith({ stdin: "7" }, "jobs", "edit", "nightly", "--file", "-");
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "error: Standard input holds no JSON object.\n" });
  });
});

describe("list", () => {
  beforeEach(async () => {
    await schedule(NIGHTLY);
    await schedule({ type: "event", name: "Ship \u001B[2Jit", handler: "ship", event: "order.paid" });
  });

  test("shows the newest first, without what steers a terminal", async () => {
    const { exitCode, stdout } = await bench.run("jobs", "list");
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain("\u001B");
    expect(stdout).toMatch(
      /^[0-9a-f]{8} +Ship it +event .*whenever "order\.paid" happens[\s\S]*^[0-9a-f]{8} +Nightly backup +cron +pending +At 02:30/m,
    );
  });

  test.each([
    { words: [], names: 2 },
    { words: ["--type", "cron"], names: 1 },
    { words: ["--tag", "ops"], names: 1 },
    { words: ["--tag", "ops", "other"], names: 0 },
    { words: ["--text", "NIGHT"], names: 1 },
    { words: ["--handler", "ship"], names: 1 },
    { words: ["--status", "paused"], names: 0 },
  ])("prints those chosen by $words as JSON", async ({ words, names }) => {
    expect(jobPage.parse(await bench.json("jobs", "list", ...words)).items).toHaveLength(names);
  });

  test("says how the next part is asked for", async () => {
    const { stdout } = await bench.run("jobs", "list", "--limit", "1");
    const [, cursor] = /There are more: millrace jobs list --cursor (\S+)/.exec(stdout) ?? [];
    const rest = jobPage.parse(await bench.json("jobs", "list", "--limit", "1", "--cursor", cursor!));
    expect(rest).toMatchObject({ items: [{ name: "Nightly backup" }], nextCursor: null });
  });

  test("colours what it shows on a terminal, but not with NO_COLOR", async () => {
    const coloured = await bench.runWith({ isTTY: true, env: { NO_COLOR: undefined } }, "jobs", "list");
    expect(coloured.stdout).toContain("\u001B[1m");
    expect((await bench.runWith({ isTTY: true }, "jobs", "list")).stdout).not.toContain("\u001B");
  });
});

describe("show", () => {
  beforeEach(() => schedule(NIGHTLY));

  test("says the schedule in words, the next runs and how it did", async () => {
    const { exitCode, stdout } = await bench.run("jobs", "show", "nightly");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^schedule +At 02:30 \(Europe\/Berlin\)$/m);
    expect(stdout).toMatch(/^handler +backup \(function\)$/m);
    expect(stdout.match(/^ {2}\d{4}-\d\d-\d\dT02:30:00\+0[12]:00/gm)).toHaveLength(5);
  });

  test("prints JSON, with versions", async () => {
    await bench.runWith({ stdin: '{"cron":"0 5 * * *"}' }, "jobs", "edit", "nightly", "--file", "-");
    const shown = z
      .looseObject({
        nextRuns: z.array(z.looseObject({ at: time })),
        versions: z.array(z.looseObject({ createdAt: time })),
      })
      .parse(await bench.json("jobs", "show", "Nightly backup"));
    expect(shown.nextRuns).toHaveLength(5);
    expect(shown.versions).toHaveLength(2);
  });

  test.each(["none", "ffffffff-0000-7000-8000-000000000000", "%"])("says that there is no job %s", async (name) => {
    const { exitCode, stderr } = await bench.run("jobs", "show", name);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: `error: There is no job "${name}".\n` });
  });
});

describe("an ending that several ids share", () => {
  beforeEach(async () => {
    let count = 0;
    // An id source gives whatever kind of id it is asked for.
    const newId = (() =>
      `00000000-0000-7000-8000-00${String((count += 1)).padStart(2, "0")}00abcdef`) as unknown as IdSource;
    const database = await openDatabase(`sqlite:${bench.databasePath}`, { newId });
    const { jobs } = new Operations({ database, clock: new FakeClock() });
    for (const name of ["one", "two"]) {
      const { id } = await jobs.scheduleOnce({ name, handler: "h", in: "1h" });
      await jobs.runJobNow(id);
    }
    await database.close();
  });

  test.each([
    ["job", ["jobs", "pause", "abcdef"]],
    ["execution", ["jobs", "execution", "abcdef"]],
  ])("of a %s is refused, with those ids", async (kind, words) => {
    const { exitCode, stderr } = await bench.run(...words);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`More than one ${kind} has an id that ends in "abcdef": 00000000-`);
  });
});

describe("history, dead-letters and decisions", () => {
  beforeEach(async () => {
    await schedule(NIGHTLY);
    await bench.run("jobs", "run", "nightly", "--by", "anna", "--payload", '{"full":true}');
  });

  test("history shows executions", async () => {
    const { stdout } = await bench.run("jobs", "history", "nightly");
    expect(stdout).toMatch(/^[0-9a-f]{8} +manual +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +pending +0$/m);
    expect(executionPage.parse(await bench.json("jobs", "history", "nightly")).items).toHaveLength(1);
  });

  test.each([
    { words: ["--status", "failed"], count: 0 },
    { words: ["--from", "2020-01-01T00:00:00Z"], count: 1 },
    { words: ["--until", "2020-01-01T00:00:00Z"], count: 0 },
  ])("history is chosen by $words", async ({ words, count }) => {
    expect(executionPage.parse(await bench.json("jobs", "history", "nightly", ...words)).items).toHaveLength(count);
  });

  test("an execution is shown with what it was given and by whom", async () => {
    const { items } = executionPage.parse(await bench.json("jobs", "history", "nightly"));
    const { stdout } = await bench.run("jobs", "execution", items[0]!.id.slice(-8));
    expect(stdout).toMatch(/^origin +manual, by anna$/m);
    expect(stdout).toMatch(/^payload +\{"full":true\}$/m);
    expect(await bench.json("jobs", "execution", items[0]!.id)).toMatchObject({ id: items[0]!.id, logs: [] });
    expect((await bench.run("jobs", "logs", items[0]!.id)).stdout).toBe("No log lines.\n");
  });

  test("decisions are empty before the first tick, and tell of one that was left out", async () => {
    expect((await bench.run("jobs", "decisions", "nightly")).stdout).toBe("No tick has come yet.\n");
    await bench.run("jobs", "skip-next", "nightly", "--reason", "a holiday");
    expect((await bench.run("jobs", "decisions", "nightly")).stdout).toMatch(/ skipped +1 .*a holiday$/m);
    expect(await bench.json("jobs", "decisions", "nightly")).toMatchObject([{ decision: "skipped" }]);
  });

  test("dead letters are none where nothing has failed", async () => {
    expect((await bench.run("jobs", "dead-letters", "--job", "nightly")).stdout).toBe("No dead letters.\n");
    expect(await bench.json("jobs", "dead-letters")).toEqual({ items: [], nextCursor: null });
  });

  test("an execution of another platform does not exist here", async () => {
    const database = await openDatabase(`sqlite:${bench.databasePath}`);
    const theirs = await new Operations({ database }).jobsOf("acme");
    const { id } = await theirs.runJobNow((await theirs.scheduleOnce({ name: "theirs", handler: "h", in: "1h" })).id);
    expect(await createStores(database).jobHistory.listByIdEnding(id, 2)).toHaveLength(1);
    await database.close();
    expect((await bench.run("jobs", "execution", id)).stderr).toBe(`error: There is no execution "${id}".\n`);
  });
});

describe("preview", () => {
  const now = { clock: new FakeClock("2026-03-28T12:00:00Z") };

  test("says a cron expression in words, and its next runs with what the clocks do to them; without a database", async () => {
    const words = [
      "jobs",
      "preview",
      "30 2 * * *",
      "--timezone",
      "Europe/Berlin",
      "--database",
      "sqlite:missing.sqlite",
    ];
    const { exitCode, stdout } = await bench.runWith(now, ...words);
    expect({ exitCode, lines: stdout.split("\n").slice(0, 2) }).toEqual({
      exitCode: 0,
      lines: [
        "At 02:30 (Europe/Berlin)",
        "  2026-03-29T03:00:00+02:00  (the clocks skip this time: it runs when they have)",
      ],
    });
  });

  test("says an interval, and prints JSON", async () => {
    const { stdout } = await bench.runWith(now, "jobs", "preview", "--every", "90s", "--count", "2", "--json");
    expect(JSON.parse(stdout)).toEqual({
      description: "every 1 minute 30 seconds",
      runs: [
        { at: "2026-03-28T12:00:00.000Z", local: "2026-03-28T12:00:00+00:00", change: null },
        { at: "2026-03-28T12:01:30.000Z", local: "2026-03-28T12:01:30+00:00", change: null },
      ],
    });
  });

  test("takes a job", async () => {
    const { stdout } = await bench.runWith(
      { ...now, stdin: JSON.stringify(NIGHTLY) },
      "jobs",
      "preview",
      "--file",
      "-",
    );
    expect(stdout).toContain("At 02:30 (Europe/Berlin)");
  });

  test("says what is wrong", async () => {
    const { exitCode, stderr } = await bench.run("jobs", "preview", "61 * * * *");
    expect(exitCode).toBe(1);
    expect(stderr).toContain('the minute "61" is not valid');
  });
});

describe("a wrong command line exits with 2 and says what is wrong", () => {
  test.each([
    { words: ["jobs"], message: "Usage: millrace jobs" },
    { words: ["jobs", "lst"], message: "Did you mean list?" },
    { words: ["jobs", "list", "--type", "corn"], message: "Allowed choices are cron, one_time, recurring, event." },
    { words: ["jobs", "list", "--limit", "1001"], message: "It is at most 1000." },
    { words: ["jobs", "history", "x", "--from", "yesterday"], message: "It is a time with its zone" },
    { words: ["jobs", "schedule"], message: "required option '--file <file>' not specified" },
    { words: ["jobs", "backfill", "x", "--from", "2026-01-01T00:00:00Z"], message: "'--until <time>' not specified" },
    { words: ["jobs", "run", "x", "--payload", "{"], message: "It is not JSON" },
    { words: ["jobs", "cancel"], message: "Name a job, or an execution" },
    { words: ["jobs", "cancel", "x", "--execution", "y"], message: "Name a job, or an execution" },
    { words: ["jobs", "redrive"], message: "Name executions, or all of a job" },
    { words: ["jobs", "redrive", "x", "--all", "--job", "y"], message: "Name executions, or all of a job" },
    { words: ["jobs", "redrive", "--all"], message: "--all and --job go together" },
    { words: ["jobs", "preview"], message: "Give one of: a cron expression" },
    { words: ["jobs", "preview", "* * * * *", "--every", "5m"], message: "Give one of" },
    { words: ["jobs", "preview", "--every", "5m", "--timezone", "UTC"], message: "--timezone goes with" },
    { words: ["jobs", "preview", "--every", "5m", "--count", "0"], message: "It is at least 1." },
  ])("$words", async ({ words, message }) => {
    const { exitCode, stdout, stderr } = await bench.run(...words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});

test("every subcommand has help with an example", async () => {
  const { stdout } = await bench.run("complete", "--", "jobs", "");
  const names = [...stdout.matchAll(/^(\S+)\t/gm)].map(([, name]) => name!).filter((name) => name !== "help");
  expect(names.length).toBeGreaterThanOrEqual(20);
  for (const name of names) {
    const { exitCode, stdout: help } = await bench.run("jobs", name, "--help");
    expect({ name, exitCode }).toEqual({ name, exitCode: 0 });
    expect(help).toContain(`Usage: millrace jobs ${name}`);
    expect(help).toMatch(/Examples?:\n.*millrace jobs /);
    expect(help).toContain("--database <location>");
  }
});
