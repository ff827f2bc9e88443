import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AuthError, LogicError, NetworkError, PermissionError, RateLimitError } from "../errors.ts";
import { inconclusive, notApplied } from "./define-connector.ts";
import { http, type HttpOptions } from "./http.ts";
import { callContext, failureOf, LoopbackServer } from "./testing/loopback-server.ts";

let server: LoopbackServer;
beforeEach(async () => {
  server = await LoopbackServer.start();
});
afterEach(() => server.stop());

const connector = (options: HttpOptions = {}) =>
  http({ baseUrl: server.url, allowHosts: ["127.0.0.1"], ...options }).operations;
const post = (options: HttpOptions = {}) =>
  connector(options).post.execute({ url: "/x", json: { n: 1 } }, callContext());
const get = (options: HttpOptions = {}) => connector(options).get.execute({ url: "/x" }, callContext());

test("a mutation sends its JSON with the idempotency key, and gives what was answered", async () => {
  const seen: unknown[] = [];
  server.handler = (request, response, body) => {
    seen.push(
      request.method,
      request.headers["idempotency-key"],
      request.headers["content-type"],
      request.headers["authorization"],
      JSON.parse(body),
    );
    response.writeHead(201, { "content-type": "application/json" }).end('{"id":7}');
  };
  expect(await post({ auth: { bearer: () => "secret" } })).toEqual({
    status: 201,
    headers: { "content-type": "application/json" },
    body: { id: 7 },
    truncated: false,
  });
  expect(seen).toEqual(["POST", "key-1", "application/json", "Bearer secret", { n: 1 }]);
});

