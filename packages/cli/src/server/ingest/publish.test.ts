/** Events that programs publish: as they are, or as CloudEvents. */
import { CloudEvent, emitterFor, HTTP, httpTransport, Mode } from "cloudevents";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HostBench, TOKEN } from "../../testing/host-bench.ts";

let bench: HostBench;

beforeEach(async () => {
  bench = await HostBench.open();
});

afterEach(() => bench.close());

const RECEIVED = "/api/topics/orders/received";
const ANYTHING = "/api/topics/orders/anything";

async function events() {
  const [workflow] = await bench.stores.workflows.list();
  return bench.stores.events.list({ workflowId: workflow!.id });
}

const inputs = () => bench.stores.inputs.list({});

describe("a plain event", () => {
  test("is on disk when it is acknowledged, and is the same one under the same key", async () => {
    const headers = { "Idempotency-Key": "order-7" };
    const first = await bench.post(RECEIVED, { order: 7 }, { headers });
    expect([first.status, first.json()["outcome"]]).toEqual([201, "created"]);
    const again = await bench.post(RECEIVED, { order: 8 }, { headers });
    expect([again.status, again.json()]).toEqual([200, { id: first.json()["id"], outcome: "replaced" }]);
    expect(await events()).toMatchObject([{ id: first.json()["id"], messageId: "order-7", payload: { order: 8 } }]);
  });

  test("without a key is refused with the header's name", async () => {
    const reply = await bench.post(RECEIVED, { order: 7 });
    expect(reply.status).toBe(400);
    expect(reply.json()["errors"]).toEqual([{ path: "headers.Idempotency-Key", message: "is missing" }]);
  });

  test("that does not fit its topic is refused with its faults, and one of no topic is not found", async () => {
    const headers = { "Idempotency-Key": "1" };
    const unfit = await bench.post(RECEIVED, { order: "seven" }, { headers });
    expect([unfit.status, unfit.json()["errors"]]).toEqual([
      422,
      [{ path: "order", message: expect.stringContaining("number") as string }],
    ]);
    expect((await bench.post("/api/topics/orders/nothing", {}, { headers })).status).toBe(404);
    expect((await bench.post("/api/topics/nothing/received", {}, { headers })).status).toBe(404);
    expect(await events()).toEqual([]);
  });

  test("waits for an engine that runs", async () => {
    await bench.engine.stop();
    const reply = await bench.post(RECEIVED, { order: 7 }, { headers: { "Idempotency-Key": "1" } });
    expect([reply.status, reply.headers["retry-after"]]).toEqual([503, "5"]);
  });
});

describe("a CloudEvent", () => {
  const event = new CloudEvent({
    source: "https://shop.example/orders",
    type: "order.received",
    id: "a/1",
    subject: "Order 7",
    data: { order: 7 },
  });

  test.each([Mode.STRUCTURED, Mode.BINARY])("from the SDK in %s mode is an event with its input", async (mode) => {
    const emit = emitterFor(httpTransport(`${bench.url}${RECEIVED}`), { mode });
    await emit(event, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(await events()).toMatchObject([
      { messageId: '["https://shop.example/orders","a/1"]', payload: { order: 7 } },
    ]);
    expect(await inputs()).toMatchObject([
      { source: "https://shop.example/orders", type: "order.received", externalId: "a/1", title: "Order 7" },
    ]);
  });

  const structured = (changes: Record<string, unknown>, path = ANYTHING) =>
    bench.post(
      path,
      { specversion: "1.0", id: "1", source: "s", type: "t", ...changes },
      { headers: { "Content-Type": "application/cloudevents+json; charset=utf-8" } },
    );

  test("keeps its data as it is, whatever JSON it is", async () => {
    const all = [0, false, null, "", "123", '"quoted"', [1], { a: [] }];
    for (const [index, data] of all.entries()) {
      expect((await structured({ id: `structured ${index}`, data })).status).toBe(201);
      const { headers } = HTTP.binary(new CloudEvent({ source: "s", type: "t", id: `binary ${index}` }));
      const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
      expect((await bench.post(ANYTHING, JSON.stringify(data), { headers: sent })).status).toBe(201);
    }
    const kept = new Map((await events()).map(({ messageId, payload }) => [messageId, payload]));
    for (const [index, data] of all.entries()) {
      expect(kept.get(JSON.stringify(["s", `structured ${index}`]))).toEqual(data);
      expect(kept.get(JSON.stringify(["s", `binary ${index}`]))).toEqual(data);
    }
  });

  test("is never taken for another whose source and id run together to the same", async () => {
    await structured({ source: "a/b", id: "c" });
    expect((await structured({ source: "a", id: "b/c" })).json()["outcome"]).toBe("created");
  });

  test("without an id, a source or a type, or of another version, is refused", async () => {
    for (const changes of [
      { id: undefined },
      { id: "" },
      { source: undefined },
      { type: undefined },
      { specversion: "0.3" },
    ]) {
      expect((await structured(changes)).status).toBe(422);
    }
    expect((await structured({ source: "not a uri, with spaces <>" })).status).toBe(422);
    expect((await structured({ time: "yesterday" })).status).toBe(422);
    expect((await structured({ data_base64: "AAAA" })).status).toBe(422);
    const halfBinary = await bench.post(ANYTHING, {}, { headers: { "ce-id": "1" } });
    expect(halfBinary.status).toBe(422);
    expect(await events()).toEqual([]);
  });

  test("in a batch is refused, and told to come alone", async () => {
    const headers = { "Content-Type": "application/cloudevents-batch+json" };
    const reply = await bench.post(ANYTHING, [], { headers });
    expect([reply.status, reply.json()["detail"]]).toEqual([415, expect.stringContaining("one by one")]);
  });
});
