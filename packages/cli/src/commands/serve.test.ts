import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { Bench, fixture } from "../testing/command-line-test.ts";
import { codeOf } from "../testing/host-bench.ts";

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

afterEach(() => bench.dispose());

const serving = z.looseObject({ url: z.url(), loginUrl: z.url() });

describe("millrace serve", () => {
  test("runs the workflows, prints an address that lets one person in, and ends on a signal", async () => {
    const running = bench.start("serve", fixture("payments"), "--port", "0", "--by", "olga", "--json");
    const { url, loginUrl } = serving.parse(JSON.parse(await running.line("loginUrl")));
    const response = await fetch(`${url}/api/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code: codeOf(loginUrl) }),
    });
    expect(await response.json()).toMatchObject({ name: "olga", role: "operator" });
    await running.line("Order 1");
    running.signal("SIGINT");
    expect((await running.ended).exitCode).toBe(0);
  });

  test("lets in who shows an access token, until it is revoked from elsewhere", async () => {
    const { stdout } = await bench.run("tokens", "create", "--name", "grafana", "--role", "viewer");
    const running = bench.start("serve", fixture("letters"), "--port", "0", "--json");
    const { url } = serving.parse(JSON.parse(await running.line("loginUrl")));
    const status = async (token: string) =>
      (await fetch(`${url}/api/session`, { headers: { Authorization: `Bearer ${token}` } })).status;
    const changes = await fetch(`${url}/api/changes`, { headers: { Authorization: `Bearer ${stdout.trim()}` } });
    expect(changes.status).toBe(200);
    expect((await bench.run("tokens", "revoke", "grafana")).exitCode).toBe(0);
    expect(await status(stdout.trim())).toBe(401);
    // What it has opened ends as well.
    await changes.text();
    running.signal("SIGTERM");
    expect((await running.ended).exitCode).toBe(0);
  });

  test("does not start where others reach it and nobody has to say who they are", async () => {
    const file = fixture("letters");
    const open = await bench.run("serve", file, "--port", "0", "--hostname", "0.0.0.0", "--allowed-host", "a.example");
    expect([open.exitCode, open.stderr]).toEqual([1, expect.stringContaining("MILLRACE_TOKEN")]);
    await bench.run("tokens", "create", "--name", "olga", "--role", "operator");
    const nameless = await bench.run("serve", file, "--port", "0", "--hostname", "0.0.0.0");
    expect([nameless.exitCode, nameless.stderr]).toEqual([1, expect.stringContaining("--allowed-host")]);
  });

  test("refuses options that make no sense", async () => {
    const file = fixture("letters");
    for (const words of [
      ["--port", "70000"],
      ["--allowed-host", "http://a.example"],
      ["--public-url", "ftp://a.example"],
      ["--public-url", "https://a.example/path"],
    ]) {
      expect((await bench.run("serve", file, ...words)).exitCode).toBe(2);
    }
  });
});
