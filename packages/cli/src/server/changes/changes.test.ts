/** Following along: what is told, to whom, and what happens when somebody falls behind. */
import { get, type IncomingMessage } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HostBench, TOKEN } from "../../testing/host-bench.ts";

let bench: HostBench;
const streams: EventStream[] = [];

beforeEach(async () => {
  bench = await HostBench.open();
});

afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close();
  await bench.close();
});

interface Message {
  event: string;
  id: string;
  data: Record<string, unknown>;
}

/** Reads server-sent events as they come. */
class EventStream {
  readonly ended: Promise<void>;
  private readonly response: IncomingMessage;
  private readonly messages: Message[] = [];
  private wake: () => void = () => undefined;
  private text = "";

  constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => this.take(chunk));
    response.on("error", () => undefined);
    this.ended = new Promise((resolve) => response.on("close", resolve));
  }

  static open(headers: Record<string, string | null> = {}): Promise<EventStream> {
    return new Promise((resolve, reject) => {
      const options = {
        port: bench.port,
        path: "/api/changes",
        headers: present({ Authorization: `Bearer ${TOKEN}`, ...headers }),
        agent: false,
      };
      get({ host: "127.0.0.1", ...options }, (response) => {
        if (response.statusCode !== 200) return reject(new Error(`It was refused with ${response.statusCode}.`));
        const stream = new EventStream(response);
        streams.push(stream);
        resolve(stream);
      }).on("error", reject);
    });
  }

  async next(): Promise<Message> {
    for (;;) {
      const message = this.messages.shift();
      if (message) return message;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  close(): void {
    this.response.destroy();
  }

  private take(chunk: string): void {
    this.text += chunk;
    const blocks = this.text.split("\n\n");
    this.text = blocks.pop() ?? "";
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1] ?? "";
      if (field("data") === "") continue;
      this.messages.push({ event: field("event"), id: field("id"), data: JSON.parse(field("data")) });
    }
    this.wake();
  }
}

const present = (headers: Record<string, string | null>) =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));

async function publish(order: number): Promise<void> {
  await bench.engine.publish("orders", "received", { messageId: String(order), payload: { order, secret: "canary" } });
}

/** The next `count` changes of events, by the topic's message. */
async function nextEvents(stream: EventStream, count: number): Promise<Message[]> {
  const found: Message[] = [];
  while (found.length < count) {
    const message = await stream.next();
    if (message.data["kind"] === "event") found.push(message);
  }
  return found;
}

describe("a stream of changes", () => {
  test("says which thing changed, and never what is in it", async () => {
    const stream = await EventStream.open();
    expect((await stream.next()).event).toBe("ready");
    await publish(1);
    const [{ data }] = (await nextEvents(stream, 1)) as [Message];
    expect(data).toEqual({
      kind: "event",
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      workflow: "orders",
      of: "received",
      status: "pending",
      at: bench.clock.now(),
    });
  });

  test("goes on where a client was cut off, without a gap and in order", async () => {
    const stream = await EventStream.open();
    await stream.next();
    await publish(1);
    const [first] = (await nextEvents(stream, 1)) as [Message];
    stream.close();
    for (let order = 2; order <= 300; order += 1) await publish(order);
    const resumed = await EventStream.open({ "Last-Event-ID": first.id });
    expect(await resumed.next()).toMatchObject({ event: "ready", id: first.id });
    const rest = await nextEvents(resumed, 299);
    const positions = rest.map(({ id }) => Number(id.split("-")[1]));
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    const [workflow] = await bench.stores.workflows.list();
    const published = await bench.stores.events.list({ workflowId: workflow!.id, limit: 300 });
    expect(new Set([first, ...rest].map(({ data }) => data["id"]))).toEqual(new Set(published.map(({ id }) => id)));
  });

  test("says so when it can't go on there", async () => {
    for (const id of ["0000000000000000-1", "nonsense", "-1", "0000000000000000-99999999999999999999"]) {
      const stream = await EventStream.open({ "Last-Event-ID": id });
      expect([id, (await stream.next()).event]).toEqual([id, "reset"]);
    }
  });

  test("tells nothing of another tenant", async () => {
    const token = await bench.token("viewer", { platform: "theirs" });
    const theirs = await EventStream.open({ Authorization: `Bearer ${token}` });
    const ours = await EventStream.open();
    await publish(1);
    await nextEvents(ours, 1);
    const theirJobs = await bench.engine.jobsOf("theirs");
    const { id } = await theirJobs.scheduleOnce({ name: "theirs", handler: "idle", at: "2027-01-01T00:00:00Z" });
    await theirs.next();
    expect((await theirs.next()).data).toMatchObject({ kind: "job", id });
    await publish(2);
    // The next of ours is the event behind their job.
    const seen = [await ours.next(), await ours.next()].map(({ data }) => data["kind"]);
    expect(seen).not.toContain("job");
  });

  test("ends when its token expires, and when it is revoked", async () => {
    const token = await bench.token("viewer", { expiresAt: bench.clock.now() + 60_000 });
    const stream = await EventStream.open({ Authorization: `Bearer ${token}` });
    await stream.next();
    bench.elapse(60_000);
    await stream.ended;
    const revoked = await EventStream.open({ Authorization: `Bearer ${await bench.token("viewer")}` });
    const [{ id } = { id: undefined }] = await bench.stores.accessTokens.list();
    await bench.stores.accessTokens.revoke(id!, bench.clock.now());
    await bench.host.recheck();
    await revoked.ended;
  });

  test("ends when its session is left", async () => {
    const { headers } = await bench.logIn();
    const stream = await EventStream.open({ Authorization: null, Cookie: headers.Cookie });
    await bench.send("DELETE", "/api/session", { token: null, headers });
    await stream.ended;
  });

  test("is not opened by a client that asks for its headers alone", async () => {
    const asked = await Promise.all(Array.from({ length: 201 }, () => bench.send("HEAD", "/api/changes")));
    expect(new Set(asked.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await (await EventStream.open()).next()).toMatchObject({ event: "ready" });
  });

  test("ends when the host stops", async () => {
    const stream = await EventStream.open();
    await stream.next();
    await Promise.all([bench.host.stop(), stream.ended]);
  });
});
