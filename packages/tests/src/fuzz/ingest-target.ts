/** Events from outside that are not what they should be: CloudEvents, webhooks and their signatures, idempotency keys. */
import * as fc from "fast-check";
import { z } from "zod";
import { jsonOf, type Sent } from "../support/api-client.ts";
import type { ApiOperation } from "../support/api-document.ts";
import { sign, toSent } from "../support/api-examples.ts";
import { WEBHOOK_SOURCE } from "../support/api-stage.ts";
import { addUp, fuzz, split, type FuzzTarget, type Verdict } from "./fuzz-target.ts";
import { applyChange, changeOf } from "./hostile-values.ts";
import { HttpStage } from "./http-stage.ts";

const published = z.object({ id: z.string(), outcome: z.enum(["created", "replaced", "unchanged"]) });
/** Of printable ASCII, which is what a client lets anybody put into a header. */
const headerText = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom("", " ", "%00", "%E2%82%AC", "%", "__proto__", "1.0", "x".repeat(600), "\u00e9", '["a","b"]', "null"),
);

/** A stage on which events are published, each of them twice. */
class Ingest {
  readonly stage: HttpStage;
  private readonly publishing: ApiOperation;
  private readonly receiving: ApiOperation;

  constructor(stage: HttpStage) {
    this.stage = stage;
    this.publishing = stage.api.operation("publishEvent");
    this.receiving = stage.api.operation("receiveWebhook");
  }

  /** What is taken is taken once: the same request again names the same event. */
  async publishTwice(headers: Record<string, string>, body: unknown): Promise<Verdict> {
    const { workflow } = this.stage.ids;
    const sent = toSent(this.publishing, { params: { workflow, topic: "ordered" }, headers, body });
    const verdict = await this.stage.ask(this.publishing, sent);
    if (verdict === "refused") return verdict;
    const [second, third] = [await this.publish(sent), await this.publish(sent)];
    if (second.outcome === "created" || second.id !== third.id) throw new Error("The same event was published twice.");
    return verdict;
  }

  private async publish(sent: Sent) {
    return published.parse(jsonOf(await this.stage.stage.send(sent)));
  }

  deliver(headers: Record<string, string>, body: string | Uint8Array, mustRefuse: boolean): Promise<Verdict> {
    const params = { source: WEBHOOK_SOURCE, workflow: this.stage.ids.workflow, topic: "ordered" };
    return this.stage.ask(this.receiving, toSent(this.receiving, { params, headers, body }), mustRefuse, null);
  }

  newName(): string {
    return this.stage.world.newName("fuzz");
  }
}

const EVENT = {
  specversion: "1.0",
  id: "1",
  source: "/shop",
  type: "ordered",
  subject: "order",
  time: "2026-01-01T00:00:00Z",
  datacontenttype: "application/json",
  dataschema: "https://example.com/schema",
  ext: "x",
  data: { number: "1" },
};
const ATTRIBUTES = [
  "specversion",
  "id",
  "source",
  "type",
  "subject",
  "time",
  "dataschema",
  "ext",
  "Ext_1",
  "data",
  "datacontenttype",
];

const structured = fc
  .array(changeOf(EVENT), { minLength: 0, maxLength: 3 })
  .map((changes) => changes.reduce(applyChange, EVENT as unknown))
  .chain((event) => fc.constantFrom(event, [event], { events: [event] }))
  .map(toJson);

const binary = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...ATTRIBUTES), headerText), { selector: ([name]) => name, maxLength: 5 })
  .map((changes) => ({
    "ce-specversion": "1.0",
    "ce-id": "2",
    "ce-source": "/shop",
    "ce-type": "ordered",
    ...named(changes),
  }));

const named = (attributes: [string, string][]) =>
  Object.fromEntries(attributes.map(([name, value]) => [`ce-${name}`, value]));

/** What JSON can't say is left out of it, as everywhere. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? String(item) : item)) ?? "";
}

/** One thing that is changed of a delivery after it was signed. */
interface Forgery {
  what: "nothing" | "body" | "id" | "timestamp" | "signature" | "bit" | "old" | "early" | "other secret";
  at: number;
  bit: number;
  text: string;
  /** Beside the signature: others, of which none is good. */
  others: string[];
}

const forgery: fc.Arbitrary<Forgery> = fc.record({
  what: fc.constantFrom<Forgery["what"]>(
    "nothing",
    "body",
    "id",
    "timestamp",
    "signature",
    "bit",
    "old",
    "early",
    "other secret",
  ),
  at: fc.nat({ max: 200 }),
  bit: fc.nat({ max: 7 }),
  text: fc.string({ minLength: 1, maxLength: 20 }),
  others: fc.array(fc.constantFrom("v1,AAAA", "v2,x", "v1a,y", "v1,", ",", "v1"), { maxLength: 3 }),
});

const ONE_MINUTE_MS = 60_000;
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

async function tryForgery(ingest: Ingest, { what, at, bit, text, others }: Forgery): Promise<Verdict> {
  const body = JSON.stringify({ number: ingest.newName() });
  const bytes = Buffer.from(body);
  const offMs = { old: -6 * ONE_MINUTE_MS, early: 6 * ONE_MINUTE_MS }[what as string] ?? 0;
  const secret = what === "other secret" ? OTHER_SECRET : undefined;
  const headers = sign(ingest.newName(), body, new Date(Date.now() + offMs), secret);
  const good = headers["webhook-signature"] ?? "";
  headers["webhook-signature"] = [...others, good].join(" ");
  if (what === "body") return ingest.deliver(headers, `${body} `, true);
  if (what === "bit") {
    const place = at % bytes.length;
    bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
    return ingest.deliver(headers, bytes, true);
  }
  if (what === "id") headers["webhook-id"] += "x";
  if (what === "timestamp") headers["webhook-timestamp"] = String(Number(headers["webhook-timestamp"]) - 1);
  if (what === "signature") headers["webhook-signature"] = [...others, flipped(good, at), text].join(" ");
  const verdict = await ingest.deliver(headers, body, what !== "nothing");
  if (what === "nothing" && verdict === "refused") throw new Error("A good delivery was refused.");
  // The very same delivery again is a replay.
  if (what === "nothing") await ingest.deliver(headers, body, true);
  return verdict;
}

/** One character of the signature is another one; its last may say the same as its neighbours in base64, so not that. */
function flipped(signature: string, at: number): string {
  const place = "v1,".length + (at % 40);
  const other = signature[place] === "A" ? "B" : "A";
  return signature.slice(0, place) + other + signature.slice(place + 1);
}

export const ingest: FuzzTarget = {
  name: "ingest",
  async run(options) {
    const stage = await HttpStage.open();
    const doors = new Ingest(stage);
    const type = { "Content-Type": "application/cloudevents+json" };
    const share = split(options, 4);
    try {
      return addUp([
        await fuzz("ingest", share, structured, (body) => doors.publishTwice(type, body)),
        await fuzz("ingest", share, binary, (headers) => doors.publishTwice(headers, { number: "2" })),
        await fuzz("ingest", share, headerText, (key) =>
          doors.publishTwice({ "Idempotency-Key": key }, { number: "3" }),
        ),
        await fuzz("ingest", share, forgery, (one) => tryForgery(doors, one)),
      ]);
    } finally {
      await stage.close();
    }
  },
};
