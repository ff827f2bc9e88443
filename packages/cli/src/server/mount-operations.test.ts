/** What an implementation gives does not reach the caller unseen. */
import { AuditTrail } from "@millrace/agent";
import { Hono } from "hono";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { HostBench } from "../testing/host-bench.ts";
import { Authenticator } from "./authentication/authenticator.ts";
import { digestOf } from "./authentication/secrets.ts";
import { defineOperation } from "./contract/define-operation.ts";
import { implement } from "./implementation.ts";
import { RequestStatistics } from "./metrics/request-statistics.ts";
import { mountOperations } from "./mount-operations.ts";
import type { HostEnvironment } from "./request-environment.ts";

let bench: HostBench;
let logged: string[] = [];

beforeAll(async () => {
  bench = await HostBench.open();
});

beforeEach(() => {
  logged = [];
});

afterAll(() => bench.close());

/** Asks an operation that gives this. */
async function ask(give: () => unknown): Promise<Response> {
  const operation = defineOperation({
    id: "look",
    method: "get",
    path: "/look",
    tag: "test",
    summary: "Look",
    access: "public",
    response: z.object({ text: z.string(), inner: z.json().optional() }),
  });
  const { stores, clock, engine, database } = bench;
  const app = new Hono<HostEnvironment>();
  app.use(async (c, next) => {
    c.set("requestId", "018f0000-0000-7000-8000-000000000000");
    c.set("remoteAddress", "127.0.0.1");
    await next();
  });
  // The compiler would not let an implementation give what does not fit.
  mountOperations(app, [implement(operation, async () => give() as { text: string })], {
    authenticator: new Authenticator({
      accessTokens: stores.accessTokens,
      clock,
      hostTokenDigest: digestOf("none"),
      operatorName: "operator",
    }),
    context: { engine, database, stores, statistics: new RequestStatistics(new Registry()) },
    audit: new AuditTrail({ store: stores.audit, clock, onLostOutcome: () => undefined }),
    logger: pino({}, { write: (line) => void logged.push(line) }),
    bodyBytes: 1_000,
    secrets: ["a-secret-of-a-webhook"],
  });
  return app.request("http://127.0.0.1/look");
}

test("what the response's schema does not know is left out", async () => {
  const response = await ask(() => ({ text: "seen", hidden: "unseen" }));
  expect(await response.json()).toEqual({ text: "seen" });
});

test("what does not fit the response's schema is never sent, and is in the log", async () => {
  const response = await ask(() => ({ text: 7, hidden: "hunter2-canary" }));
  expect(response.status).toBe(500);
  expect(await response.text()).not.toMatch(/canary|schema/);
  expect(logged.join("")).toContain("does not fit its schema");
});

test("what nobody expected says nothing of its cause, and the log holds none of its secrets", async () => {
  const response = await ask(() => {
    throw new TypeError("could not log in with password=hunter2-canary");
  });
  expect([response.status, response.headers.get("content-type")]).toEqual([500, "application/problem+json"]);
  expect(await response.text()).not.toMatch(/log in|canary/);
  expect(logged.join("")).toContain("could not log in with password=[redacted]");
  expect(logged.join("")).not.toContain("canary");
});

test("secrets are taken out by the name of their key, by their look, and by what they are", async () => {
  const inner = { apiKey: "canary-1", list: ["Bearer canary-22", "signed with a-secret-of-a-webhook"] };
  const text = await (await ask(() => ({ text: "https://me:canary-3@example.org", inner }))).text();
  expect(text).not.toMatch(/canary|a-secret-of/);
});
