import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { Bench, fixture } from "../testing/command-line-test.ts";

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

afterEach(() => bench.dispose());

const lastLine = z.looseObject({
  msg: z.literal("summary"),
  summary: z.array(
    z.strictObject({
      workflow: z.string(),
      inputs: z.int(),
      runs: z.int(),
      done: z.int(),
      failed: z.int(),
      unknown: z.int(),
      pending: z.int(),
      needsAttention: z.int(),
      retryAt: z.iso.datetime().nullable(),
    }),
  ),
});

/** The end of the id of the mutation that waits for a person. */
async function openMutation(): Promise<string> {
  const rows = z.array(z.object({ id: z.string() })).parse(await bench.json("outputs"));
  return rows[0]!.id.slice(-8);
}

describe("millrace run --once", () => {
  test("shows what came in and what was done, and a summary; exits with 3 when something needs a person", async () => {
    const { exitCode, stdout, stderr } = await bench.run("run", fixture("payments"), "--once");
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: "" });
    expect(stdout).toMatch(/came in +payments {2}Order 1 of ACME \(shop\)/);
    expect(stdout).toMatch(/needs you +payments .*millrace resolve [0-9a-f]{8} happened/);
    expect(stdout).toMatch(/^payments +1 +4 +0 +0 +1 +0 +1$/m);
  });

  test("does nothing twice, and exits with 0 when nothing needs a person", async () => {
    await bench.run("run", fixture("payments"), "--once");
    await bench.run("resolve", await openMutation(), "happened");
    const second = await bench.run("run", fixture("payments"), "--once");
    expect(second.exitCode).toBe(0);
    expect(second.stdout).toMatch(/done +payments {2}Confirm 1/);
    const third = await bench.run("run", fixture("payments"), "--once");
    expect(third.stdout).toMatch(/^payments +0 +0 +0 +0 +0 +0 +0$/m);
  });

  test("with --json prints lines of JSON, the last with the summary", async () => {
    const { stdout } = await bench.run("run", fixture("payments"), "--once", "--json");
    const lines = stdout.trim().split("\n");
    const records = lines.map((line) => z.looseObject({ level: z.string(), msg: z.string() }).parse(JSON.parse(line)));
    expect(records.map(({ activity }) => activity)).toEqual(
      expect.arrayContaining(["host", "in", "unknown", "person"]),
    );
    expect(lastLine.parse(records.at(-1)).summary).toMatchObject([{ workflow: "payments", inputs: 1, unknown: 1 }]);
  });

  test("does not let what came in steer the terminal", async () => {
    const { stdout } = await bench.run("run", fixture("payments"), "--once");
    expect(stdout).not.toContain("\u001B");
  });

  test("makes no doorbell for itself", async () => {
    await bench.run("run", fixture("payments"), "--once");
    expect(existsSync(`${bench.databasePath}-doorbell`)).toBe(false);
  });
});

describe("millrace run", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("ends gracefully on %s", async (signal) => {
    const engine = bench.start("run", fixture("payments"));
    await engine.line("needs you");
    engine.signal(signal);
    expect(await engine.ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await bench.run("status")).toMatchObject({ exitCode: 0 });
  });

  test("ends at once, with 130, on a second signal", async () => {
    const engine = bench.start("run", fixture("hanging"));
    await engine.line("it hangs");
    engine.signal("SIGINT");
    await engine.line("Ctrl-C again ends it at once");
    engine.signal("SIGTERM");
    expect((await engine.ended).exitCode).toBe(130);
  });

  test("ends gracefully when nobody reads its output any more", async () => {
    const engine = bench.start("run", fixture("payments"), "--json");
    await engine.line('"activity":"person"');
    engine.hangUp();
    await bench.run("resolve", await openMutation(), "happened");
    expect(await engine.ended).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("goes on as soon as a person resolves a mutation in another process", async () => {
    const engine = bench.start("run", fixture("payments"));
    await engine.line("needs you");
    expect(await bench.start("resolve", await openMutation(), "happened").ended).toMatchObject({ exitCode: 0 });
    expect(await engine.line("Confirm 1")).toContain("done");
    engine.signal("SIGINT");
    expect(await engine.ended).toMatchObject({ exitCode: 0 });
  });

  test("sends what a person approves in another process", async () => {
    const engine = bench.start("run", fixture("letters"));
    await engine.line("waits");
    await bench.run("approve", await openMutation());
    await engine.line("done");
    engine.signal("SIGINT");
    expect((await engine.ended).stdout).toMatch(/done +letters {2}Write to Anna/);
  });

  test("tries again what a person wants tried again in another process", async () => {
    const engine = bench.start("run", fixture("letters"));
    await engine.line("the code is wrong →");
    await bench.run("retry", "broken");
    await engine.line("broken.poll  run failed", 2);
    const runs = z.array(z.object({ trigger: z.string() })).parse(await bench.json("runs", "--workflow", "broken"));
    expect(runs.map(({ trigger }) => trigger)).toEqual(["retry", "schedule"]);
  });

  test("refuses a database that another process runs, and says what may be done meanwhile", async () => {
    const engine = bench.start("run", fixture("payments"));
    await engine.line("Ctrl-C ends it");
    const { exitCode, stderr } = await bench.run("run", fixture("payments"), "--once");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("already run by another Millrace process");
    expect(stderr).toContain("all other commands may be used");
  });

  test("takes up what a killed process left", async () => {
    const killed = bench.start("run", fixture("hanging"));
    await killed.line("it hangs");
    killed.signal("SIGKILL");
    await killed.ended;
    const runs = z.array(z.object({ status: z.string() })).parse(await bench.json("runs"));
    expect(runs.map(({ status }) => status)).toContain("active");
    const engine = bench.start("run", fixture("hanging"), "--json");
    expect(await engine.line('"recovered"')).toContain('"crashedRuns":1');
  });
});
