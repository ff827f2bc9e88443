import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { createEngine } from "@millrace/agent";
import { FakeClock } from "@millrace/agent/testing";
import { openDatabase } from "@millrace/db";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { Bench, fixture } from "../testing/command-line-test.ts";

const diagnosis = z.strictObject({
  status: z.enum(["ok", "attention", "damaged"]),
  database: z.string(),
  engineRuns: z.boolean(),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum(["ok", "attention", "damaged"]),
      message: z.string(),
      advice: z.string().nullable(),
    }),
  ),
});

let bench: Bench;

beforeEach(async () => {
  bench = new Bench();
  await (await openDatabase(`sqlite:${bench.databasePath}`)).close();
});

afterEach(() => bench.dispose());

async function examine() {
  const { exitCode, stdout } = await bench.run("doctor", "--json");
  const { checks, ...rest } = diagnosis.parse(JSON.parse(stdout));
  return { exitCode, ...rest, of: (name: string) => checks.find((check) => check.name === name) };
}

describe("doctor", () => {
  test("says that all is well", async () => {
    const { exitCode, stdout, stderr } = await bench.run("doctor");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^ok +database +It is whole \(\d+\.\d kB\)\.$/m);
    expect(stdout).toMatch(/All is well\.\n$/);
  });

  test("finds actions that nobody knows the outcome of, and stopped workflows, and says what to do", async () => {
    await bench.run("run", fixture("payments"), "--once");
    const { exitCode, stdout } = await bench.run("doctor");
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^look +actions +1 whose outcome nobody knows: [0-9a-f]{8}\.\n +Look there/m);
    expect(stdout).toMatch(/^look +workflows +1 stopped: payments \(It is not known/m);
    expect(stdout).toContain("3 of 13 checks need you.");
  });

  test("knows whether an engine runs", async () => {
    expect(await examine()).toMatchObject({ engineRuns: false });
    const engine = bench.start("run", fixture("hanging"));
    await engine.line("it hangs");
    const found = await examine();
    expect(found).toMatchObject({ engineRuns: true, status: "ok" });
    engine.signal("SIGKILL");
    await engine.ended;
    const left = await examine();
    expect(left).toMatchObject({ engineRuns: false, exitCode: 3 });
    expect(left.of("runs")).toMatchObject({ status: "attention", advice: expect.stringContaining("recovers them") });
  });

  test("finds executions whose worker is gone, and schedules that do not tick", async () => {
    const clock = new FakeClock("2026-01-01T00:00:00Z");
    const database = await openDatabase(`sqlite:${bench.databasePath}`);
    const begun = new Promise<void>((resolve) => {
      const stuck = { name: "stuck", handler: () => new Promise(() => resolve()) };
      const engine = createEngine({ database, clock, jobHandlers: [stuck] });
      void engine.start().then(() => engine.jobs.scheduleOnce({ name: "s", handler: "stuck" }));
    });
    await begun;
    // As a process that dies: nothing is ended.
    await database.close();
    const raw = new DatabaseSync(bench.databasePath);
    raw.exec(`UPDATE scheduled_jobs SET type = 'cron', cron_expression = '0 0 * * *', run_at = NULL, next_run = NULL`);
    raw.close();
    const found = await examine();
    expect(found.of("executions")).toMatchObject({ status: "attention", message: expect.stringContaining("1 lost") });
    expect(found.of("schedules")).toMatchObject({ status: "attention", message: expect.stringContaining("job s (") });
  });

  test("finds a row that names a missing one, and exits with 1", async () => {
    await bench.run("run", fixture("payments"), "--once");
    const raw = new DatabaseSync(bench.databasePath, { enableForeignKeyConstraints: false });
    raw.exec("DELETE FROM topics");
    raw.close();
    const found = await examine();
    expect(found).toMatchObject({ exitCode: 1, status: "damaged" });
    expect(found.of("references")?.message).toContain("that is missing");
  });

  test("finds damaged pages, and exits with 1", async () => {
    await bench.run("run", fixture("payments"), "--once");
    const raw = new DatabaseSync(bench.databasePath);
    raw.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    const row = raw.prepare("SELECT rootpage FROM sqlite_master WHERE name = 'mutations'").get();
    const { rootpage } = z.object({ rootpage: z.int() }).parse(row);
    raw.close();
    const pageSize = 4_096;
    expect(statSync(bench.databasePath).size % pageSize).toBe(0);
    const file = openSync(bench.databasePath, "r+");
    writeSync(file, Buffer.alloc(pageSize, 0x5a), 0, pageSize, (rootpage - 1) * pageSize);
    closeSync(file);
    const { exitCode, stdout, stderr } = await bench.run("doctor");
    expect(exitCode).toBe(1);
    expect(`${stdout}${stderr}`).toMatch(/damaged/i);
  });
});