describe("what a status says about a mutation", () => {
  test.each([
    [400, LogicError, "none"],
    [404, LogicError, "none"],
    [409, LogicError, "none"],
    [422, LogicError, "none"],
    [401, AuthError, "none"],
    [403, PermissionError, "none"],
    [429, RateLimitError, "none"],
    [408, NetworkError, "unknown"],
    [425, NetworkError, "unknown"],
    [500, NetworkError, "unknown"],
    [502, NetworkError, "unknown"],
    [503, NetworkError, "unknown"],
    [301, NetworkError, "unknown"],
    [302, NetworkError, "unknown"],
    [303, NetworkError, "unknown"],
    [307, LogicError, "none"],
    [308, LogicError, "none"],
  ] as const)("%i", async (status, type, effect) => {
    server.answerWith(status);
    const error = await failureOf(post());
    expect(error).toBeInstanceOf(type);
    expect(error.effect).toBe(effect);
    expect(error.message).toContain(`answered ${status}: said so`);
  });

  test.each([
    ["120", 120_000],
    ["Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
    ["soon", null],
  ])("a rate limit with Retry-After %s waits %s ms", async (value, retryAfterMs) => {
    server.answerWith(429, { "retry-after": value });
    expect(await failureOf(post())).toMatchObject({ retryAfterMs });
  });

  test("a 2xx with a body over the limit has happened; the body is left out", async () => {
    server.answerWith(200, {}, "x".repeat(5_000));
    expect(await post({ maxResponseBytes: 1_000 })).toEqual({ status: 200, headers: {}, body: null, truncated: true });
  });

  test("a 2xx whose JSON is broken has happened", async () => {
    server.answerWith(200, { "content-type": "application/json" }, "{nope");
    expect(await post()).toMatchObject({ status: 200, body: "{nope" });
  });
});

describe("what a broken connection says", () => {
  test("refused: nothing was sent", async () => {
    await server.stop();
    expect(await failureOf(post())).toMatchObject({ name: "NetworkError", effect: "none" });
  });

  test("a name that does not exist: nothing was sent", async () => {
    expect(await failureOf(connector().post.execute({ url: "http://nowhere.invalid/x" }, callContext()))).toMatchObject(
      {
        name: "NetworkError",
        effect: "none",
      },
    );
  });

  test("reset after the request was sent: nobody knows", async () => {
    server.handler = (request) => request.socket.destroy();
    expect(await failureOf(post())).toMatchObject({ name: "NetworkError", effect: "unknown" });
  });

  test("cut off in the middle of the answer: nobody knows", async () => {
    server.handler = (request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("part");
      setImmediate(() => request.socket.destroy());
    };
    expect(await failureOf(post())).toMatchObject({ name: "NetworkError", effect: "unknown" });
  });

  test("a refusal whose explanation breaks off is a refusal", async () => {
    server.handler = (request, response) => {
      response.writeHead(422, { "content-length": "100" });
      response.write("part");
      setImmediate(() => request.socket.destroy());
    };
    expect(await failureOf(post())).toMatchObject({ name: "LogicError", effect: "none" });
  });

  test("a server that switches protocols gives no answer: nobody knows", async () => {
    server.handler = (request) => {
      request.socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n");
    };
    expect(await failureOf(post())).toMatchObject({ name: "NetworkError", effect: "unknown" });
  });

  test("an answer that is not HTTP: nobody knows", async () => {
    server.handler = (request) => {
      request.socket.end("220 mail.example ESMTP\r\n");
    };
    expect(await failureOf(post())).toMatchObject({ name: "NetworkError", effect: "unknown" });
  });

  test("no TLS on the other side: nothing was sent", async () => {
    const sent: string[] = [];
    server.handler = (_request, response, body) => {
      sent.push(body);
      response.end();
    };
    const target = { url: `${server.url.replace("http:", "https:")}/x`, json: { n: 1 } };
    expect(await failureOf(connector().post.execute(target, callContext()))).toMatchObject({
      name: "NetworkError",
      effect: "none",
    });
    expect(sent).toEqual([]);
  });

  test("no answer in the connector's own time: nobody knows", async () => {
    server.handler = () => {};
    expect(await failureOf(post({ timeoutMs: 50 }))).toMatchObject({
      effect: "unknown",
      message: expect.stringContaining("timeout"),
    });
  });

  test("given up before the connection stood: nothing was sent", async () => {
    const abort = new AbortController();
    abort.abort();
    expect(await failureOf(connector().post.execute({ url: "/x" }, callContext(abort.signal)))).toMatchObject({
      effect: "none",
    });
  });

  test("given up by the caller after it was sent: nobody knows", async () => {
    const abort = new AbortController();
    server.handler = () => abort.abort();
    expect(await failureOf(connector().post.execute({ url: "/x" }, callContext(abort.signal)))).toMatchObject({
      effect: "unknown",
    });
  });
});

describe("a read", () => {
  test("follows redirects, up to five", async () => {
    server.handler = (request, response) =>
      request.url === "/there" ? response.end("here") : response.writeHead(307, { location: "/there" }).end();
    expect(await get()).toMatchObject({ status: 200, body: "here" });
    server.answerWith(302, { location: "/x" });
    expect((await failureOf(get())).message).toContain("more than 5 times");
    expect(server.requests).toHaveLength(2 + 6);
  });

  test("that is redirected to nowhere is a failure of the other side", async () => {
    server.answerWith(302, { location: "http://" });
    expect(await failureOf(get())).toBeInstanceOf(NetworkError);
  });

  test("can be a HEAD request, and gives the headers that say what is there", async () => {
    server.answerWith(200, { etag: '"1"', "content-type": "text/plain", "set-cookie": "a=b" });
    const { request } = connector();
    expect(await request.execute({ method: "HEAD", url: "/x" }, callContext())).toEqual({
      status: 200,
      headers: { etag: '"1"', "content-type": "text/plain" },
      body: "",
      truncated: false,
    });
    expect(server.requests[0]?.method).toBe("HEAD");
    expect(request.params["~standard"].validate({ method: "POST", url: "/x" })).toHaveProperty("issues");
  });

  test("decodes what it gets: character sets, and compression nobody asked for", async () => {
    server.answerWith(200, { "content-type": "text/plain; charset=windows-1252" }, Buffer.from([0x80, 0x20, 0x35]));
    expect(await get()).toMatchObject({ body: "€ 5" });
    server.answerWith(200, { "content-encoding": "gzip" }, gzipSync("packed"));
    expect(await get()).toMatchObject({ body: "packed" });
  });

  test("leaves out a body that is too large once it is unpacked", async () => {
    server.answerWith(200, { "content-encoding": "gzip" }, gzipSync("x".repeat(100_000)));
    expect(await get({ maxResponseBytes: 10_000 })).toMatchObject({ body: null, truncated: true });
  });

  test("of another protocol, or relative without a base, is refused", async () => {
    const alone = http({ allowPrivateAddresses: true }).operations.get;
    expect(await failureOf(alone.execute({ url: "file:///etc/passwd" }, callContext()))).toBeInstanceOf(LogicError);
    expect(await failureOf(alone.execute({ url: "/x" }, callContext()))).toBeInstanceOf(LogicError);
  });
});

describe("reconcile", () => {
  const asking = () => connector({ reconcileUrl: "/done/{key}" }).post.reconcile?.({ url: "/x" }, "a/b", callContext());

  test.each([
    [200, "applied"],
    [404, "not_applied"],
    [500, "retry"],
    [403, "retry"],
    [302, "retry"],
  ])("an answer of %i means %s", async (status, outcome) => {
    server.answerWith(status);
    expect(await asking()).toMatchObject({ outcome });
  });

  test("asks for the key, and is absent where it is not configured", async () => {
    let path: string | undefined;
    server.handler = (request, response) => {
      path = request.url;
      response.end();
    };
    await asking();
    expect(path).toBe("/done/a%2Fb");
    expect(connector().post.reconcile).toBeUndefined();
  });

  test("can be a function, which sees the request and may ask", async () => {
    server.answerWith(200, { "content-type": "application/json" }, '[{"memo":"b"}]');
    const { post: pay } = connector({
      async reconcile({ method, url, json }, key, helpers) {
        const { body } = await helpers.get("/payments");
        return inconclusive(JSON.stringify({ method, url, json, key, body }));
      },
    });
    expect(await pay.reconcile?.({ url: "/x", json: { memo: "b" } }, "key-1", callContext())).toEqual(
      inconclusive('{"method":"POST","url":"/x","json":{"memo":"b"},"key":"key-1","body":[{"memo":"b"}]}'),
    );
  });

  test("that can't work is refused when the connector is made", () => {
    expect(() => connector({ reconcileUrl: "/done" })).toThrow("has no {key}");
    expect(() => connector({ reconcileUrl: "/{key}", reconcile: async () => notApplied() })).toThrow("not both");
  });
});

test("a description shows no query, where secrets may be", () => {
  expect(connector().post.describe?.({ url: "https://api.example/pay?token=secret" })).toBe(
    "POST https://api.example/pay",
  );
  expect(connector().post.describe?.({ url: "/x", title: "pay the bill" })).toBe("pay the bill");
});
