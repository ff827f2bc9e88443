/** Names, titles and payloads that would run as script wherever they became markup. */
import {
  defineConnector,
  defineWorkflow,
  mutation,
  NetworkError,
  type ScheduledJobInput,
  type WorkflowDefinition,
} from "@millrace/agent";
import { z } from "zod";

/** Sets a flag and opens a dialog where it runs. */
export const HOSTILE = `"><img src=x onerror="window.attacked=1;alert(1)"><script>window.attacked=1</script><svg onload="window.attacked=1">`;
/** What a link must not lead to. */
const HOSTILE_LINK = "javascript:window.attacked=1";
/** What a console or a table must not be confused by: other directions of writing, no width, a very long word. */
const CONFUSING = `\u202Eevil\u202C\u200B ${"w".repeat(180)}`;

const payload = z.record(z.string(), z.unknown());

/** Everything that may be any text is hostile. */
export function createHostile(): WorkflowDefinition {
  const sink = defineConnector({
    name: "sink",
    operations: {
      send: mutation({
        params: payload,
        describe: () => `Send ${HOSTILE}`,
        async execute(): Promise<null> {
          throw new NetworkError(`no answer from ${HOSTILE}`);
        },
      }),
      keep: mutation({
        params: payload,
        describe: () => `Keep ${HOSTILE_LINK} ${CONFUSING}`,
        execute: async () => ({ [HOSTILE]: HOSTILE, link: HOSTILE_LINK }),
      }),
    },
  });
  return defineWorkflow({
    name: "hostile",
    topics: { hostile: payload, kept: payload },
    connectors: { sink },
    producers: (producer) => ({
      find: producer({
        publishes: ["hostile", "kept"],
        schedule: { interval: "1h" },
        async handler(ctx) {
          const input = ctx.registerInput({
            source: HOSTILE.slice(0, 190),
            type: HOSTILE_LINK,
            externalId: HOSTILE_LINK,
            title: HOSTILE,
          });
          const content = { [HOSTILE]: HOSTILE, link: HOSTILE_LINK, confusing: CONFUSING };
          ctx.publish("kept", { messageId: HOSTILE, payload: content, inputs: [input] });
          ctx.publish("hostile", { messageId: CONFUSING, payload: content, inputs: [input] });
          ctx.log("warn", `found ${HOSTILE}`, content);
        },
      }),
    }),
    consumers: (consumer) => ({
      keep: consumer({
        subscribe: ["kept"],
        async prepare(ctx) {
          const [event] = await ctx.peek("kept", { limit: 1 });
          return {
            reservations: event ? [{ topic: "kept", ids: [event.id] }] : [],
            data: event?.payload ?? null,
            ui: { title: HOSTILE },
          };
        },
        async mutate(ctx, { data }) {
          if (data) await ctx.sink.keep(data);
        },
      }),
      send: consumer({
        subscribe: ["hostile"],
        async prepare(ctx) {
          const [event] = await ctx.peek("hostile", { limit: 1 });
          return { reservations: event ? [{ topic: "hostile", ids: [event.id] }] : [], data: event?.payload ?? null };
        },
        async mutate(ctx, { data }) {
          if (data) await ctx.sink.send(data);
        },
      }),
    }),
  });
}

export const HOSTILE_EVENT = HOSTILE.slice(0, 190);

export const HOSTILE_JOB: ScheduledJobInput = {
  type: "event",
  event: HOSTILE_EVENT,
  key: HOSTILE,
  name: HOSTILE,
  description: HOSTILE_LINK,
  handler: "refuse",
  payload: { why: HOSTILE, [HOSTILE]: HOSTILE_LINK },
  tags: [HOSTILE, HOSTILE_LINK],
  metadata: { [HOSTILE]: HOSTILE },
  createdBy: HOSTILE,
  maxRetries: 0,
};
