/** Who is let in, and for what. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { codeOf, HostBench, TOKEN } from "../testing/host-bench.ts";
import { OPERATIONS } from "./operations.ts";

let bench: HostBench;

beforeEach(async () => {
  bench = await HostBench.open();
});

afterEach(() => bench.close());

const WHO = "/api/session";
const MINUTE_MS = 60_000;

describe("a request without a credential", () => {
  test("is refused by every operation that is not public, whatever else is wrong with it", async () => {
    const guarded = OPERATIONS.filter(({ access }) => access !== "public");
    expect(guarded.length).toBeGreaterThan(10);
    for (const { method, path } of guarded) {
      const address = path.replaceAll(/\{\w+\}/g, "x");
      const { status, headers } = await bench.send(method.toUpperCase(), `${address}?a=1&a=2`, { token: null });
      expect([method, path, status]).toEqual([method, path, 401]);
      expect(headers["www-authenticate"]).toContain("Bearer");
    }
  });

  test("may ask whether the host is alive and ready", async () => {
    expect((await bench.get("/healthz", { token: null })).json()).toEqual({ status: "ok" });
    expect((await bench.get("/readyz", { token: null })).json()).toEqual({ status: "ready" });
    await bench.engine.stop();
    expect((await bench.get("/readyz", { token: null })).status).toBe(503);
  });
});

describe("an access token", () => {
  test("is refused when it is wrong, or is no bearer token", async () => {
    expect((await bench.get(WHO, { token: `${TOKEN}x` })).status).toBe(401);
    expect((await bench.get(WHO, { token: "" })).status).toBe(401);
    const headers = { Authorization: `Basic ${Buffer.from(`a:${TOKEN}`).toString("base64")}` };
    expect((await bench.get(WHO, { token: null, headers })).status).toBe(401);
  });

  test("is good until it expires", async () => {
    const token = await bench.token("viewer", { expiresAt: bench.clock.now() + MINUTE_MS });
    expect((await bench.get(WHO, { token })).json()).toMatchObject({ role: "viewer", csrfToken: null });
    bench.clock.jumpTo(bench.clock.now() + MINUTE_MS);
    expect((await bench.get(WHO, { token })).status).toBe(401);
  });

  test("is good for nothing at once when it is revoked", async () => {
    const token = await bench.token("operator");
    expect((await bench.get(WHO, { token })).status).toBe(200);
    const [{ id } = { id: undefined }] = await bench.stores.accessTokens.list();
    await bench.stores.accessTokens.revoke(id!, bench.clock.now());
    expect((await bench.get(WHO, { token })).status).toBe(401);
  });

  test("is not tried when another credential beside it would be good", async () => {
    const { cookie } = await bench.logIn();
    expect((await bench.get(WHO, { token: "wrong", headers: { Cookie: cookie } })).status).toBe(401);
  });

  test("lets each role do what it is for, and nothing else", async () => {
    const event = { order: 1 };
    const headers = { "Idempotency-Key": "1" };
    const statuses = async (token: string) => [
      (await bench.get("/api/openapi.json", { token })).status,
      (await bench.post("/api/topics/orders/received", event, { token, headers })).status,
    ];
    expect(await statuses(await bench.token("viewer"))).toEqual([200, 403]);
    expect(await statuses(await bench.token("publisher"))).toEqual([403, 201]);
    expect(await statuses(await bench.token("operator"))).toEqual([200, 200]);
  });

  test("of another tenant reaches nothing of this one", async () => {
    const token = await bench.token("operator", { platform: "theirs" });
    const headers = { "Idempotency-Key": "1" };
    const published = await bench.post("/api/topics/orders/received", { order: 1 }, { token, headers });
    expect(published.status).toBe(404);
    expect((await bench.get("/metrics", { token })).status).toBe(403);
    expect((await bench.get(WHO, { token })).json()).toMatchObject({ platform: "theirs" });
  });
});

describe("who guesses", () => {
  test("has to wait after ten failures, even when the next guess is right", async () => {
    for (let guess = 0; guess < 10; guess += 1) await bench.get(WHO, { token: `guess ${guess}` });
    const blocked = await bench.get(WHO);
    expect(blocked.status).toBe(429);
    expect(Number(blocked.headers["retry-after"])).toBeGreaterThan(0);
    const code = codeOf(bench.loginUrl);
    expect((await bench.post(WHO, { code }, { token: null })).status).toBe(429);
  });

  test("and those who are let in are counted apart: a success is no failure", async () => {
    for (let request = 0; request < 15; request += 1) expect((await bench.get(WHO)).status).toBe(200);
    for (let request = 0; request < 12; request += 1) await bench.get(WHO, { token: null });
    expect((await bench.get(WHO)).status).toBe(200);
  });

  test("does not put out those who are in already", async () => {
    const { headers } = await bench.logIn();
    for (let guess = 0; guess < 11; guess += 1) await bench.get(WHO, { token: "wrong" });
    expect((await bench.get(WHO, { token: null, headers })).status).toBe(200);
  });
});
