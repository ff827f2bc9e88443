/** Whatever a person decides on the command line is in the audit, once, with who, what and what came of it. */
import { Operations } from "@millrace/agent";
import { createStores, openDatabase } from "@millrace/db";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import type { JobReadings, Readings } from "../readings.ts";
import { Bench, fixture } from "../testing/command-line-test.ts";

const entries = z.array(
  z.looseObject({ at: z.iso.datetime(), actor: z.string(), action: z.string(), outcome: z.string().nullable() }),
);
const ids = z.array(z.looseObject({ id: z.string() }));
const page = z.object({ items: ids });

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

afterEach(() => bench.dispose());

const audit = async (...words: string[]) => entries.parse(await bench.json("audit", ...words));

const location = () => `sqlite:${bench.databasePath}`;

async function makeDatabase(): Promise<void> {
  await (await openDatabase(location())).close();
}

const schedule = (job: object, ...words: string[]) =>
  bench.runWith({ stdin: JSON.stringify(job) }, "jobs", "schedule", "--file", "-", ...words);

const NIGHTLY = { type: "cron", name: "Nightly", key: "nightly", handler: "backup", cron: "0 3 * * *" };

/** Runs a command as Anna and gives the one entry that it left. */
async function entryOf(...words: string[]) {
  const before = await audit("--actor", "anna");
  await bench.runWith({ stdin: '{"cron":"0 4 * * *"}' }, ...words, "--by", "anna");
  const after = await audit("--actor", "anna");
  expect(after).toHaveLength(before.length + 1);
  expect(after[0]).toMatchObject({ actor: "anna", channel: "command_line" });
  return after[0];
}

async function firstId(...words: string[]): Promise<string> {
  return ids.parse(await bench.json(...words))[0]!.id;
}

describe("a decision about workflows leaves one entry", () => {
  beforeEach(async () => {
    await bench.run("run", fixture("letters"), "--once");
    await bench.run("run", fixture("payments"), "--once");
  });

  test.each([
    [["pause", "payments"], "workflow.pause"],
    [["resume", "payments"], "workflow.resume"],
    [["retry", "broken"], "workflow.retry"],
  ])("%j", async (words, action) => {
    expect(await entryOf(...words)).toMatchObject({
      action,
      subjectType: "workflow",
      subjectId: words[1],
      details: null,
      outcome: "done",
      message: null,
    });
  });

  test.each([
    [["resolve"], ["happened", "--evidence", "I looked"], ["--workflow", "payments"], "output.resolve"],
    [["approve"], ["--reject", "--evidence", "I looked"], ["--workflow", "letters"], "output.approve"],
  ])("%j", async (before, after, which, action) => {
    const subjectId = await firstId("outputs", ...which);
    expect(await entryOf(...before, subjectId.slice(-8), ...after)).toMatchObject({
      action,
      subjectType: "output",
      subjectId,
      details: { evidence: "I looked" },
      outcome: "done",
    });
  });

  test("resolve with --connector, about many at once", async () => {
    const span = ["--from", "2020-01-01T00:00:00Z", "--before", "2100-01-01T00:00:00Z"];
    expect(await entryOf("resolve", "--connector", "bank", ...span, "skip")).toMatchObject({
      action: "output.resolve_all",
      subjectId: "",
      details: {
        connector: "bank",
        from: "2020-01-01T00:00:00.000Z",
        until: "2100-01-01T00:00:00.000Z",
        resolution: "skip",
      },
      outcome: "done",
    });
  });

  test("skip-input", async () => {
    const subjectId = await firstId("inputs");
    const expected = { action: "input.skip", subjectType: "input", subjectId, outcome: "done" };
    expect(await entryOf("skip-input", subjectId)).toMatchObject(expected);
  });

  test("dismiss", async () => {
    const attention = z.array(z.object({ notification: z.object({ id: z.string() }) }));
    const { id: subjectId } = attention.parse(await bench.json("needs-attention"))[0]!.notification;
    const expected = { action: "notification.dismiss", subjectType: "notification", subjectId, outcome: "done" };
    expect(await entryOf("dismiss", subjectId)).toMatchObject(expected);
  });

  test("what is refused says why", async () => {
    const id = await firstId("outputs", "--workflow", "payments");
    await bench.run("resolve", id, "happened");
    expect(await entryOf("resolve", id, "skip")).toMatchObject({
      action: "output.resolve",
      outcome: "refused",
      message: expect.stringContaining("only one whose outcome is unknown can be resolved"),
    });
  });

  test("who decides is the user of the operating system, unless it is said", async () => {
    await bench.run("pause", "payments");
    expect((await audit())[0]!.actor).not.toBe("");
  });

  test("neither a dry run nor what names nothing leaves any", async () => {
    const span = ["--from", "2020-01-01T00:00:00Z", "--before", "2100-01-01T00:00:00Z"];
    await bench.run("resolve", "--connector", "bank", ...span, "skip", "--dry-run");
    await bench.run("resolve", "ffffffff", "skip");
    expect(await audit()).toEqual([]);
  });

  test("no secret is in it", async () => {
    const id = await firstId("outputs", "--workflow", "payments");
    const words = ["--result", '{"password":"hunter2-canary"}', "--evidence", "token=canary-in-text"];
    const entry = await entryOf("resolve", id, "happened", ...words);
    expect(entry).toMatchObject({ outcome: "done", details: { result: { password: "[redacted]" } } });
    expect(JSON.stringify(entry)).not.toContain("canary");
  });
});

