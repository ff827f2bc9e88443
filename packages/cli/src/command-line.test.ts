import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openDatabase } from "@millrace/db";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runCommandLine } from "./index.ts";
import { Bench } from "./testing/command-line-test.ts";

const COMMANDS = [
  "run",
  "status",
  "workflows",
  "runs",
  "logs",
  "inputs",
  "events",
  "outputs",
  "needs-attention",
  "resolve",
  "approve",
  "retry",
  "pause",
  "resume",
  "skip-input",
  "dismiss",
  "jobs",
  "audit",
  "backup",
  "doctor",
  "completion",
];

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

afterEach(() => bench.dispose());

describe("help", () => {
  test("names every command and the exit codes", async () => {
    const { exitCode, stdout } = await bench.run("--help");
    expect(exitCode).toBe(0);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
    expect(stdout).toContain("Exit codes:");
  });

  test.each(COMMANDS)("of %s shows what it is for, the shared options and an example", async (command) => {
    const { exitCode, stdout, stderr } = await bench.run(command, "--help");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain(`Usage: millrace ${command}`);
    expect(stdout).toContain("--database <location>");
    expect(stdout).toMatch(new RegExp(`Examples?:\\n.*millrace ${command}`));
  });

  test("is shown when no command is named", async () => {
    const { exitCode, stderr } = await bench.run();
    expect(exitCode).toBe(2);
    expect(stderr).toContain("Usage: millrace");
  });

  test("knows the version", async () => {
    expect(await bench.run("--version")).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
  });
});

describe("a wrong command line exits with 2 and says what is wrong", () => {
  test.each([
    { words: ["rnus"], message: "Did you mean runs?" },
    { words: ["runs", "--bogus"], message: "unknown option '--bogus'" },
    { words: ["runs", "--limit", "many"], message: "It is a number." },
    { words: ["runs", "--limit", "0"], message: "It is at least 1." },
    { words: ["runs", "--status", "fine"], message: "Allowed choices are active" },
    { words: ["run"], message: "missing required argument 'file'" },
    { words: ["resolve"], message: "missing required argument 'words'" },
    { words: ["resolve", "8f2a9c01"], message: "Name one mutation and one verdict" },
    { words: ["resolve", "8f2a9c01", "maybe"], message: '"maybe" is not a verdict' },
    { words: ["resolve", "8f2a9c01", "skip", "--dry-run"], message: "go with --connector" },
    { words: ["resolve", "8f2a9c01", "skip", "--result", "{}"], message: "goes with the verdict happened" },
    { words: ["resolve", "8f2a9c01", "happened", "--result", "{"], message: "It is not JSON" },
    { words: ["resolve", "--connector", "http", "skip"], message: "needs --from and --before" },
    { words: ["resolve", "--connector", "http", "--from", "yesterday", "skip"], message: "It is a time with its zone" },
    { words: ["retry", "payments", "--by", " "], message: "It is empty." },
  ])("$words", async ({ words, message }) => {
    const { exitCode, stdout, stderr } = await bench.run(...words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toContain("--help");
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe("a database that can't be used", () => {
  test.each([
    ["status"],
    ["runs"],
    ["inputs"],
    ["outputs"],
    ["needs-attention"],
    ["retry", "payments"],
    ["pause", "payments"],
    ["approve", "8f2a9c01"],
    ["resolve", "8f2a9c01", "skip"],
    ["workflows", "list"],
    ["events"],
    ["logs"],
    ["logs", "-f"],
    ["jobs", "list"],
    ["jobs", "pause", "nightly"],
    ["backup", "copy.sqlite"],
    ["doctor"],
  ])("when it is missing, %s says so and makes none", async (...words) => {
    const { exitCode, stderr } = await bench.run(...words);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("There is no database at sqlite:");
    expect(readdirSync(bench.folder)).toEqual([]);
  });

  test("when it is no database, it is left as it is", async () => {
    writeFileSync(bench.databasePath, "Dear diary, this is far from being a database.");
    const { exitCode, stderr } = await bench.run("status");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("is not an SQLite database");
  });

  test("when a newer version has made it, it is refused", async () => {
    await (await openDatabase(`sqlite:${bench.databasePath}`)).close();
    const raw = new DatabaseSync(bench.databasePath);
    raw.exec("INSERT INTO kysely_migration VALUES ('9999-future', '2099-01-01')");
    raw.close();
    const { exitCode, stderr } = await bench.run("status");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("was made by a newer version of Millrace");
  });

  test("when another process has locked it, this is said", async () => {
    await (await openDatabase(`sqlite:${bench.databasePath}`)).close();
    const raw = new DatabaseSync(bench.databasePath);
    raw.exec("BEGIN EXCLUSIVE");
    // SQLite's locks hold between processes.
    const { exitCode, stderr } = await bench.start("status").ended;
    raw.close();
    expect(exitCode).toBe(1);
    expect(stderr).toContain("is locked by another process");
  });

  test("when its location is not one, an example is given", async () => {
    const { exitCode, stderr } = await bench.run("status", "--database", "millrace.sqlite");
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Use "sqlite:path/to/file.sqlite"');
    expect(existsSync("millrace.sqlite")).toBe(false);
  });
});

test("--verbose shows where an error arose", async () => {
  const { stderr } = await bench.run("status", "--verbose");
  expect(stderr).toMatch(/^\s+at /m);
});

test("the option --database goes before MILLRACE_DATABASE", async () => {
  const { stderr } = await bench.run("status", "--database", `sqlite:${join(bench.folder, "other.sqlite")}`);
  expect(stderr).toContain("other.sqlite");
});

describe("colours", () => {
  const errorOf = async (env: Record<string, string>) => {
    let text = "";
    const stream = { isTTY: true, write: (part: string) => (text += part) };
    await runCommandLine(["status", "--database", "nowhere"], { stdout: stream, stderr: stream, env });
    return text;
  };

  test("are for a terminal", async () => {
    expect(await errorOf({})).toContain("\u001B[31m");
  });

  test("are off with NO_COLOR", async () => {
    expect(await errorOf({ NO_COLOR: "1" })).not.toContain("\u001B");
  });
});
