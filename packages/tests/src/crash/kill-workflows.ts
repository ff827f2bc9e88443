/** The workflows and job handlers of a life: a chain of two mutations that can be asked about, and one that can't. */
import { request } from "node:http";
import { defineJobHandler, defineWorkflow, files, http, type JobHandler } from "@millrace/agent";
import { z } from "zod";
import { ASKED_WORKFLOW, MUTE_WORKFLOW, pathsOf, ROWS_FILE, type EffectKind, type Orders } from "./kill-world.ts";

/** How long the receiver may take to show what it has accepted, in milliseconds. */
const SETTLE_MS = 120;
const CALL_TIMEOUT_MS = 400;
const ROWS_AT_ONCE = 3;

const item = z.object({ item: z.string() });

/** Where the effects of a kind are, and the headers by which the receiver knows whose they are. */
function sending({ receiver, place, life }: Orders) {
  return { baseUrl: receiver, headers: { "x-place": place, "x-life": String(life) } };
}

/** A file's offers become requests, and those become rows of a file: both can be asked about. */
export function askedWorkflow(told: Orders) {
  const { inside, outside } = pathsOf(told.folder);
  const terms = { ...sending(told), allowHosts: ["127.0.0.1"], timeoutMs: CALL_TIMEOUT_MS };
  return defineWorkflow({
    name: ASKED_WORKFLOW,
    topics: { found: item, sent: item },
    connectors: {
      offers: files({ root: outside, name: "offers" }),
      rows: files({ root: inside, name: "rows" }),
      receiver: http({ ...terms, name: "receiver", reconcileUrl: "/effects/{key}", settleMs: SETTLE_MS }),
    },
    producers: (producer) => ({
      find: producer({
        publishes: ["found"],
        schedule: { interval: "1s" },
        state: z.object({ seen: z.number() }),
        async handler(ctx, state) {
          const text = (await ctx.offers.readText({ path: "offers" })) ?? "";
          const seen = state?.seen ?? 0;
          const fresh = text.split("\n").slice(0, -1).slice(seen);
          for (const name of fresh) {
            const input = ctx.registerInput({ source: "offers", type: "line", externalId: name, title: name });
            ctx.publish("found", { messageId: name, payload: { item: name }, inputs: [input] });
          }
          return { seen: seen + fresh.length };
        },
      }),
    }),
    consumers: (consumer) => ({
      send: consumer({
        subscribe: ["found"],
        publishes: ["sent"],
        async prepare(ctx) {
          const [event] = await ctx.peek("found", { limit: 1 });
          if (!event) return { data: null };
          return { reservations: [{ topic: "found", ids: [event.id] }], data: event.payload };
        },
        mutate: async (ctx, { data }) =>
          data ? ctx.receiver.post({ url: "/effects/asked", json: data, title: `send ${data.item}` }) : undefined,
        async next(ctx, { data }) {
          if (data) ctx.publish("sent", { messageId: data.item, payload: data });
        },
      }),
      write: consumer({
        subscribe: ["sent"],
        async prepare(ctx) {
          const events = await ctx.peek("sent", { limit: ROWS_AT_ONCE });
          const ids = events.map(({ id }) => id);
          return { reservations: [{ topic: "sent", ids }], data: events.map(({ payload }) => payload.item) };
        },
        mutate: async (ctx, { data }) =>
          data.length > 0 ? ctx.rows.appendLine({ path: ROWS_FILE, line: data.join(",") }) : undefined,
      }),
    }),
  });
}

/** What is published becomes requests that nobody can be asked about. */
export function muteWorkflow(told: Orders) {
  const terms = { ...sending(told), allowHosts: ["127.0.0.1"], timeoutMs: CALL_TIMEOUT_MS };
  return defineWorkflow({
    name: MUTE_WORKFLOW,
    topics: { wanted: item },
    connectors: { receiver: http({ ...terms, name: "receiver" }) },
    consumers: (consumer) => ({
      send: consumer({
        subscribe: ["wanted"],
        async prepare(ctx) {
          const [event] = await ctx.peek("wanted", { limit: 1 });
          if (!event) return { data: null };
          return { reservations: [{ topic: "wanted", ids: [event.id] }], data: event.payload };
        },
        mutate: async (ctx, { data }) =>
          data ? ctx.receiver.post({ url: "/effects/mute", json: data, title: `send ${data.item}` }) : undefined,
      }),
    }),
  });
}

/** Jobs that act on the receiver; the kind is the handler's name. */
export function jobHandlers(told: Orders): JobHandler[] {
  return (["once", "repeat"] as const).map((kind) =>
    defineJobHandler({
      name: kind,
      payload: item,
      handler: (payload, { idempotencyKey, signal }) => act(told, kind, payload, idempotencyKey, signal),
    }),
  );
}

/** @throws Error unless the receiver says that it has accepted it */
function act(
  told: Orders,
  kind: EffectKind,
  payload: z.output<typeof item>,
  key: string,
  signal: AbortSignal,
): Promise<void> {
  const { baseUrl, headers } = sending(told);
  const sent = request(`${baseUrl}/effects/${kind}`, {
    method: "POST",
    agent: false,
    headers: { ...headers, "idempotency-key": key, "content-type": "application/json" },
    signal: AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]),
  });
  return new Promise((resolve, reject) => {
    sent.once("error", reject);
    sent.once("response", (response) => {
      response.resume();
      if (response.statusCode === 201) resolve();
      else reject(new Error(`The receiver answered ${response.statusCode}.`));
    });
    sent.end(JSON.stringify(payload));
  });
}
