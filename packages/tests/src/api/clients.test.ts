/** Clients that we did not write get along with the API. */
import { CloudEvent, emitterFor, HTTP, Mode, type Message } from "cloudevents";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { bearer } from "../support/api-client.ts";
import { Follower } from "../support/api-follower.ts";
import { checkMetrics } from "../support/api-promtool.ts";
import { ApiStage, WEBHOOK_SECRET, WEBHOOK_SOURCE } from "../support/api-stage.ts";
import { Wire } from "../support/api-wire.ts";
import { ApiWorld, worldOptions } from "../support/api-world.ts";

let stage: ApiStage;
let world: ApiWorld;
let wire: Wire;

beforeEach(async () => {
  wire = await Wire.open();
  stage = await ApiStage.open({ engine: worldOptions(), host: { allowedHosts: [`127.0.0.1:${wire.port}`] } });
  wire.leadTo(stage.port);
  world = new ApiWorld(stage);
});
afterEach(async () => {
  await stage.close();
  await wire.close();
});

const published = z.object({ id: z.string(), outcome: z.string() });
const orders = async () => (await stage.list("/api/events?workflow=shop&topic=ordered")).toReversed();
const payloadOf = async (id: string) =>
  z.object({ event: z.object({ payload: z.unknown() }) }).parse(await (await fetchJson(`/api/events/${id}`)).json())
    .event.payload;
const fetchJson = (path: string) => fetch(`${stage.url}${path}`, { headers: bearer(stage.tokens.viewer) });

describe("the SDK of CloudEvents", () => {
  const event = new CloudEvent({
    id: "42",
    source: "https://shop.example/orders",
    type: "example.order.placed",
    subject: "Order 42",
    data: { number: "42" },
  });

  /** Sends what the SDK has written, as any HTTP client would. */
  async function transport({ headers, body }: Message) {
    const response = await fetch(`${stage.url}/api/topics/shop/ordered`, {
      method: "POST",
      // The SDK writes one value for each header.
      headers: { ...(headers as Record<string, string>), ...bearer(stage.tokens.publisher) },
      body: String(body),
    });
    return { status: response.status, ...published.parse(await response.json()) };
  }

  test.each([Mode.STRUCTURED, Mode.BINARY])(
    "publishes in %s mode, and the same event again is no second one",
    async (mode) => {
      const emit = emitterFor(transport, { binding: HTTP, mode });
      const first = published.extend({ status: z.number() }).parse(await emit(event));
      expect(first).toMatchObject({ status: 201, outcome: "created" });
      await stage.settle();
      expect(await emit(event)).toEqual({ status: 200, outcome: "unchanged", id: first.id });
      expect(await orders()).toHaveLength(1);
      expect(await payloadOf(first.id)).toEqual({ number: "42" });
      expect(await stage.list("/api/inputs")).toMatchObject([
        { source: "https://shop.example/orders", type: "example.order.placed", externalId: "42", title: "Order 42" },
      ]);
    },
  );

  test("means the same event in both modes", async () => {
    await emitterFor(transport, { binding: HTTP, mode: Mode.STRUCTURED })(event);
    await stage.settle();
    expect(await emitterFor(transport, { binding: HTTP, mode: Mode.BINARY })(event)).toMatchObject({
      outcome: "unchanged",
    });
  });

  test("keeps events of one id from two sources apart", async () => {
    const emit = emitterFor(transport, { binding: HTTP, mode: Mode.BINARY });
    await emit(event);
    await emit(event.cloneWith({ source: "https://other.example" }));
    expect(await orders()).toHaveLength(2);
  });
});

describe("the SDK of Standard Webhooks", () => {
  const body = JSON.stringify({ number: "7" });

  async function deliver(id: string, at: Date, secret = WEBHOOK_SECRET) {
    const response = await fetch(`${stage.url}/api/webhooks/${WEBHOOK_SOURCE}/shop/ordered`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
        "webhook-signature": new Webhook(secret).sign(id, at, body),
      },
      body,
    });
    return response.status;
  }

  test("publishes what it signs, and a delivery that is tried again is no second event", async () => {
    const now = new Date();
    expect(await deliver("msg_1", now)).toBe(201);
    await stage.settle();
    expect(await deliver("msg_1", new Date(now.getTime() + 1_000))).toBe(200);
    expect(await orders()).toHaveLength(1);
  });

  test("is refused with another secret", async () => {
    const other = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
    expect(await deliver("msg_1", new Date(), other)).toBe(401);
    expect(await orders()).toHaveLength(0);
  });
});

describe("promtool", () => {
  test("takes the metrics as they are", async () => {
    await world.everything();
    const metrics = await (await fetchJson("/metrics")).text();
    expect(metrics).toContain("millrace_");
    expect(await checkMetrics(metrics)).toBe("");
  });

  test("finds metrics wrong that are", async () => {
    expect(await checkMetrics("# TYPE a counter\na 1\n")).toContain("counter metrics should have");
  });
});

describe("an EventSource", () => {
  test("that is cut off again and again has every change once, and in order", async () => {
    const url = (port: number) => `http://127.0.0.1:${port}/api/changes`;
    const steady = new Follower(url(stage.port), stage.tokens.viewer);
    const unlucky = new Follower(url(wire.port), stage.tokens.viewer);
    try {
      await Promise.all([steady, unlucky].map((follower) => follower.until(() => follower.greetings.length === 1)));
      for (let cut = 1; cut <= 2; cut += 1) {
        await world.order();
        await unlucky.until(() => unlucky.changes.length > 0);
        const working = world.order();
        wire.cut();
        await working;
        await world.execution({ fails: true });
        await unlucky.until(() => unlucky.greetings.length === 1 + cut);
        await world.order();
      }
      const last = await world.job();
      for (const follower of [steady, unlucky]) {
        await follower.until(() => follower.changes.some(({ data }) => data.includes(last)));
      }
      expect(unlucky.greetings).toEqual(["ready", "ready", "ready"]);
      expect(unlucky.changes).toEqual(steady.changes);
      const positions = unlucky.changes.map(({ eventId }) => Number(eventId.split("-")[1]));
      expect(positions).toEqual(positions.map((_, index) => positions[0]! + index));
    } finally {
      steady.close();
      unlucky.close();
    }
  });

  test("that comes back after a restart of the host is told to ask for all anew", async () => {
    const follower = new Follower(`http://127.0.0.1:${wire.port}/api/changes`, stage.tokens.viewer);
    try {
      await follower.until(() => follower.greetings.length === 1);
      await world.order();
      await follower.until(() => follower.changes.length > 0);
      await stage.restartHost();
      await follower.until(() => follower.greetings.length === 2);
      expect(follower.greetings).toEqual(["ready", "reset"]);
      const before = follower.changes.length;
      await world.order();
      await follower.until(() => follower.changes.length > before);
    } finally {
      follower.close();
    }
  });
});
