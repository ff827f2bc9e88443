/** What there is to see of workflows: their handlers, their events, their logs. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { Bench, fixture } from "../testing/command-line-test.ts";

const time = z.iso.datetime();
const id = z.uuid();
const nextRun = z.strictObject({ at: time, local: z.string(), change: z.string().nullable() });

const details = z.looseObject({
  id,
  name: z.string(),
  status: z.string(),
  versions: z.array(z.strictObject({ major: z.int(), minor: z.int(), digest: z.string(), createdAt: time })),
  producers: z.array(
    z.strictObject({
      name: z.string(),
      publishes: z.array(z.string()),
      schedule: z.string().nullable(),
      nextRuns: z.array(nextRun),
      lastRunAt: time.nullable(),
    }),
  ),
  consumers: z.array(
    z.strictObject({
      name: z.string(),
      subscribes: z.array(z.string()),
      publishes: z.array(z.string()),
      mutates: z.boolean(),
      approval: z.boolean(),
      wakeAt: time.nullable(),
    }),
  ),
  topics: z.array(z.strictObject({ id, name: z.string(), pending: z.int() })),
});

const event = z.strictObject({
  id,
  workflow: z.string(),
  workflowId: id,
  topic: z.string(),
  topicId: id,
  messageId: z.string(),
  payload: z.json(),
  status: z.string(),
  reservedByRunId: id.nullable(),
  createdByRunId: id.nullable(),
  attemptNumber: z.int(),
  createdAt: time,
  updatedAt: time,
});

const logLine = z.strictObject({
  runId: id,
  workflow: z.string(),
  workflowId: id,
  handlerName: z.string(),
  at: time,
  level: z.string(),
  message: z.string(),
  data: z.json(),
});

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

afterEach(() => bench.dispose());

describe("workflows and events", () => {
  beforeEach(() => bench.run("run", fixture("payments"), "--once"));

  test("list shows each workflow", async () => {
    expect((await bench.run("workflows", "list")).stdout).toMatch(/^payments +active, stopped +1 /m);
    const rows = z
      .array(z.looseObject({ name: z.string(), createdAt: time }))
      .parse(await bench.json("workflows", "list"));
    expect(rows.map(({ name }) => name)).toEqual(["payments"]);
    expect(rows[0]).not.toHaveProperty("handlerConfig");
  });

  test("show says what its handlers do and when", async () => {
    const { exitCode, stdout } = await bench.run("workflows", "show", "payments");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Producer readOrders\n {2}runs +every hour\n {2}publishes +ordered$/m);
    expect(stdout).toMatch(/^Consumer pay\n {2}takes +ordered\n {2}publishes +paid\n {2}acts +yes$/m);
    expect(stdout).toMatch(/^ordered +0$/m);
  });

  test("show prints JSON", async () => {
    expect(details.parse(await bench.json("workflows", "show", "payments"))).toMatchObject({
      name: "payments",
      versions: [{ major: 1, minor: 0 }],
      producers: [{ name: "readOrders", schedule: "every hour" }],
    });
  });

  test("show names the workflows that there are when one is unknown", async () => {
    expect(await bench.run("workflows", "show", "payment")).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: 'error: There is no workflow "payment". Known: payments.\n',
    });
  });

  test("events shows what was published", async () => {
    const { stdout } = await bench.run("events");
    expect(stdout).toMatch(/^[0-9a-f]{8} +payments +ordered +1 +reserved +\d{4}-.* +\{"number":"1"\}$/m);
  });

  test.each([
    { words: [], count: 1 },
    { words: ["--workflow", "payments", "--topic", "ordered"], count: 1 },
    { words: ["--workflow", "payments", "--topic", "paid"], count: 0 },
    { words: ["--status", "reserved"], count: 1 },
    { words: ["--status", "pending"], count: 0 },
    { words: ["--text", "NUMBER"], count: 1 },
    { words: ["--text", "nothing of the kind"], count: 0 },
  ])("events chosen by $words are printed as JSON", async ({ words, count }) => {
    expect(z.array(event).parse(await bench.json("events", ...words))).toHaveLength(count);
  });

  test.each([
    { words: ["--topic", "paid"], exitCode: 2, message: "--topic goes with --workflow" },
    { words: ["--status", "gone"], exitCode: 2, message: "Allowed choices are pending" },
    {
      words: ["--workflow", "payments", "--topic", "payed"],
      exitCode: 1,
      message: 'There is no topic "payed". Known: ordered, paid.',
    },
  ])("events $words: $message", async ({ words, exitCode, message }) => {
    const outcome = await bench.run("events", ...words);
    expect(outcome.exitCode).toBe(exitCode);
    expect(outcome.stderr).toContain(message);
  });
});

describe("logs", () => {
  test("shows the last lines of runs, oldest first", async () => {
    await bench.run("run", fixture("chatty"), "--once");
    const { exitCode, stdout } = await bench.run("logs");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^\d{4}-.* info +chatty\.talk [0-9a-f]{8} {2}line 1\n\d{4}-.* warn +chatty\.talk [0-9a-f]{8} {2}warning 1 \{"count":1\}\n$/,
    );
  });

  test("is chosen by level, run, workflow and number, and prints JSON", async () => {
    await bench.run("run", fixture("chatty"), "--once");
    const lines = z.array(logLine).parse(await bench.json("logs", "--workflow", "chatty"));
    expect(lines.map(({ message }) => message)).toEqual(["line 1", "warning 1"]);
    const messages = async (...words: string[]) =>
      z
        .array(logLine)
        .parse(await bench.json("logs", ...words))
        .map(({ message }) => message);
    expect(await messages("--level", "warn")).toEqual(["warning 1"]);
    expect(await messages("--limit", "1")).toEqual(["warning 1"]);
    expect(await messages("--run", lines[0]!.runId.slice(-8))).toHaveLength(2);
    expect((await bench.run("logs", "--level", "error")).stdout).toBe("No such log lines.\n");
  });

  test.each([
    { words: ["--run", "ffffffff"], message: 'There is no run "ffffffff"' },
    { words: ["--workflow", "none"], message: 'There is no workflow "none". Known: chatty.' },
  ])("says what is not there for $words", async ({ words, message }) => {
    await bench.run("run", fixture("chatty"), "--once");
    const { exitCode, stderr } = await bench.run("logs", "-f", ...words);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
  });

  test("-f goes on with what an engine in another process writes, until Ctrl-C", async () => {
    await bench.run("run", fixture("chatty"), "--once");
    const logs = bench.start("logs", "-f", "--level", "warn", "--json");
    expect(logLine.parse(JSON.parse(await logs.line("warning 1")))).toMatchObject({ level: "warn" });
    const engine = bench.start("run", fixture("chatty"));
    await logs.line("warning 3");
    logs.signal("SIGINT");
    const { exitCode, stdout, stderr } = await logs.ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).not.toContain("line 1");
    engine.signal("SIGINT");
    await engine.ended;
  });
});