describe("a decision about jobs leaves one entry", () => {
  beforeEach(async () => {
    await makeDatabase();
    await schedule(NIGHTLY, "--by", "paul");
  });

  test("schedule, with the job", async () => {
    expect(await audit()).toMatchObject([
      {
        actor: "paul",
        action: "job.create",
        subjectType: "job",
        subjectId: "",
        details: { key: "nightly", cron: "0 3 * * *" },
        outcome: "done",
      },
    ]);
    expect(await bench.json("jobs", "show", "nightly")).toMatchObject({ createdBy: "paul" });
  });

  test.each([
    [["edit", "nightly", "--file", "-"], "job.edit", { cron: "0 4 * * *" }],
    [["pause", "nightly", "--note", "a new disk"], "job.pause", { note: "a new disk" }],
    [["skip-next", "nightly", "--reason", "a holiday"], "job.skip_next", { reason: "a holiday" }],
    [["run", "nightly", "--payload", '{"full":true}'], "job.run", { payload: { full: true } }],
    [["cancel", "nightly"], "job.cancel", null],
    [["delete", "nightly"], "job.delete", { name: "Nightly" }],
    [
      ["backfill", "nightly", "--from", "2026-03-01T00:00:00Z", "--until", "2026-03-03T00:00:00Z"],
      "job.backfill",
      { from: "2026-03-01T00:00:00.000Z", until: "2026-03-03T00:00:00.000Z" },
    ],
  ])("%j", async (words, action, details) => {
    const subjectId = page.parse(await bench.json("jobs", "list")).items[0]!.id;
    const expected = { action, subjectType: "job", subjectId, details, outcome: "done" };
    expect(await entryOf("jobs", ...words)).toMatchObject(expected);
  });

  test("resume, also one that is refused", async () => {
    const subjectId = page.parse(await bench.json("jobs", "list")).items[0]!.id;
    expect(await entryOf("jobs", "resume", "nightly", "--catch-up")).toMatchObject({
      action: "job.resume",
      subjectId,
      details: { catchUp: true },
      outcome: "refused",
      message: expect.stringContaining("can't be resumed"),
    });
    await bench.run("jobs", "pause", "nightly");
    expect(await entryOf("jobs", "resume", "nightly")).toMatchObject({ details: null, outcome: "done" });
  });

  test("trigger", async () => {
    expect(await entryOf("jobs", "trigger", "order.paid", "--event-id", "7")).toMatchObject({
      action: "job_event.trigger",
      subjectType: "event",
      subjectId: "order.paid",
      details: { eventId: "7" },
      outcome: "done",
    });
  });

  test("cancel --execution and retry", async () => {
    await bench.run("jobs", "run", "nightly");
    const subjectId = page.parse(await bench.json("jobs", "history", "nightly")).items[0]!.id;
    const expected = { subjectType: "execution", subjectId, outcome: "done" };
    const cancelled = await entryOf("jobs", "cancel", "--execution", subjectId, "--reason", "enough");
    expect(cancelled).toMatchObject({ ...expected, action: "execution.cancel", details: { reason: "enough" } });
    expect(await entryOf("jobs", "retry", subjectId)).toMatchObject({ ...expected, action: "execution.retry" });
  });

  test("redrive --all, with the executions", async () => {
    const entry = await entryOf("jobs", "redrive", "--all", "--job", "nightly");
    expect(entry).toMatchObject({ action: "dead_letter.redrive", details: { executions: [] }, outcome: "done" });
  });

  test("a dry run leaves none", async () => {
    const span = ["--from", "2026-03-01T00:00:00Z", "--until", "2026-03-03T00:00:00Z"];
    expect((await bench.run("jobs", "backfill", "nightly", ...span, "--dry-run")).exitCode).toBe(0);
    expect(await audit("--action", "job.backfill")).toEqual([]);
  });

  test("what is not valid is refused, without its secrets", async () => {
    await schedule({ ...NIGHTLY, cron: "61 * * * *", payload: { apiKey: "canary-key" } });
    const [entry] = await audit();
    expect(entry).toMatchObject({
      action: "job.create",
      outcome: "refused",
      details: { payload: { apiKey: "[redacted]" } },
    });
    expect(JSON.stringify(entry)).not.toContain("canary");
  });
});

