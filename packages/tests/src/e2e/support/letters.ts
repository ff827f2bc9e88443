/** The workflow "letters": a person approves each before it is sent. */
import { defineConnector, defineWorkflow, type WorkflowDefinition } from "@millrace/agent";
import { fakeMutation, type FakeMutation } from "@millrace/agent/testing";
import { z } from "zod";
import { describedAs } from "./payments.ts";

const letter = z.object({ to: z.string(), text: z.string() });
export type Letter = z.output<typeof letter>;

export interface LettersWorld {
  workflow: WorkflowDefinition;
  /** What is due when the producer looks. */
  due: Letter[];
  sent: FakeMutation<Letter, Letter, { sentTo: string }>;
}

export function createLetters(): LettersWorld {
  const due: Letter[] = [];
  const sent = fakeMutation({ params: letter, result: ({ to }: Letter) => ({ sentTo: to }), approval: "required" });
  const workflow = defineWorkflow({
    name: "letters",
    topics: { due: letter },
    connectors: {
      post: defineConnector({
        name: "post",
        operations: { send: describedAs(sent.operation, ({ to }) => `Write to ${to}`) },
      }),
    },
    producers: (producer) => ({
      plan: producer({
        publishes: ["due"],
        schedule: { cron: "0 9 * * 1-5", timezone: "Europe/Berlin" },
        async handler(ctx) {
          for (const found of due) {
            const input = ctx.registerInput({
              source: "calendar",
              type: "letter",
              externalId: found.to,
              title: `A letter to ${found.to}`,
            });
            ctx.publish("due", { messageId: found.to, payload: found, inputs: [input] });
          }
        },
      }),
    }),
    consumers: (consumer) => ({
      write: consumer({
        subscribe: ["due"],
        async prepare(ctx) {
          const [event] = await ctx.peek("due", { limit: 1 });
          return { reservations: event ? [{ topic: "due", ids: [event.id] }] : [], data: event?.payload ?? null };
        },
        async mutate(ctx, { data }) {
          if (data) await ctx.post.send(data);
        },
      }),
    }),
  });
  return { workflow, due, sent };
}
