import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { Bench } from "../testing/command-line-test.ts";

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

afterEach(() => bench.dispose());

const created = z.object({ id: z.string(), token: z.string(), expiresAt: z.string().nullable() });
const create = async (...words: string[]) =>
  created.parse(await bench.json("tokens", "create", "--name", "ci", "--role", "publisher", ...words));

describe("millrace tokens", () => {
  test("prints a token once, and keeps only its digest", async () => {
    const { exitCode, stdout } = await bench.run("tokens", "create", "--name", "ci", "--role", "viewer");
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^mlr_[\w-]{43}\n$/)]);
    expect((await bench.run("tokens", "list")).stdout).toMatch(/ci +viewer +default .* for ever/);
    expect(readFileSync(bench.databasePath).includes(stdout.trim())).toBe(false);
    expect(JSON.stringify(await bench.json("tokens", "list"))).not.toContain("digest");
  });

  test("makes one that expires, for a tenant of its own", async () => {
    const { expiresAt } = await create("--expires", "30d", "--platform", "theirs");
    expect(Date.parse(expiresAt!)).toBeGreaterThan(Date.now());
    expect(await bench.json("tokens", "list")).toMatchObject([{ name: "ci", platform: "theirs", expiresAt }]);
  });

  test("revokes one by its name or the end of its id, and says so when there are several", async () => {
    const { id } = await create();
    await create();
    expect((await bench.run("tokens", "revoke", "ci")).exitCode).toBe(1);
    expect((await bench.run("tokens", "revoke", id.slice(-8))).exitCode).toBe(0);
    expect((await bench.run("tokens", "revoke", "ci")).exitCode).toBe(0);
    expect((await bench.run("tokens", "revoke", "ci")).exitCode).toBe(1);
    expect((await bench.run("tokens", "list")).stdout.match(/revoked/g)).toHaveLength(2);
  });

  test("refuses a role or a duration that is none", async () => {
    const words = ["tokens", "create", "--name", "ci", "--role"];
    expect((await bench.run(...words, "admin")).exitCode).toBe(2);
    expect((await bench.run(...words, "viewer", "--expires", "soon")).exitCode).toBe(2);
    expect((await bench.run("tokens", "create", "--name", "ci")).exitCode).toBe(2);
  });
});
