import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createStores, DatabaseLockedError, DatabaseOwnedError, openDatabase } from "@millrace/db";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createJob } from "../support/job-rows.ts";
import { createWorld } from "../support/store-behaviours.ts";

const PROGRAM = fileURLToPath(new URL("database-process.ts", import.meta.url));

let folder: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-two-"));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

const location = () => `sqlite:${join(folder, "test.sqlite")}`;

/** Starts a process that does `task`; gives the line with which it says that it is ready or done. */
function run(...task: string[]): { child: ChildProcess; line: Promise<string>; exit: Promise<void> } {
  const child = spawn(process.execPath, ["--conditions=millrace-source", PROGRAM, location(), ...task]);
  children.push(child);
  const line = new Promise<string>((resolve, reject) => {
    let output = "";
    child.stdout.on("data", (piece) => {
      output += String(piece);
      if (output.includes("\n")) resolve(output.trim());
    });
    child.stderr.on("data", (piece) => reject(new Error(String(piece))));
  });
  return { child, line, exit: new Promise((resolve) => child.once("exit", () => resolve())) };
}

test("two processes that reserve the same events and publish the same messages double nothing", async () => {
  const database = await openDatabase(location());
  const { stores, workflow, topic, startRun } = await createWorld(database);
  const run1 = await startRun();
  for (let index = 0; index < 100; index += 1) {
    const event = {
      workflowId: workflow.id,
      topicId: topic.id,
      messageId: `m${index}`,
      payload: 1,
      createdByRunId: null,
      inputIds: [],
    };
    await stores.events.publish(event, 1);
  }
  const results = await Promise.all(["one", "two"].map((name) => run("compete", run1.id, name).line));
  const counts = results.map((line) => JSON.parse(line) as { reserved: number; created: number });
  expect(counts.reduce((sum, { reserved }) => sum + reserved, 0)).toBe(100);
  expect(counts.reduce((sum, { created }) => sum + created, 0)).toBe(50);
  await database.close();
});

test("two processes that insert the same ticks and claim what is ready double nothing", async () => {
  const database = await openDatabase(location());
  const stores = createStores(database);
  const job = await createJob({ stores });
  const lines = await Promise.all([run("ticks").line, run("ticks").line]);
  const counts = lines.map((line) => JSON.parse(line) as { created: number; claimed: number });
  const sum = (of: "created" | "claimed") => counts.reduce((total, count) => total + count[of], 0);
  expect(sum("created")).toBe(200);
  const executions = await stores.jobHistory.list(job.id, { limit: 1_000 });
  const expected = Array.from({ length: 200 }, (_, index) => 200 - index);
  expect(executions.map(({ scheduledAt }) => scheduledAt)).toEqual(expected);
  const claimed = executions.filter(({ status }) => status === "running");
  expect(claimed).toHaveLength(sum("claimed"));
  expect(new Set(claimed.map(({ attempt, leaseToken }) => `${attempt}/${leaseToken}`))).toEqual(new Set(["1/1"]));
  await database.close();
});

test("one engine owns a database; the next one gets it when the first is killed", async () => {
  const owner = run("own");
  expect(await owner.line).toBe("owned");
  const database = await openDatabase(location());
  expect(() => database.acquireOwnership()).toThrow(DatabaseOwnedError);
  expect(await createStores(database).workflows.list()).toEqual([]);
  owner.child.kill("SIGKILL");
  await owner.exit;
  database.acquireOwnership();
  await database.close();
});

test("a database that another process has locked says so, and nothing of the write is there", async () => {
  const database = await openDatabase(location(), { busyTimeoutMs: 20 });
  const { stores, workflow } = await createWorld(database);
  const locker = run("lock");
  expect(await locker.line).toBe("locked");
  await expect(stores.topics.getOrCreate(workflow.id, "rows", 1)).rejects.toThrow(DatabaseLockedError);
  await expect(openDatabase(location(), { busyTimeoutMs: 20 })).rejects.toThrow(DatabaseLockedError);
  locker.child.kill("SIGKILL");
  await locker.exit;
  expect((await stores.topics.list(workflow.id)).map(({ name }) => name)).toEqual(["mail"]);
  await stores.topics.getOrCreate(workflow.id, "rows", 1);
  await database.close();
});

test("two processes that open a new file at once both find it complete", async () => {
  const lines = await Promise.all(Array.from({ length: 4 }, () => run("open").line));
  expect(lines).toEqual(["opened", "opened", "opened", "opened"]);
});
