/** What attackers send who write their requests by hand. */
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineJobHandler } from "@millrace/agent";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { exchange, jsonOf } from "../support/api-client.ts";
import { readRows } from "../support/api-rows.ts";
import { ApiStage } from "../support/api-stage.ts";
import { ApiWorld, worldOptions } from "../support/api-world.ts";

const BODY_BYTES = 4_000;
const folder = mkdtempSync(join(tmpdir(), "millrace-attacks-"));
const payloads: unknown[] = [];
let stage: ApiStage;
let world: ApiWorld;

beforeAll(async () => {
  mkdirSync(join(folder, "dashboard"));
  writeFileSync(join(folder, "dashboard", "index.html"), "<p>page</p>");
  writeFileSync(join(folder, "canary.txt"), "the canary");
  const { jobHandlers = [], ...options } = worldOptions();
  const look = defineJobHandler({ name: "look", handler: (payload) => void payloads.push(payload) });
  stage = await ApiStage.open({
    engine: { ...options, jobHandlers: [...jobHandlers, look] },
    host: { dashboard: join(folder, "dashboard"), bodyBytes: BODY_BYTES },
  });
  world = new ApiWorld(stage);
});
afterAll(async () => {
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A request by its lines; the last of its headers asks to close the connection. */
const raw = (first: string, headers: string[] = [], body = "") =>
  [first, `Host: 127.0.0.1:${stage.port}`, ...headers, "Connection: close", "", body].join("\r\n");
const asOperator = () => `Authorization: Bearer ${stage.tokens.operator}`;
const statusesIn = (replies: string) =>
  [...replies.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));

describe("a request of which two readers would disagree where it ends", () => {
  const inside = () => `DELETE /api/session HTTP/1.1\r\nHost: 127.0.0.1:${stage.port}\r\n${asOperator()}\r\n\r\n`;
  const publish = "POST /api/topics/shop/ordered HTTP/1.1";
  const usual = () => [asOperator(), "Idempotency-Key: smuggled", "Content-Type: application/json"];

  test.each([
    ["two lengths", ["Content-Length: 5", "Content-Length: 50"]],
    ["a list of lengths", ["Content-Length: 5, 50"]],
    ["a length and chunks", ["Content-Length: 5", "Transfer-Encoding: chunked"]],
    ["chunks and a length", ["Transfer-Encoding: chunked", "Content-Length: 5"]],
    ["a negative length", ["Content-Length: -5"]],
    ["a length with a sign", ["Content-Length: +5"]],
    ["a length in hexadecimal digits", ["Content-Length: 0x5"]],
    ["an encoding that ends otherwise", ["Transfer-Encoding: chunked, identity"]],
    ["an encoding by another name", ["Transfer-Encoding: xchunked"]],
    ["a space before the colon", ["Transfer-Encoding : chunked"]],
    ["a header that goes on in the next line", ["X-Folded: a", " Transfer-Encoding: chunked"]],
    ["a line that ends in a carriage return alone", ["X-Split: a\rTransfer-Encoding: chunked"]],
    ["a NUL in a header", ["X-Nul: a\u0000b"]],
  ])("is refused as a whole: %s", async (_name, headers) => {
    const rows = readRows(stage);
    const replies = await exchange(stage.port, raw(publish, [...usual(), ...headers], `0\r\n\r\n${inside()}`));
    expect(statusesIn(replies)).toEqual([400]);
    expect(readRows(stage)).toEqual(rows);
  });

  test.each([
    ["without a credential", () => ["Content-Type: application/json"], 401],
    ["with content that is not taken", () => [asOperator(), "Content-Type: text/plain"], 415],
  ])("has no second one in the body that nobody reads: %s", async (_name, headers, status) => {
    const body = inside();
    const request = raw(publish, [...headers(), `Content-Length: ${body.length}`], body);
    expect(statusesIn(await exchange(stage.port, request))).toEqual([status]);
  });

  test("is not read on after a body that is too large", async () => {
    const body = inside().repeat(Math.ceil(BODY_BYTES / inside().length) + 1);
    const sized = raw(publish, [...usual(), `Content-Length: ${body.length}`], body);
    expect(statusesIn(await exchange(stage.port, sized))).toEqual([413]);
    const chunk = `${body.length.toString(16)}\r\n${body}\r\n`;
    const chunked = raw(publish, [...usual(), "Transfer-Encoding: chunked"], `${chunk}${chunk}0\r\n\r\n`);
    expect(statusesIn(await exchange(stage.port, chunked))).toEqual([413]);
  });

  test("with chunks that are none is given up", async () => {
    for (const chunks of ["z\r\n", "5\r\nabc\r\n0\r\n\r\n", "fffffffffffffffff\r\n", "5;\n\r\nhello\r\n"]) {
      const replies = await exchange(stage.port, raw(publish, [...usual(), "Transfer-Encoding: chunked"], chunks));
      expect([chunks, statusesIn(replies).filter((status) => status < 400)]).toEqual([chunks, []]);
    }
  });
});

describe("a path on a wire of one's own", () => {
  test.each([
    "/../canary.txt",
    "../canary.txt",
    "//../canary.txt",
    "/./../canary.txt",
    "/%2e%2e/canary.txt",
    "/..%2fcanary.txt",
    "/..;/canary.txt",
    "/%2e%2e%5ccanary.txt",
    "/..\\canary.txt",
    "/%c0%ae%c0%ae/canary.txt",
    "/%252e%252e/canary.txt",
    "/index.html/../../canary.txt",
    "/canary.txt%00.html",
    "file:///etc/passwd",
    "/../../../../../../../../etc/passwd",
    "/proc/self/environ",
    "*",
  ])("%s leads to no file", async (path) => {
    const reply = await exchange(stage.port, raw(`GET ${path} HTTP/1.1`));
    expect([path, /canary|root:|PATH=/.test(reply.slice(reply.indexOf("\r\n\r\n")))]).toEqual([path, false]);
    expect(statusesIn(reply)[0]).toBeOneOf([200, 400, 404, 421]);
    if (statusesIn(reply)[0] === 200) expect(reply).toMatch(/<p>page<\/p>$/);
  });
});

describe("another method", () => {
  let job: string;
  beforeEach(async () => {
    job = await world.job();
  });

  test.each([
    { headers: { "X-HTTP-Method-Override": "DELETE" } },
    { headers: { "X-HTTP-Method": "DELETE", "X-Method-Override": "DELETE" } },
    { query: "?_method=DELETE" },
  ])("is not smuggled in by %o", async ({ headers = {}, query = "" }) => {
    for (const method of ["GET", "POST"]) await stage.send({ method, path: `/api/jobs/${job}${query}`, headers });
    expect((await stage.get(`/api/jobs/${job}`)).status).toBe(200);
  });

  test("HEAD looks like GET, and asks for the same credential", async () => {
    const head = (path: string, token?: null) => stage.send({ method: "HEAD", path }, token);
    expect(await head(`/api/jobs/${job}`, null)).toMatchObject({ status: 401, text: "" });
    expect(await head(`/api/jobs/${job}`)).toMatchObject({ status: expect.toBeOneOf([200, 405]) as number, text: "" });
    expect(await head("/")).toMatchObject({ status: 200, text: "" });
  });

  test.each(["TRACE", "OPTIONS", "PUT", "PROPFIND", "PURGE"])(
    "%s does nothing, and repeats nothing",
    async (method) => {
      for (const path of ["/", `/api/jobs/${job}`, "/api/nothing"]) {
        const reply = await stage.send({ method, path, headers: { "X-Canary": "canary" } });
        expect([method, path, reply.status]).toEqual([method, path, expect.toBeOneOf([404, 405])]);
        expect(reply.text + JSON.stringify(reply.headers)).not.toContain("canary");
        expect(reply.text).not.toContain(stage.tokens.operator);
      }
    },
  );

  test("CONNECT makes no tunnel", async () => {
    const reply = await exchange(stage.port, raw(`CONNECT 127.0.0.1:${stage.port} HTTP/1.1`, [asOperator()]));
    expect(statusesIn(reply).filter((status) => status < 400)).toEqual([]);
  });

  test.each(["h2c", "websocket"])("an upgrade to %s is none, and opens nothing", async (protocol) => {
    const headers = [`Upgrade: ${protocol}`, "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"];
    expect(statusesIn(await exchange(stage.port, raw("GET /api/jobs HTTP/1.1", headers)))).toEqual([401]);
  });
});

describe("headers of a proxy that is not there", () => {
  test("choose neither the name of the host nor the address of who asks", async () => {
    const forged = await ApiStage.open();
    try {
      for (let guess = 0; guess < 10; guess += 1) {
        const address = `203.0.113.${guess}`;
        const headers = { "X-Forwarded-For": address, Forwarded: `for=${address}`, "X-Real-IP": address };
        const sent = { method: "GET", path: "/api/session", headers };
        expect((await forged.send(sent, `guess-${guess}`)).status).toBe(401);
      }
      const headers = { "X-Forwarded-For": "203.0.113.99" };
      expect((await forged.send({ method: "GET", path: "/api/session", headers })).status).toBe(429);
    } finally {
      await forged.close();
    }
    const headers = { Host: "evil.example", "X-Forwarded-Host": `127.0.0.1:${stage.port}` };
    expect((await stage.send({ method: "GET", path: "/healthz", headers })).status).toBe(421);
  });
});

describe("keys with which objects are forged", () => {
  const forged = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":1}';

  test("reach no handler of a job, and no object of the host", async () => {
    const body = `{"type":"one_time","name":"forged","handler":"look","payload":${forged},"metadata":${forged}}`;
    expect((await stage.send({ method: "POST", path: "/api/jobs", body })).status).toBe(201);
    await stage.settle();
    expect(payloads.map((payload) => JSON.stringify(payload))).toEqual(['{"a":1}']);
    expect(Object.prototype).not.toHaveProperty("polluted");
  });

  test.each(["__proto__[polluted]=1", "__proto__.polluted=1", "constructor[prototype][polluted]=1", "__proto__=1"])(
    "in an address are refused: %s",
    async (query) => {
      expect((await stage.get(`/api/jobs?${query}`)).status).toBe(400);
      expect(Object.prototype).not.toHaveProperty("polluted");
    },
  );
});

test("a session is never one that somebody else has chosen", async () => {
  const code = stage.host.newLoginUrl().split("#login=")[1];
  const chosen = "millrace_session=chosen-by-an-attacker";
  const sent = { method: "POST", path: "/api/session", headers: { Cookie: chosen }, body: { code } };
  const reply = await stage.send(sent, null);
  expect(reply.status).toBe(201);
  expect(String(reply.headers["set-cookie"])).not.toContain("chosen");
  const asked = await stage.send({ method: "GET", path: "/api/session", headers: { Cookie: chosen } }, null);
  expect(asked.status).toBe(401);
});

test("those who hold connections open keep nobody else from being served", async () => {
  const sockets: Socket[] = [];
  try {
    for (let count = 0; count < 200; count += 1) {
      const socket = connect(stage.port, "127.0.0.1");
      sockets.push(socket);
      await once(socket, "connect");
      socket.write(
        count % 2 === 0
          ? "GET / HTTP/1.1\r\nX: "
          : raw(
              "POST /api/jobs HTTP/1.1",
              [asOperator(), "Content-Type: application/json", "Content-Length: 100"],
              "{",
            ),
      );
    }
    const reply = await stage.get("/api/session");
    expect(jsonOf(reply)).toMatchObject({ role: "operator" });
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});
