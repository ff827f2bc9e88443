/** The sessions of people, and what keeps other pages from using them. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { codeOf, HostBench, TOKEN } from "../testing/host-bench.ts";

let bench: HostBench;

beforeEach(async () => {
  bench = await HostBench.open();
});

afterEach(() => bench.close());

const SESSION = "/api/session";
const HOUR_MS = 60 * 60_000;
/** Any operation that changes something. */
const publishOrder = (headers: Record<string, string>) =>
  bench.post(
    "/api/topics/orders/received",
    { order: 1 },
    { token: null, headers: { "Idempotency-Key": "1", ...headers } },
  );

describe("a login address", () => {
  test("lets a person in, with a cookie that no script and no other site can use", async () => {
    expect(bench.loginUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#login=[\w-]{43}$/);
    const { reply, headers } = await bench.logIn({ code: codeOf(bench.loginUrl) });
    expect(reply.status).toBe(201);
    expect(reply.json()).toMatchObject({ name: "operator", role: "operator", platform: "default" });
    expect(String(reply.headers["set-cookie"])).toMatch(
      /^millrace_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect((await bench.get(SESSION, { token: null, headers })).json()).toMatchObject({ name: "operator" });
  });

  test("is good once", async () => {
    const code = codeOf(bench.loginUrl);
    expect((await bench.post(SESSION, { code }, { token: null })).status).toBe(201);
    expect((await bench.post(SESSION, { code }, { token: null })).status).toBe(401);
  });

  test("is good for ten minutes", async () => {
    bench.clock.jumpTo(bench.clock.now() + 10 * 60_000);
    expect((await bench.post(SESSION, { code: codeOf(bench.loginUrl) }, { token: null })).status).toBe(401);
    expect((await bench.post(SESSION, { code: codeOf(bench.host.newLoginUrl()) }, { token: null })).status).toBe(201);
  });

  test("makes a cookie for https alone when the host is reached over it", async () => {
    const secure = await HostBench.open({ publicUrl: "https://millrace.example.org" });
    try {
      expect(secure.loginUrl).toMatch(/^https:\/\/millrace\.example\.org\/#login=/);
      const headers = { Host: "millrace.example.org", Origin: "https://millrace.example.org" };
      const reply = await secure.post(SESSION, { code: codeOf(secure.loginUrl) }, { token: null, headers });
      expect(String(reply.headers["set-cookie"])).toContain("; Secure");
      expect(reply.headers["strict-transport-security"]).toBeDefined();
    } finally {
      await secure.close();
    }
  });
});

describe("an access token", () => {
  test("begins a session of its role, which ends when it is revoked", async () => {
    const token = await bench.token("viewer", { name: "vera" });
    const { reply, headers } = await bench.logIn({ token });
    expect(reply.json()).toMatchObject({ name: "vera", role: "viewer" });
    expect((await publishOrder(headers)).status).toBe(403);
    const [{ id } = { id: undefined }] = await bench.stores.accessTokens.list();
    await bench.stores.accessTokens.revoke(id!, bench.clock.now());
    expect((await bench.get(SESSION, { token: null, headers })).status).toBe(401);
  });

  test("that is good for publishing only begins none", async () => {
    const token = await bench.token("publisher");
    expect((await bench.post(SESSION, { token }, { token: null })).status).toBe(403);
    expect((await bench.post(SESSION, { token: "wrong" }, { token: null })).status).toBe(401);
    expect((await bench.post(SESSION, { token: TOKEN }, { token: null })).status).toBe(201);
  });
});

describe("a session", () => {
  test("may change something with its CSRF token, from the host's own page", async () => {
    const { headers } = await bench.logIn();
    expect((await publishOrder(headers)).status).toBe(201);
  });

  test("may not without its CSRF token, or with another's", async () => {
    const { headers } = await bench.logIn();
    const other = await bench.logIn();
    const { "X-CSRF-Token": _own, ...without } = headers;
    expect((await publishOrder(without)).status).toBe(403);
    expect((await publishOrder({ ...headers, "X-CSRF-Token": "wrong" })).status).toBe(403);
    expect((await publishOrder({ ...headers, "X-CSRF-Token": other.csrfToken })).status).toBe(403);
  });

  test("may not from a page of another origin, another site, or none that is known", async () => {
    const { headers } = await bench.logIn();
    const { Origin: _own, ...unknown } = headers;
    expect((await publishOrder({ ...headers, Origin: "https://evil.example" })).status).toBe(403);
    expect((await publishOrder({ ...headers, Origin: "null" })).status).toBe(403);
    expect((await publishOrder({ ...headers, Origin: "http://127.0.0.1:1" })).status).toBe(403);
    expect((await publishOrder({ ...unknown, "Sec-Fetch-Site": "same-site" })).status).toBe(403);
    expect((await publishOrder(unknown)).status).toBe(403);
    expect((await publishOrder({ ...unknown, "Sec-Fetch-Site": "same-origin" })).status).toBe(201);
  });

  test("is over when its person leaves", async () => {
    const { headers } = await bench.logIn();
    const left = await bench.send("DELETE", SESSION, { token: null, headers });
    expect(left.json()).toEqual({ done: true });
    expect(String(left.headers["set-cookie"])).toMatch(/millrace_session=; Max-Age=0/);
    expect((await bench.get(SESSION, { token: null, headers })).status).toBe(401);
  });

  test("is over when it was not used for twelve hours, and after a week whatever happens", async () => {
    const used = await bench.logIn();
    const idle = await bench.logIn();
    const statusOf = async (headers: Record<string, string>) =>
      (await bench.get(SESSION, { token: null, headers })).status;
    for (let hour = 11; hour < 7 * 24; hour += 11) {
      bench.clock.jumpTo(bench.clock.now() + 11 * HOUR_MS);
      expect(await statusOf(used.headers)).toBe(200);
      if (hour > 12) expect(await statusOf(idle.headers)).toBe(401);
    }
    bench.clock.jumpTo(bench.clock.now() + 11 * HOUR_MS);
    expect(await statusOf(used.headers)).toBe(401);
  });
});
