/** Webhooks: only what a known source has signed, just now, and once. */
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Webhook } from "standardwebhooks";
import { HostBench } from "../../testing/host-bench.ts";
import { readWebhookSources, WebhookConfigurationError } from "./webhook-sources.ts";

const newSecret = () => `whsec_${randomBytes(32).toString("base64")}`;
const [secret, oldSecret, otherSecret] = [newSecret(), newSecret(), newSecret()];

let bench: HostBench;

beforeEach(async () => {
  bench = await HostBench.open({
    webhooks: {
      shop: { secrets: [secret, oldSecret] },
      bound: { secret: otherSecret, workflow: "orders", topics: ["received"] },
    },
  });
});

afterEach(() => bench.close());

interface Delivery {
  id?: string;
  /** When it is signed, from now. */
  offsetSeconds?: number;
  signedWith?: string;
  source?: string;
  topic?: string;
  payload?: unknown;
}

/** What a sender makes with the SDK. */
function sign({ id = "msg_1", offsetSeconds = 0, signedWith = secret, payload = { order: 1 } }: Delivery = {}) {
  const body = JSON.stringify(payload);
  const at = new Date(Date.now() + offsetSeconds * 1_000);
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
    "webhook-signature": new Webhook(signedWith).sign(id, at, body),
  };
  return { body, headers };
}

const send = (signed: ReturnType<typeof sign>, { source = "shop", topic = "received" }: Delivery = {}) =>
  bench.post(`/api/webhooks/${source}/orders/${topic}`, signed.body, { token: null, headers: signed.headers });

const deliver = (delivery: Delivery = {}) => send(sign(delivery), delivery);

async function payloads() {
  const [workflow] = await bench.stores.workflows.list();
  return (await bench.stores.events.list({ workflowId: workflow!.id })).map(({ payload }) => payload);
}

describe("a webhook", () => {
  test("that is signed by its source needs no other credential, and is on disk when it is acknowledged", async () => {
    const reply = await deliver();
    expect([reply.status, reply.json()["outcome"]]).toEqual([201, "created"]);
    expect(await payloads()).toEqual([{ order: 1 }]);
    expect(await bench.stores.inputs.list({})).toMatchObject([
      { source: "shop", type: "received", externalId: "msg_1" },
    ]);
  });

  test("may be signed with any of its source's secrets, while one replaces another", async () => {
    expect((await deliver({ signedWith: oldSecret })).status).toBe(201);
  });

  test("that is forged is refused", async () => {
    const signed = sign();
    const forgeries = [
      sign({ signedWith: newSecret() }),
      { ...signed, body: signed.body.replace("1", "2") },
      { ...signed, headers: { ...signed.headers, "webhook-id": "msg_2" } },
      { ...signed, headers: { ...signed.headers, "webhook-signature": "v1," } },
      {
        ...signed,
        headers: { ...signed.headers, "webhook-signature": signed.headers["webhook-signature"].replace("v1", "v2") },
      },
    ];
    for (const forgery of forgeries) expect((await send(forgery)).status).toBe(401);
    expect((await send(signed, { source: "bound" })).status).toBe(401);
    expect((await send(signed, { source: "unknown" })).status).toBe(401);
    expect(await payloads()).toEqual([]);
  });

  test("whose time is more than five minutes off is refused, both ways", async () => {
    expect((await deliver({ offsetSeconds: -310 })).status).toBe(401);
    expect((await deliver({ offsetSeconds: 310 })).status).toBe(401);
    expect((await deliver({ offsetSeconds: -280 })).status).toBe(201);
  });

  test("that lacks a part of its signature is refused with the header's name", async () => {
    const { body, headers } = sign();
    const { "webhook-signature": _left, ...rest } = headers;
    const reply = await bench.post("/api/webhooks/shop/orders/received", body, { token: null, headers: rest });
    expect([reply.status, reply.text.includes("webhook-signature")]).toEqual([400, true]);
  });

  test("that is replayed is refused, however the replay is dressed up", async () => {
    const signed = sign();
    expect((await send(signed)).status).toBe(201);
    const { headers } = signed;
    const replays = [
      headers,
      { ...headers, "webhook-signature": `v1,AAAA ${headers["webhook-signature"]}` },
      { ...headers, "webhook-timestamp": `0${headers["webhook-timestamp"]}` },
    ];
    for (const replay of replays) expect((await send({ ...signed, headers: replay })).status).toBe(409);
  });

  test("that is sent again with a new time is acknowledged, and changes nothing", async () => {
    const first = await deliver({ payload: { order: 1 } });
    const again = await deliver({ payload: { order: 2 }, offsetSeconds: 2 });
    expect([again.status, again.json()]).toEqual([200, { id: first.json()["id"], outcome: "unchanged" }]);
    expect(await payloads()).toEqual([{ order: 1 }]);
  });

  test("that could not be kept may be sent again as it is", async () => {
    const signed = sign({ payload: { order: "none" } });
    expect((await send(signed)).status).toBe(422);
    expect((await send(signed)).status).toBe(422);
  });

  test("of a source that is bound to topics reaches no other", async () => {
    const bound = { source: "bound", signedWith: otherSecret };
    expect((await deliver({ ...bound, topic: "anything" })).status).toBe(403);
    expect((await deliver({ ...bound, topic: "received" })).status).toBe(201);
  });

  test("guessed at too often blocks who guesses", async () => {
    for (let guess = 0; guess < 10; guess += 1) await deliver({ signedWith: newSecret() });
    expect((await deliver()).status).toBe(429);
  });
});

describe("the configuration of webhooks", () => {
  test("names the source whose secret can't be used, and not the secret", () => {
    for (const bad of ["hunter2", "whsec_aHVudGVyMg==", "not base64 at all, but long enough"]) {
      const read = () => readWebhookSources({ shop: { secret: bad } });
      expect(read).toThrow(WebhookConfigurationError);
      expect(read).toThrow(/"shop"/);
      expect(read).not.toThrow(bad);
    }
    expect(() => readWebhookSources({ shop: {} })).toThrow(/either a secret or secrets/);
    expect(() => readWebhookSources({ "a/b": { secret } })).toThrow(WebhookConfigurationError);
  });
});
