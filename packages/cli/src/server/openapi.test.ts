/** The document of the API, and the metrics. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { HostBench } from "../testing/host-bench.ts";
import { createApiDocument } from "./openapi.ts";
import { OPERATIONS, RESOURCE_IMPLEMENTATIONS } from "./operations.ts";
import { RESOURCE_OPERATIONS } from "./contract/operations.ts";

let bench: HostBench;

beforeAll(async () => {
  bench = await HostBench.open();
});

afterAll(() => bench.close());

test("every operation of the contract has its code, once", () => {
  const described = RESOURCE_OPERATIONS.map(({ id }) => id).toSorted();
  expect(RESOURCE_IMPLEMENTATIONS.map(({ operation }) => operation.id).toSorted()).toEqual(described);
  expect(new Set(OPERATIONS.map(({ id }) => id)).size).toBe(OPERATIONS.length);
  expect(new Set(OPERATIONS.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, "{}")}`)).size).toBe(
    OPERATIONS.length,
  );
});

test("every object that a request is made of is strict: what is unknown is refused", () => {
  const isStrict = (schema: unknown) =>
    !(schema instanceof z.ZodObject) || schema.def.catchall instanceof z.ZodNever || schema.def.catchall === undefined;
  for (const { id, params, query } of OPERATIONS) {
    expect([id, params instanceof z.ZodObject && params.def.catchall instanceof z.ZodNever]).toEqual([id, true]);
    expect([id, query instanceof z.ZodObject && query.def.catchall instanceof z.ZodNever]).toEqual([id, true]);
    expect([id, isStrict(query)]).toEqual([id, true]);
  }
});

test("the document describes every operation with its access and its problems", async () => {
  const reply = await bench.get("/api/openapi.json");
  expect(reply.json()).toEqual(
    JSON.parse(JSON.stringify(createApiDocument(OPERATIONS, String(version(reply.json()))))),
  );
  const operation = z.looseObject({
    operationId: z.string(),
    security: z.array(z.record(z.string(), z.array(z.string()))),
    responses: z.record(z.string(), z.looseObject({ description: z.string() })),
  });
  const document = z
    .looseObject({ openapi: z.literal("3.1.0"), paths: z.record(z.string(), z.record(z.string(), operation)) })
    .parse(reply.json());
  const found = Object.values(document.paths).flatMap((path) => Object.values(path));
  expect(found).toHaveLength(OPERATIONS.length);
  for (const { id, access } of OPERATIONS) {
    const described = found.find(({ operationId }) => operationId === id);
    expect([id, described?.security.length === 0]).toEqual([id, access === "public"]);
    expect(described?.responses).toHaveProperty("500");
  }
});

const version = (document: Record<string, unknown>) =>
  z.object({ version: z.string() }).parse(document["info"]).version;

test("the metrics are in the text format of Prometheus", async () => {
  await bench.engine.publish("orders", "received", { messageId: "1", payload: { order: 1 } });
  await bench.engine.whenIdle();
  await bench.get("/api/session");
  const reply = await bench.get("/metrics");
  expect(reply.headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
  for (const line of [
    /^millrace_build_info\{version="[^"]+",node="[^"]+"\} 1$/m,
    /^millrace_pending_events\{workflow="orders",topic="received"\} 1$/m,
    /^millrace_outputs\{status="indeterminate"\} 0$/m,
    /^millrace_open_notifications 0$/m,
    /^millrace_runs_total\{status="committed"\} [1-9]/m,
    /^millrace_workflows\{status="active",needs_attention="false"\} 1$/m,
    /^millrace_jobs\{status="active"\} 0$/m,
    /^millrace_job_executions\{status="pending"\} 0$/m,
    /^millrace_database_bytes [1-9]/m,
    /^millrace_http_request_duration_seconds_count\{operation="showSession",status="2xx"\} [1-9]/m,
    /^process_resident_memory_bytes [1-9]/m,
  ]) {
    expect(reply.text).toMatch(line);
  }
});