describe("audit", () => {
  beforeEach(async () => {
    await makeDatabase();
    await schedule(NIGHTLY, "--by", "anna");
    await bench.run("jobs", "pause", "nightly", "--by", "paul");
    await bench.run("jobs", "pause", "nobodys", "--by", "paul");
    await bench.run("pause", "invoices \u001B[2J", "--by", "paul");
  });

  test("shows who, when, what and what came of it, newest first, without what steers a terminal", async () => {
    const { exitCode, stdout } = await bench.run("audit");
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain("\u001B");
    expect(stdout).toMatch(/^WHEN +WHO +THROUGH +WHAT +TO +OUTCOME +WHY$/m);
    const when = String.raw`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`;
    const lines = [
      `${when} +paul +command_line +workflow\\.pause +workflow invoices +refused +There is no workflow`,
      `${when} +paul +command_line +job\\.pause +job [0-9a-f]{8} +done$`,
      `${when} +anna +command_line +job\\.create +done$`,
    ];
    expect(stdout).toMatch(new RegExp(lines.join(String.raw`[^\n]*\n`), "m"));
  });

  test.each([
    { words: [], found: 3 },
    { words: ["--actor", "paul"], found: 2 },
    { words: ["--action", "job.create"], found: 1 },
    { words: ["--since", "2020-01-01T00:00:00Z"], found: 3 },
    { words: ["--since", "2100-01-01T00:00:00Z"], found: 0 },
    { words: ["--limit", "1"], found: 1 },
  ])("prints those chosen by $words as JSON", async ({ words, found }) => {
    expect(await audit(...words)).toHaveLength(found);
  });

  test("says that nothing was done, and that an outcome is not known", async () => {
    expect((await bench.run("audit", "--actor", "olga")).stdout).toBe("Nothing of the kind was done.\n");
    const database = await openDatabase(location());
    const begun = { actor: "olga", channel: "api", action: "job.run", subjectType: "job", subjectId: "1" } as const;
    await createStores(database).audit.create(begun, 0);
    await database.close();
    expect((await bench.run("audit", "--actor", "olga")).stdout).toMatch(/ not known$/m);
  });

  test("is of one platform, and names those that there are when one is unknown", async () => {
    const database = await openDatabase(location());
    await (await new Operations({ database }).jobsOf("acme")).scheduleOnce({ name: "theirs", handler: "h", in: "1h" });
    await database.close();
    await bench.run("jobs", "pause", "theirs", "--platform", "acme", "--by", "olga");
    expect(await audit("--platform", "acme")).toMatchObject([{ actor: "olga", action: "job.pause", outcome: "done" }]);
    expect(await audit()).toHaveLength(3);
    const { stderr } = await bench.run("audit", "--platform", "acne");
    expect(stderr).toBe('error: There is no platform "acne". Known: acme, default.\n');
  });
});

test("what only looks is given nothing to change anything with", () => {
  expectTypeOf<Readings>().not.toHaveProperty("pause");
  expectTypeOf<Readings>().not.toHaveProperty("jobs");
  expectTypeOf<Parameters<Readings["resolveMutations"]>[2]>().toEqualTypeOf<{ dryRun: true }>();
  expectTypeOf<JobReadings>().not.toHaveProperty("pauseJob");
  expectTypeOf<ReturnType<Readings["schedulerOf"]>>().toEqualTypeOf<JobReadings>();
});
