/** The workflow "invoices": several producers, topics and consumers, as its picture shows them. */
import { defineConnector, defineWorkflow, type WorkflowDefinition } from "@millrace/agent";
import { fakeMutation } from "@millrace/agent/testing";
import { z } from "zod";
import { describedAs } from "./payments.ts";

const mail = z.object({ from: z.string(), subject: z.string() });
const row = z.object({ supplier: z.string(), amount: z.number() });
const message = z.object({ text: z.string() });

export interface InvoicesWorld {
  workflow: WorkflowDefinition;
  /** How many mails the producer finds when it looks. */
  mails: z.output<typeof mail>[];
}

export function createInvoices(): InvoicesWorld {
  const mails: z.output<typeof mail>[] = [];
  const append = fakeMutation({ params: row, result: ({ supplier }) => ({ row: supplier.length }) });
  const post = fakeMutation({ params: message, result: ({ text }) => ({ message: text.length }) });
  const workflow = defineWorkflow({
    name: "invoices",
    topics: { "mail.received": mail, "feed.entry": mail, "row.added": row, "invoice.unclear": mail },
    connectors: {
      sheet: defineConnector({
        name: "sheet",
        operations: { append: describedAs(append.operation, ({ supplier, amount }) => `Add ${supplier}: ${amount} €`) },
      }),
      chat: defineConnector({
        name: "chat",
        operations: { post: describedAs(post.operation, ({ text }) => `Post "${text}"`) },
      }),
    },
    producers: (producer) => ({
      pollInbox: producer({
        publishes: ["mail.received"],
        schedule: { interval: "15m" },
        async handler(ctx) {
          for (const found of mails) {
            const { from, subject } = found;
            const id = `${from} ${subject}`;
            const input = ctx.registerInput({ source: "inbox", type: "mail", externalId: id, title: subject });
            ctx.publish("mail.received", { messageId: id, payload: found, inputs: [input] });
          }
        },
      }),
      pollFeed: producer({ publishes: ["feed.entry"], schedule: { cron: "5 * * * *" }, async handler() {} }),
    }),
    consumers: (consumer) => ({
      addRow: consumer({
        subscribe: ["mail.received"],
        publishes: ["row.added", "invoice.unclear"],
        async prepare(ctx) {
          const [event] = await ctx.peek("mail.received", { limit: 1 });
          return {
            reservations: event ? [{ topic: "mail.received", ids: [event.id] }] : [],
            data: event?.payload ?? null,
          };
        },
        async mutate(ctx, { data }) {
          if (data) await ctx.sheet.append({ supplier: data.from, amount: data.subject.length * 10 });
        },
        async next(ctx, { data }) {
          if (!data) return;
          const messageId = `${data.from} ${data.subject}`;
          if (data.subject.endsWith("?")) ctx.publish("invoice.unclear", { messageId, payload: data });
          else
            ctx.publish("row.added", { messageId, payload: { supplier: data.from, amount: data.subject.length * 10 } });
        },
      }),
      tell: consumer({
        subscribe: ["row.added"],
        async prepare(ctx) {
          const [event] = await ctx.peek("row.added", { limit: 1 });
          return { reservations: event ? [{ topic: "row.added", ids: [event.id] }] : [], data: event?.payload ?? null };
        },
        async mutate(ctx, { data }) {
          if (data) await ctx.chat.post({ text: `An invoice of ${data.supplier}` });
        },
      }),
      // Waits until there are many: what it has not taken yet is shown as pending.
      collect: consumer({
        subscribe: ["feed.entry", "invoice.unclear"],
        async prepare(ctx) {
          const events = await ctx.peek("invoice.unclear", { limit: 100 });
          const ids = events.length < 100 ? [] : events.map(({ id }) => id);
          return { reservations: ids.length > 0 ? [{ topic: "invoice.unclear", ids }] : [], data: null };
        },
      }),
    }),
  });
  return { workflow, mails };
}
