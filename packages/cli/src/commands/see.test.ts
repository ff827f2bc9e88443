import { MUTATION_STATUSES, NOTIFICATION_KINDS, RUN_PHASES, RUN_STATUSES, WORKFLOW_STATUSES } from "@millrace/db";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { Bench, fixture } from "../testing/command-line-test.ts";

const id = z.uuid();
const time = z.iso.datetime();
const json = z.json();

const workflow = z.strictObject({
  id,
  name: z.string(),
  status: z.enum(WORKFLOW_STATUSES),
  error: z.string().nullable(),
  version: z.string().nullable(),
  pending: z.record(z.string(), z.int()),
  schedules: z.array(z.strictObject({ producer: z.string(), nextRunAt: time, lastRunAt: time.nullable() })),
  wakes: z.array(z.strictObject({ consumer: z.string(), wakeAt: time })),
  retryAt: time.nullable(),
  openNotifications: z.int(),
});

const run = z.strictObject({
  id,
  workflow: z.string(),
  workflowId: id,
  sessionId: id,
  scriptId: id,
  handlerType: z.enum(["producer", "consumer"]),
  handlerName: z.string(),
  trigger: z.string(),
  phase: z.enum(RUN_PHASES),
  status: z.enum(RUN_STATUSES),
  retryOf: id.nullable(),
  attempt: z.int(),
  transientFailures: z.int(),
  mutationId: id.nullable(),
  mutationOutcome: z.string().nullable(),
  prepareResult: json,
  inputState: json,
  outputState: json,
  error: z.string().nullable(),
  errorType: z.string().nullable(),
  startedAt: time,
  preparedAt: time.nullable(),
  mutatingAt: time.nullable(),
  mutatedAt: time.nullable(),
  emittingAt: time.nullable(),
  endedAt: time.nullable(),
});

const input = z.strictObject({
  id,
  workflow: z.string(),
  workflowId: id,
  source: z.string(),
  type: z.string(),
  externalId: z.string(),
  title: z.string(),
  status: z.enum(["active", "skipped"]),
  createdByRunId: id.nullable(),
  createdAt: time,
  updatedAt: time,
});

const mutation = z.strictObject({
  id,
  handlerRunId: id,
  workflow: z.string(),
  workflowId: id,
  connector: z.string(),
  operation: z.string(),
  params: json,
  idempotencyKey: z.string(),
  title: z.string(),
  status: z.enum(MUTATION_STATUSES),
  result: json,
  error: z.string().nullable(),
  sentAt: time.nullable(),
  approvedBy: z.string().nullable(),
  approvedAt: time.nullable(),
  approvalEvidence: z.string().nullable(),
  reconcileAttempts: z.int(),
  notAppliedCount: z.int(),
  uncertainSince: time.nullable(),
  lastReconcileAt: time.nullable(),
  nextReconcileAt: time.nullable(),
  resolution: z.string().nullable(),
  resolvedBy: z.string().nullable(),
  resolvedAt: time.nullable(),
  evidence: z.string().nullable(),
  lateOutcome: json,
  createdAt: time,
  updatedAt: time,
});

const attention = z.strictObject({
  notification: z.strictObject({
    id,
    workflowId: id.nullable(),
    jobId: id.nullable(),
    runId: id.nullable(),
    mutationId: id.nullable(),
    kind: z.enum(NOTIFICATION_KINDS),
    message: z.string(),
    createdAt: time,
    resolvedAt: time.nullable(),
  }),
  workflow: z.string().nullable(),
  job: z.strictObject({ id, name: z.string() }).nullable(),
  mutation: mutation.nullable(),
});

let bench: Bench;

beforeEach(async () => {
  bench = new Bench();
  await bench.run("run", fixture("payments"), "--once");
});

afterEach(() => bench.dispose());

describe("status", () => {
  test("shows why a workflow has stopped", async () => {
    const { exitCode, stdout } = await bench.run("status");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^payments +active, stopped +1\.0 .*It is not known whether "Pay 1" happened/m);
  });

  test("prints JSON", async () => {
    expect(z.array(workflow).parse(await bench.json("status"))).toMatchObject([
      { name: "payments", openNotifications: 1, schedules: [{ producer: "readOrders" }] },
    ]);
  });
});

