import { existsSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "@millrace/db";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Bench, fixture } from "../testing/command-line-test.ts";

let bench: Bench;
let target: string;

beforeEach(async () => {
  bench = new Bench();
  target = join(bench.folder, "copy.sqlite");
  await bench.run("run", fixture("payments"), "--once");
});

afterEach(() => bench.dispose());

/** The backup as a database to be looked into. */
const inCopy = (...words: string[]) => bench.run(...words, "--database", `sqlite:${target}`);

describe("backup", () => {
  test("makes a copy that holds all there was, and says how large it is", async () => {
    const { exitCode, stdout, stderr } = await bench.run("backup", target);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/ was copied to .*copy\.sqlite \(\d+\.\d kB\), and the copy is whole\.\n$/);
    expect((await inCopy("status")).stdout).toEqual((await bench.run("status")).stdout);
  });

  test("works while an engine runs", async () => {
    const engine = bench.start("run", fixture("payments"));
    await engine.line("Ctrl-C ends it");
    expect(await bench.json("backup", target)).toEqual({
      database: `sqlite:${bench.databasePath}`,
      path: target,
      bytes: statSync(target).size,
      verified: true,
    });
    engine.signal("SIGINT");
    await engine.ended;
    expect((await inCopy("doctor", "--json")).stdout).toContain('"status": "attention"');
  });

  test("does not replace a file", async () => {
    writeFileSync(target, "precious");
    const { exitCode, stderr } = await bench.run("backup", target);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("is there already. Choose another name, or add --force");
    expect(statSync(target).size).toBe(8);
  });

  test("with --force replaces a file, and leaves nothing else", async () => {
    writeFileSync(target, "precious");
    expect((await bench.run("backup", target, "--force")).exitCode).toBe(0);
    expect((await inCopy("status")).exitCode).toBe(0);
    expect(readdirSync(bench.folder).filter((name) => name.includes(".new"))).toEqual([]);
  });

  test("never replaces the database itself, whatever its name", async () => {
    symlinkSync(bench.databasePath, target);
    for (const path of [bench.databasePath, target]) {
      const { exitCode, stderr } = await bench.run("backup", path, "--force");
      expect(exitCode).toBe(1);
      expect(stderr).toContain("is the database itself; it is not replaced");
    }
    expect((await bench.run("status")).exitCode).toBe(0);
  });

  test("never replaces a database that an engine runs", async () => {
    const other = await openDatabase(`sqlite:${target}`);
    other.acquireOwnership();
    const { exitCode, stderr } = await bench.run("backup", target, "--force");
    await other.close();
    expect(exitCode).toBe(1);
    expect(stderr).toContain("is run by an engine; it is not replaced");
  });

  test("says that the folder is missing", async () => {
    const { exitCode, stderr } = await bench.run("backup", join(bench.folder, "missing", "copy.sqlite"));
    expect(exitCode).toBe(1);
    expect(stderr).toContain("has no folder to be in");
    expect(existsSync(join(bench.folder, "missing"))).toBe(false);
  });

  test("shows how far it is on a terminal, but not with --json", async () => {
    const { stderr } = await bench.runWith({ isTTY: true }, "backup", target);
    expect(stderr).toContain(" %");
    const json = await bench.runWith({ isTTY: true }, "backup", `${target}.2`, "--json");
    expect(json.stderr).toBe("");
  });
});
