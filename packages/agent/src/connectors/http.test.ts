import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AuthError, ClassifiedError, LogicError, NetworkError, PermissionError, RateLimitError } from "../errors.ts";
import { http, type HttpOptions } from "./http.ts";

let server: Server;
let url: string;
let handler: (request: IncomingMessage, response: ServerResponse, body: string) => void;

beforeEach(async () => {
  handler = (_request, response) => response.end();
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => (body += String(piece)));
    request.on("end", () => handler(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const controller = () => new AbortController();
const context = (signal = controller().signal) => ({
  signal,
  now: () => Date.parse("2026-01-01T00:00:00Z"),
  idempotencyKey: "key-1",
});
const connector = (options: HttpOptions = {}) =>
  http({ baseUrl: url, allowHosts: ["127.0.0.1"], ...options }).operations;
const post = (options: HttpOptions = {}) => connector(options).post.execute({ url: "/x", json: { n: 1 } }, context());
const failureOf = async (call: Promise<unknown>): Promise<ClassifiedError> => {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  if (error instanceof ClassifiedError) return error;
  throw new Error(`not a classified error: ${String(error)}`);
};

function answerWith(status: number, headers: Record<string, string> = {}, body = "said so"): void {
  handler = (_request, response) => response.writeHead(status, headers).end(body);
}

test("a mutation sends its JSON with the idempotency key, and gives what was answered", async () => {
  const seen: unknown[] = [];
  handler = (request, response, body) => {
    seen.push(
      request.method,
      request.headers["idempotency-key"],
      request.headers["content-type"],
      request.headers["authorization"],
      JSON.parse(body),
    );
    response.writeHead(201, { "content-type": "application/json" }).end('{"id":7}');
  };
  expect(await post({ authorization: () => "Bearer secret" })).toEqual({
    status: 201,
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
    [302, NetworkError, "unknown"],
  ] as const)("%i", async (status, type, effect) => {
    answerWith(status);
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
    answerWith(429, { "retry-after": value });
    expect(await failureOf(post())).toMatchObject({ retryAfterMs });
  });

  test("a 2xx with a body over the limit has happened; the body is left out", async () => {
    answerWith(200, {}, "x".repeat(5_000));
    expect(await post({ maxResponseBytes: 1_000 })).toEqual({ status: 200, body: null, truncated: true });
  });

  test("a 2xx whose JSON is broken has happened", async () => {
    answerWith(200, { "content-type": "application/json" }, "{nope");
    expect(await post()).toMatchObject({ status: 200, body: "{nope" });
  });
});

describe("what a broken connection says", () => {
  test("refused: nothing was sent", async () => {
    await new Promise((resolve) => server.close(resolve));
    expect(await failureOf(post())).toMatchObject({ name: "NetworkError", effect: "none" });
    server = createServer().listen(0, "127.0.0.1");
  });

  test("a name that does not exist: nothing was sent", async () => {
    expect(await failureOf(connector().post.execute({ url: "http://nowhere.invalid/x" }, context()))).toMatchObject({
      name: "NetworkError",
      effect: "none",
    });
  });

  test("reset after the request was sent: nobody knows", async () => {
    handler = (request) => request.socket.destroy();
    expect(await failureOf(post())).toMatchObject({ name: "NetworkError", effect: "unknown" });
  });

  test("cut off in the middle of the answer: nobody knows", async () => {
    handler = (request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("part");
      setImmediate(() => request.socket.destroy());
    };
    expect(await failureOf(post())).toMatchObject({ name: "NetworkError", effect: "unknown" });
  });

  test("given up by the caller after it was sent: nobody knows", async () => {
    const abort = controller();
    handler = () => abort.abort();
    expect(await failureOf(connector().post.execute({ url: "/x" }, context(abort.signal)))).toMatchObject({
      effect: "unknown",
    });
  });
});

describe("where it may connect to", () => {
  test.each([
    "http://127.0.0.1/",
    "http://[::1]/",
    "http://10.1.2.3/",
    "http://192.168.0.1/",
    "http://169.254.169.254/latest/meta-data",
    "http://100.64.0.1/",
    "http://[::ffff:127.0.0.1]/",
    "http://0.0.0.0/",
    "http://[fd00::1]/",
    "http://2130706433/",
  ])("%s is refused", async (target) => {
    const { get } = http().operations;
    expect(await failureOf(get.execute({ url: target }, context()))).toBeInstanceOf(PermissionError);
  });

  test("a name that resolves to loopback is refused, unless it is allowed", async () => {
    answerWith(200, {}, "hello");
    const target = url.replace("127.0.0.1", "localhost");
    expect(await failureOf(http().operations.get.execute({ url: target }, context()))).toBeInstanceOf(PermissionError);
    expect(await http({ allowPrivateAddresses: true }).operations.get.execute({ url }, context())).toMatchObject({
      body: "hello",
    });
  });

  test("a redirect to an address that is not allowed is refused", async () => {
    answerWith(302, { location: "http://10.0.0.1/" });
    expect(await failureOf(connector().get.execute({ url: "/x" }, context()))).toBeInstanceOf(PermissionError);
  });

  test("other protocols, relative addresses without a base, and endless redirects are refused", async () => {
    const { get } = http({ allowPrivateAddresses: true }).operations;
    expect(await failureOf(get.execute({ url: "file:///etc/passwd" }, context()))).toBeInstanceOf(LogicError);
    expect(await failureOf(get.execute({ url: "/x" }, context()))).toBeInstanceOf(LogicError);
    answerWith(302, { location: "/x" });
    expect((await failureOf(connector().get.execute({ url: "/x" }, context()))).message).toContain("more than 5 times");
  });

  test("credentials go to the connector's own host only", async () => {
    const seen: (string | undefined)[] = [];
    handler = (request, response) => {
      seen.push(request.headers.authorization);
      response.end();
    };
    const { get } = http({
      baseUrl: "http://elsewhere.example",
      allowHosts: ["127.0.0.1"],
      authorization: () => "Bearer secret",
    }).operations;
    await get.execute({ url }, context());
    expect(seen).toEqual([undefined]);
  });
});

describe("reconcile", () => {
  const asking = () => connector({ reconcileUrl: "/done/{key}" }).post.reconcile?.({ url: "/x" }, "a/b", context());

  test.each([
    [200, "applied"],
    [404, "not_applied"],
    [500, "retry"],
    [403, "retry"],
  ])("an answer of %i means %s", async (status, outcome) => {
    answerWith(status);
    expect(await asking()).toMatchObject({ outcome });
  });

  test("asks for the key, and is absent where it is not configured", async () => {
    let path: string | undefined;
    handler = (request, response) => {
      path = request.url;
      response.end();
    };
    await asking();
    expect(path).toBe("/done/a%2Fb");
    expect(connector().post.reconcile).toBeUndefined();
  });
});

test("a description shows no query, where secrets may be", () => {
  expect(connector().post.describe?.({ url: "https://api.example/pay?token=secret" })).toBe(
    "POST https://api.example/pay",
  );
  expect(connector().post.describe?.({ url: "/x", title: "pay the bill" })).toBe("pay the bill");
});
