/**
 * The workflow: each invoice that arrives by mail becomes one row of a CSV file and one notification; once a day a
 * digest says what came in.
 */
import { defineWorkflow, files, http, mail, type WorkflowDefinition } from "@millrace/agent";
import { stringify } from "csv-stringify/sync";
import { z } from "zod";
import { readInvoice } from "./read-invoice.ts";

export interface InvoiceMailOptions {
  /** A Maildir, or a folder of .eml files. */
  inbox: string;
  /** The folder that gets `invoices.csv` and `digests/`. */
  out: string;
  /** The address of the receiver of notifications. */
  receiver: string;
  /** How often the inbox is looked at, for example `5s`. */
  interval: string;
}

const received = z.object({
  supplier: z.string(),
  subject: z.string(),
  text: z.string(),
  problem: z.string().nullable(),
});
const invoice = z.object({
  number: z.string(),
  supplier: z.string(),
  amount: z.string(),
  currency: z.string(),
  dueDate: z.string().nullable(),
});
const mailCursor = z.object({ until: z.number(), recent: z.array(z.string()) });

const MAX_TEXT_LENGTH = 20_000;
/** When the digest is written, in hours UTC. */
const DIGEST_HOUR = 18;

export function invoiceMail({ inbox, out, receiver, interval }: InvoiceMailOptions): WorkflowDefinition {
  return defineWorkflow({
    name: "invoice-mail",
    topics: {
      "mail.received": received,
      "invoice.recorded": invoice,
      "digest.line": z.object({ text: z.string() }),
    },
    connectors: {
      mail: mail({ folder: inbox }),
      files: files({ root: out }),
      http: http({ baseUrl: receiver, allowHosts: ["127.0.0.1"], reconcileUrl: "/notifications/{key}" }),
    },
    producers: (producer) => ({
      pollInbox: producer({
        publishes: ["mail.received"],
        schedule: { interval },
        state: mailCursor,
        async handler(ctx, cursor) {
          const listed = await ctx.mail.list(cursor ? { cursor } : {});
          for (const { file } of listed.files) {
            const { id, from, subject, text, problem } = await ctx.mail.read({ file });
            const input = ctx.registerInput({
              source: "mail",
              type: "message",
              externalId: id,
              title: (subject || file).slice(0, 200),
            });
            const supplier = from?.name || from?.address || "unknown";
            const payload = { supplier, subject, text: text.slice(0, MAX_TEXT_LENGTH), problem };
            ctx.publish("mail.received", { messageId: id, payload, inputs: [input] });
          }
          return listed.cursor;
        },
      }),
    }),
    consumers: (consumer) => ({
      addRow: consumer({
        subscribe: ["mail.received"],
        publishes: ["invoice.recorded", "digest.line"],
        async prepare(ctx) {
          const [event] = await ctx.peek("mail.received", { limit: 1 });
          if (!event) return { data: null };
          const { supplier, subject, text, problem } = event.payload;
          const reading = problem === null ? readInvoice(text) : { kind: "unreadable" as const, reason: problem };
          if (reading.kind === "unreadable") ctx.log("warn", `"${subject}" from ${supplier}: ${reading.reason}`);
          return {
            reservations: [{ topic: "mail.received", ids: [event.id] }],
            data: { mail: event.messageId, supplier, subject, reading },
            ui: { title: subject },
          };
        },
        async mutate(ctx, { data }) {
          if (data?.reading.kind !== "invoice") return undefined;
          const { number, amount, currency, dueDate } = data.reading.invoice;
          const line = stringify([[number, data.supplier, amount, currency, dueDate ?? "", data.mail]]).trimEnd();
          return ctx.files.appendLine({ path: "invoices.csv", line, title: `row for invoice ${number}` });
        },
        async next(ctx, { data }, outcome) {
          if (data === null) return;
          const { mail: messageId, supplier, reading } = data;
          if (reading.kind === "invoice" && outcome.status === "applied") {
            ctx.publish("invoice.recorded", { messageId, payload: { ...reading.invoice, supplier } });
          }
          if (reading.kind === "unreadable") {
            ctx.publish("digest.line", {
              messageId,
              payload: { text: `to be looked at: ${supplier}: ${reading.reason}` },
            });
          }
        },
      }),
      notify: consumer({
        subscribe: ["invoice.recorded"],
        publishes: ["digest.line"],
        async prepare(ctx) {
          const [event] = await ctx.peek("invoice.recorded", { limit: 1 });
          if (!event) return { data: null };
          return {
            reservations: [{ topic: "invoice.recorded", ids: [event.id] }],
            data: { mail: event.messageId, ...event.payload },
          };
        },
        async mutate(ctx, { data }) {
          if (data === null) return undefined;
          const { mail: message, ...json } = data;
          return ctx.http.post({
            url: "/notifications",
            json: { ...json, message },
            title: `notification of invoice ${data.number}`,
          });
        },
        async next(ctx, { data }) {
          if (data === null) return;
          const text = `${data.number} from ${data.supplier}: ${data.amount} ${data.currency}`;
          ctx.publish("digest.line", { messageId: data.mail, payload: { text } });
        },
      }),
      digest: consumer({
        subscribe: ["digest.line"],
        state: z.object({ writtenUntil: z.number() }),
        async prepare(ctx, state) {
          const now = ctx.now();
          const dueAt = nextDigestAfter(state?.writtenUntil ?? now);
          const lines = now < dueAt ? [] : await ctx.peek("digest.line");
          const content =
            lines.length === 0
              ? null
              : describeDay(
                  dueAt,
                  lines.map(({ payload }) => payload.text),
                );
          return {
            reservations: [{ topic: "digest.line", ids: lines.map(({ id }) => id) }],
            data: { content, writtenUntil: content ? now : (state?.writtenUntil ?? now) },
            ui: { title: "digest" },
            wakeAt: new Date(now < dueAt ? dueAt : nextDigestAfter(now)).toISOString(),
          };
        },
        async mutate(ctx, { data: { content } }) {
          if (!content) return undefined;
          return ctx.files.write({
            path: `digests/${content.day}.md`,
            content: content.text,
            title: `digest of ${content.day}`,
          });
        },
        next: async (_ctx, { data }) => ({ writtenUntil: data.writtenUntil }),
      }),
    }),
  });
}

function describeDay(time: number, lines: readonly string[]): { day: string; text: string } {
  const day = new Date(time).toISOString().slice(0, 10);
  return { day, text: `# Invoices until ${day}\n\n${lines.map((line) => `- ${line}\n`).join("")}` };
}

/** The first digest hour after a time; both in Unix milliseconds. */
function nextDigestAfter(time: number): number {
  const date = new Date(time);
  const today = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), DIGEST_HOUR);
  return today > time ? today : today + 24 * 60 * 60 * 1_000;
}
