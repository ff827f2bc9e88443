/** What is written down of what people do, and what callers learn of what goes wrong. */
import { UnknownNameError } from "@millrace/agent";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HostBench } from "../testing/host-bench.ts";
import { describeProblem, kindOf } from "./problem.ts";

let bench: HostBench;

beforeEach(async () => {
  bench = await HostBench.open();
});

afterEach(() => bench.close());

const audit = async () => (await bench.stores.audit.list({})).filter(({ action }) => action.startsWith("workflow."));

describe("the audit", () => {
  test("says who did what to what, through what, and what came of it", async () => {
    const token = await bench.token("operator", { name: "olga" });
    expect((await bench.send("POST", "/api/workflows/orders/pause", { token })).status).toBe(200);
    const { headers } = await bench.logIn();
    await bench.send("POST", "/api/workflows/orders/run", { token: null, headers, body: {} });
    expect(await audit()).toMatchObject([
      { actor: "operator", channel: "dashboard", action: "workflow.run", outcome: "refused" },
      {
        actor: "olga",
        channel: "api",
        action: "workflow.pause",
        subjectType: "workflow",
        subjectId: "orders",
        outcome: "done",
      },
    ]);
    const [refused] = await audit();
    expect(refused?.message).toContain("paused");
  });

  test("says nothing of what was not even tried, because it was not allowed or not understood", async () => {
    const token = await bench.token("viewer");
    await bench.send("POST", "/api/workflows/orders/pause", { token });
    await bench.post("/api/workflows/orders/run", { unknown: true });
    expect(await audit()).toEqual([]);
  });

  test("holds no secret that was sent along", async () => {
    const body = { name: "job", type: "one_time", handler: "idle", payload: { password: "hunter2-canary" } };
    await bench.post("/api/jobs", body);
    const [entry] = await bench.stores.audit.list({ action: "job.create" });
    expect(JSON.stringify(entry)).toContain("[redacted]");
    expect(JSON.stringify(entry)).not.toContain("hunter2-canary");
  });
});

describe("a problem", () => {
  const requestId = "018f0000-0000-7000-8000-000000000000";

  test("of an error that nobody expected says nothing of its cause", () => {
    const told = describeProblem(new TypeError("hunter2-canary at /somewhere/secret.ts:7"), requestId);
    expect(told).toMatchObject({
      type: "urn:millrace:problem:internal",
      status: 500,
      instance: `urn:uuid:${requestId}`,
    });
    expect(JSON.stringify(told)).not.toMatch(/canary|secret\.ts/);
  });

  test("of a named error says what it says, without secrets", () => {
    const told = describeProblem(new UnknownNameError("workflow", "password=hunter2-canary"), requestId);
    expect([told.status, told.detail]).toEqual([404, expect.stringContaining("[redacted]")]);
    expect(kindOf("text that was thrown")).toBe("internal");
  });

  test("is what a workflow is missing as well", async () => {
    const reply = await bench.get("/api/workflows/nothing");
    expect(reply.headers["content-type"]).toBe("application/problem+json");
    expect(reply.json()).toMatchObject({ status: 404, title: "There is no such thing" });
  });
});

test("a response holds no secret, whatever it was that held it", async () => {
  await bench.engine.publish("orders", "anything", {
    messageId: "1",
    payload: { api_key: "hunter2-canary", text: "Bearer hunter2-canary-token" },
  });
  const list = await bench.get("/api/events?workflow=orders");
  expect(list.status).toBe(200);
  expect(list.text).not.toContain("hunter2-canary");
});
