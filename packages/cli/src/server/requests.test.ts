/** What a request may look like, and what every response does. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HostBench, TOKEN } from "../testing/host-bench.ts";

let bench: HostBench;

beforeAll(async () => {
  bench = await HostBench.open({ allowedHosts: ["millrace.example.org"], bodyBytes: 2_000 });
});

afterAll(() => bench.close());

const ORDERS = "/api/topics/orders/anything";
let sent = 0;
const publish = (body: unknown, headers: Record<string, string> = {}) => {
  sent += 1;
  return bench.post(ORDERS, body, { headers: { "Idempotency-Key": `request ${sent}`, ...headers } });
};
const newestPayload = async () => {
  const [workflow] = await bench.stores.workflows.list();
  const [newest] = await bench.stores.events.list({ workflowId: workflow!.id, limit: 1 });
  return newest?.payload;
};

describe("the Host header", () => {
  test("is one of loopback's names with the port, or a name that is allowed", async () => {
    const { port } = bench;
    for (const Host of [`127.0.0.1:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`, "millrace.example.org"]) {
      expect([Host, (await bench.get("/healthz", { headers: { Host } })).status]).toEqual([Host, 200]);
    }
  });

  test("of another site that points to this machine is refused, whatever is asked for", async () => {
    const { port } = bench;
    for (const Host of [`evil.example:${port}`, "localhost", `localhost.evil.example:${port}`, "127.0.0.1:1", ""]) {
      for (const path of ["/", "/healthz", "/api/session"]) {
        const { status } = await bench.get(path, { headers: { Host } });
        expect([Host, path, [400, 421].includes(status)]).toEqual([Host, path, true]);
      }
    }
  });

  test("of loopback at another port is refused, and so is a page from there", async () => {
    for (const host of ["127.0.0.1", "127.0.0.1:80", "localhost:443", "[::1]"]) {
      expect([host, (await bench.get("/healthz", { headers: { Host: host } })).status]).toEqual([host, 421]);
      const Origin = `http://${host}`;
      expect([Origin, (await bench.get("/healthz", { headers: { Origin } })).status]).toEqual([Origin, 403]);
    }
  });

  test("is not overruled by a request line that names a host itself", async () => {
    const host = `Host: 127.0.0.1:${bench.port}\r\nConnection: close`;
    const reply = await bench.exchange(`GET http://evil.example/healthz HTTP/1.1\r\n${host}\r\n\r\n`);
    expect(reply).toMatch(/^HTTP\/1\.1 421 /);
  });
});

describe("a page of another origin", () => {
  test("is refused, and no response allows one to read it", async () => {
    const own = await bench.get("/healthz", { headers: { Origin: bench.url } });
    expect(own.status).toBe(200);
    const foreign = await bench.get("/healthz", { headers: { Origin: "https://evil.example" } });
    expect(foreign.status).toBe(403);
    const preflight = await bench.send("OPTIONS", "/api/session", {
      headers: { Origin: bench.url, "Access-Control-Request-Method": "POST" },
    });
    expect(preflight.status).toBe(405);
    for (const { headers } of [own, foreign, preflight]) {
      expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });

  test("may link to the dashboard, and nothing more", async () => {
    const cross = { "Sec-Fetch-Site": "cross-site" };
    expect((await bench.get("/", { headers: { ...cross, "Sec-Fetch-Mode": "navigate" } })).status).toBe(200);
    expect((await bench.get("/", { headers: { ...cross, "Sec-Fetch-Mode": "no-cors" } })).status).toBe(403);
  });
});

describe("a body", () => {
  test("is JSON and says so: nothing is guessed", async () => {
    const types = [
      "text/plain",
      "multipart/form-data; boundary=x",
      "application/x-www-form-urlencoded",
      "application/jsonp",
      "application/json, text/plain",
      "application/json; charset=utf-16",
      "application/json; boundary=x",
      "",
    ];
    for (const type of types) expect([type, (await publish({}, { "Content-Type": type })).status]).toEqual([type, 415]);
    expect((await publish({}, { "Content-Encoding": "gzip" })).status).toBe(415);
    expect((await publish({}, { "Content-Type": "Application/JSON; charset=UTF-8" })).status).toBe(201);
  });

  test("that is multipart and says that it is JSON is refused", async () => {
    const reply = await publish('--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--');
    expect([reply.status, reply.json()["type"]]).toEqual([400, "urn:millrace:problem:malformed-request"]);
  });

  test("larger than the limit is refused, with a length and without", async () => {
    const large = JSON.stringify("x".repeat(3_000));
    expect((await publish(large)).status).toBe(413);
    expect((await publish(large, { "Transfer-Encoding": "chunked" })).status).toBe(413);
    expect((await publish(JSON.stringify("x".repeat(1_000)), { "Transfer-Encoding": "chunked" })).status).toBe(201);
  });

  test("nested too deeply is refused", async () => {
    expect((await publish(`${"[".repeat(32)}${"]".repeat(32)}`)).status).toBe(201);
    expect((await publish(`${"[".repeat(33)}${"]".repeat(33)}`)).status).toBe(400);
    expect((await publish(`${'{"a":'.repeat(300)}1${"}".repeat(300)}`)).status).toBe(400);
  });

  test("loses keys with which objects are forged, at every level", async () => {
    const reply = await publish(
      '{"__proto__":{"admin":true},"a":[{"constructor":{"prototype":{"x":1}},"\\u005f_proto__":1,"b":2}],"prototype":{}}',
    );
    expect(reply.status).toBe(201);
    expect(JSON.stringify(await newestPayload())).toBe('{"a":[{"b":2}]}');
    expect(Object.prototype).not.toHaveProperty("admin");
  });

  test("that is not UTF-8, or not JSON, is refused without being quoted", async () => {
    const broken = await publish('{"canary": "hunter2-canary",');
    expect([broken.status, broken.text.includes("canary")]).toEqual([400, false]);
    const head = [
      `POST ${ORDERS} HTTP/1.1`,
      `Host: 127.0.0.1:${bench.port}`,
      `Authorization: Bearer ${TOKEN}`,
      "Idempotency-Key: latin",
      "Content-Type: application/json",
      "Content-Length: 3",
      "Connection: close",
    ].join("\r\n");
    const latin = await bench.exchange(Buffer.from(`${head}\r\n\r\n"\u00ff"`, "latin1"));
    expect(latin).toMatch(/^HTTP\/1\.1 400 /);
  });

  test("is refused where there is none", async () => {
    const { status } = await bench.send("DELETE", "/api/session", { body: { a: 1 } });
    expect(status).toBe(400);
  });
});

describe("an address", () => {
  test("takes each key of its query once, and only those that are known", async () => {
    expect((await bench.get("/api/runs?limit=1")).status).toBe(200);
    const twice = await bench.get("/api/runs?limit=1&limit=2");
    expect([twice.status, twice.json()["errors"]]).toEqual([
      400,
      [{ path: "query.limit", message: expect.any(String) as string }],
    ]);
    expect((await bench.get("/api/runs?unknown=1")).status).toBe(400);
    expect((await bench.get("/api/runs?__proto__=1")).status).toBe(400);
  });

  test("that there is none of is not found, and one that can't be used so says what can", async () => {
    expect((await bench.get("/api/nothing")).json()).toMatchObject({
      status: 404,
      type: "urn:millrace:problem:not-found",
    });
    const { status, headers } = await bench.send("PUT", "/api/session");
    expect([status, headers["allow"]]).toEqual([405, "POST, GET, DELETE"]);
  });
});

test("every response has the headers that protect its reader, a refusal too", async () => {
  const replies = [
    await bench.get("/"),
    await bench.get("/api/session"),
    await bench.get("/api/nothing"),
    await bench.get("/api/session", { token: null }),
    await bench.get("/nothing.js"),
    await bench.get("/healthz", { headers: { Host: "evil.example" } }),
    await bench.get("/healthz", { headers: { Host: "a b" } }),
    await publish("{"),
    await bench.get("/api/session", { headers: { "X-Large": "x".repeat(20_000) } }),
  ];
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 404, 401, 404, 421, 400, 400, 400]);
  for (const { headers } of replies) {
    expect(headers["content-security-policy"]).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[\w-]{22}'; .*frame-ancestors 'none'$/,
    );
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "permissions-policy": expect.any(String) as string,
      "cache-control": "no-store",
    });
    expect(headers["x-powered-by"]).toBeUndefined();
  }
  const problems = replies.filter(({ status }) => status >= 400);
  for (const { headers, json } of problems) {
    expect(headers["content-type"]).toContain("application/problem+json");
    expect(json()).toMatchObject({ type: expect.stringMatching(/^urn:millrace:problem:/) as string });
  }
});
