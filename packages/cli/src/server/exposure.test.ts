/** Who can reach the host decides what it asks for before it starts. */
import { afterEach, describe, expect, test } from "vitest";
import { HostBench } from "../testing/host-bench.ts";
import { assertMayListen, HostConfigurationError, isLoopback, type Exposure } from "./exposure.ts";

const NOW = 1_000;
const token = "t".repeat(32);

const exposure = (changes: Partial<Exposure>): Exposure => ({
  hostname: "0.0.0.0",
  allowedHosts: ["millrace.example.org"],
  token,
  accessTokens: [],
  now: NOW,
  ...changes,
});

const accessToken = (changes: object) =>
  ({ role: "operator", revokedAt: null, expiresAt: null, ...changes }) as Exposure["accessTokens"][number];

describe("a host that only this machine reaches", () => {
  test("needs nothing to be configured", () => {
    for (const hostname of ["127.0.0.1", "127.8.8.8", "::1", "localhost"]) {
      expect(isLoopback(hostname)).toBe(true);
      assertMayListen(exposure({ hostname, allowedHosts: [], token: undefined }));
    }
    expect(["0.0.0.0", "::", "192.168.1.2", "localhost.example.org"].map(isLoopback)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  test("takes no token that can be guessed", () => {
    expect(() => assertMayListen(exposure({ hostname: "127.0.0.1", token: "short" }))).toThrow(/5 characters/);
  });
});

describe("a host that others reach", () => {
  test("starts with a token, or when somebody has an access token to come in with", () => {
    assertMayListen(exposure({}));
    assertMayListen(exposure({ token: undefined, accessTokens: [accessToken({ expiresAt: NOW + 1 })] }));
  });

  test("does not start when nobody can say who they are", () => {
    const useless = [{ role: "publisher" }, { revokedAt: 1 }, { expiresAt: NOW }].map(accessToken);
    for (const accessTokens of [[], useless]) {
      expect(() => assertMayListen(exposure({ token: undefined, accessTokens }))).toThrow(HostConfigurationError);
    }
  });

  test("does not start when it does not know by which names it is reached", () => {
    expect(() => assertMayListen(exposure({ allowedHosts: [] }))).toThrow(/--allowed-host/);
  });
});

describe("a host", () => {
  const benches: HostBench[] = [];
  afterEach(() => Promise.all(benches.splice(0).map((bench) => bench.close())));

  test("leaves nothing behind when it has stopped", async () => {
    const bench = await HostBench.open();
    benches.push(bench);
    await bench.get("/api/session");
    await bench.host.stop();
    await expect(bench.get("/healthz")).rejects.toThrow("ECONNREFUSED");
    await bench.host.stop();
  });

  test("says so when its port is taken", async () => {
    const bench = await HostBench.open();
    benches.push(bench);
    await expect(HostBench.open({ port: bench.port })).rejects.toThrow(/Something else listens at port/);
  });

  test("stops without waiting for ever for a request that never ends", async () => {
    const bench = await HostBench.open({ stopGraceMs: 50 });
    benches.push(bench);
    const head = `POST /api/session HTTP/1.1\r\nHost: 127.0.0.1:${bench.port}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n`;
    const unfinished = bench.exchange(head).catch(() => "");
    await bench.get("/healthz");
    await bench.host.stop();
    expect(await unfinished).not.toContain("201");
  });
});