describe("runs", () => {
  const handlersOf = async (...words: string[]) =>
    z
      .array(run)
      .parse(await bench.json("runs", ...words))
      .map(({ handlerName }) => handlerName);

  test("shows the newest first", async () => {
    const { stdout } = await bench.run("runs");
    expect(stdout.split("\n")[1]).toMatch(/payments +pay +event +mutating +paused:reconciliation +1 /);
  });

  test.each([
    { words: ["--limit", "1"], handlers: ["pay"] },
    { words: ["--status", "paused:reconciliation"], handlers: ["pay"] },
    { words: ["--handler", "readOrders"], handlers: ["readOrders"] },
    { words: ["--workflow", "payments", "--handler", "confirm"], handlers: ["confirm"] },
  ])("prints those chosen by $words as JSON", async ({ words, handlers }) => {
    expect(await handlersOf(...words)).toEqual(handlers);
  });

  test("names the workflows that there are when one is unknown", async () => {
    const { exitCode, stderr } = await bench.run("runs", "--workflow", "payment");
    expect(exitCode).toBe(1);
    expect(stderr).toBe('error: There is no workflow "payment". Known: payments.\n');
  });
});

describe("inputs", () => {
  test("shows what came in, without what steers a terminal", async () => {
    const { stdout } = await bench.run("inputs");
    expect(stdout).toMatch(/^[0-9a-f]{8} +payments +shop +order +Order 1 of ACME +active /m);
  });

  test.each([
    { words: [], count: 1 },
    { words: ["--source", "shop", "--type", "order", "--status", "active", "--workflow", "payments"], count: 1 },
    { words: ["--source", "mail"], count: 0 },
    { words: ["--status", "skipped"], count: 0 },
  ])("prints those chosen by $words as JSON", async ({ words, count }) => {
    expect(z.array(input).parse(await bench.json("inputs", ...words))).toHaveLength(count);
  });

  test("says so when there are none", async () => {
    expect((await bench.run("inputs", "--source", "mail")).stdout).toBe("No such inputs.\n");
  });
});

describe("outputs", () => {
  test("shows whether each action happened", async () => {
    const { stdout } = await bench.run("outputs");
    expect(stdout).toMatch(/^[0-9a-f]{8} +payments +bank\.transfer +Pay 1 +indeterminate /m);
  });

  test.each([
    { words: ["--connector", "bank", "--operation", "transfer", "--workflow", "payments"], count: 1 },
    { words: ["--status", "indeterminate"], count: 1 },
    { words: ["--status", "applied"], count: 0 },
    { words: ["--operation", "confirm"], count: 0 },
  ])("prints those chosen by $words as JSON", async ({ words, count }) => {
    expect(z.array(mutation).parse(await bench.json("outputs", ...words))).toHaveLength(count);
  });

  test("shows what came of an input that is named by the end of its id", async () => {
    const [first] = z.array(input).parse(await bench.json("inputs"));
    const outputs = z.array(mutation).parse(await bench.json("outputs", "--input", first!.id.slice(-8)));
    expect(outputs.map(({ title }) => title)).toEqual(["Pay 1"]);
  });
});

describe("needs-attention", () => {
  test("says what was asked for and what to do, and exits with 3", async () => {
    const { exitCode, stdout } = await bench.run("needs-attention");
    expect(exitCode).toBe(3);
    expect(stdout).toContain('Asked for: bank.transfer {"number":"1"}');
    expect(stdout).toMatch(/millrace resolve [0-9a-f]{8} happened\|did-not-happen\|skip\|try-again/);
  });

  test("prints JSON", async () => {
    expect(z.array(attention).parse(await bench.json("needs-attention"))).toMatchObject([
      { notification: { kind: "indeterminate" }, workflow: "payments", mutation: { status: "indeterminate" } },
    ]);
  });

  test("exits with 0 when nothing does", async () => {
    const [open] = z.array(attention).parse(await bench.json("needs-attention"));
    await bench.run("resolve", open!.mutation!.id, "skip");
    expect(await bench.run("needs-attention")).toEqual({ exitCode: 0, stdout: "Nothing needs you.\n", stderr: "" });
  });
});
