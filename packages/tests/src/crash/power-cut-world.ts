/**
 * What runs when the power is cut, and what of it is observed from outside: a workflow that acts on the world and on files,
 * and jobs. The recorded process and those who start on what is left use the same.
 */
import {
  applied,
  defineConnector,
  defineJobHandler,
  defineWorkflow,
  files,
  mutation,
  notApplied,
} from "@millrace/agent";
import { z } from "zod";

/** One line of the outside world's own record. What is acknowledged was, by then, to be on disk. */
export const observation = z.discriminatedUnion("is", [
  /** Something has happened outside, under an idempotency key. */
  z.strictObject({ is: z.literal("effect"), key: z.string(), item: z.string() }),
  z.strictObject({ is: z.literal("event"), id: z.string() }),
  z.strictObject({ is: z.literal("run"), id: z.string(), phase: z.string(), status: z.string() }),
  z.strictObject({ is: z.literal("mutation"), id: z.string(), status: z.string() }),
  z.strictObject({ is: z.literal("resolved"), id: z.string() }),
  z.strictObject({ is: z.literal("job"), id: z.string() }),
  z.strictObject({ is: z.literal("execution"), id: z.string(), status: z.string() }),
]);
export type Observation = z.output<typeof observation>;

/** When the recorded process begins, by its own clock. */
export const START = Date.parse("2026-01-01T00:00:00Z");
export const WORKFLOW = "orders";
export const LINES_FILE = "orders.csv";
export const LATEST_FILE = "latest.txt";
/** The event that jobs wait for. */
export const JOB_EVENT = "order.paid";

/** The world that is acted on. */
export interface OutsideWorld {
  /** @throws when no answer comes */
  act(key: string, item: string): void;
  happened(key: string): boolean;
}

/** An operation of this connector can be asked what became of it, the other can't. */
function worldConnector(world: OutsideWorld) {
  const params = z.object({ item: z.string() });
  type Item = z.output<typeof params>;
  const execute = async ({ item }: Item, { idempotencyKey }: { idempotencyKey: string }) => {
    world.act(idempotencyKey, item);
    return { item };
  };
  const reconcile = async ({ item }: Item, key: string) => (world.happened(key) ? applied({ item }) : notApplied());
  return defineConnector({
    name: "world",
    operations: { act: mutation({ params, execute, reconcile }), post: mutation({ params, execute }) },
  });
}

/** More than one page of a disk, so that it can be torn. */
function latestContent(item: string): string {
  return `${item}\n`.repeat(900);
}

/** Items that begin so are sent to where nobody can be asked. */
export const MUTE = "mute";

/** @param root the folder of the files that it writes */
export function ordersWorkflow(world: OutsideWorld, root: string) {
  const item = z.object({ item: z.string() });
  return defineWorkflow({
    name: WORKFLOW,
    topics: { ordered: item, done: item, noted: item },
    connectors: { world: worldConnector(world), files: files({ root }) },
    producers: (producer) => ({
      find: producer({
        publishes: ["ordered"],
        schedule: { interval: "1h" },
        async handler(ctx) {
          for (const name of ["found-1", "found-2"]) {
            const input = ctx.registerInput({ source: "test", type: "item", externalId: name, title: name });
            ctx.publish("ordered", { messageId: name, payload: { item: name }, inputs: [input] });
          }
          return { found: 2 };
        },
      }),
    }),
    consumers: (consumer) => ({
      act: consumer({
        subscribe: ["ordered"],
        publishes: ["done"],
        async prepare(ctx) {
          const [event] = await ctx.peek("ordered", { limit: 1 });
          return {
            reservations: event ? [{ topic: "ordered", ids: [event.id] }] : [],
            data: event?.payload ?? { item: "" },
          };
        },
        mutate: async (ctx, { data }) => (data.item.startsWith(MUTE) ? ctx.world.post(data) : ctx.world.act(data)),
        async next(ctx, { data }, outcome) {
          if (outcome.status === "applied") ctx.publish("done", { messageId: data.item, payload: data });
        },
      }),
      note: consumer({
        subscribe: ["done"],
        publishes: ["noted"],
        async prepare(ctx) {
          const [event] = await ctx.peek("done", { limit: 1 });
          return {
            reservations: event ? [{ topic: "done", ids: [event.id] }] : [],
            data: event?.payload ?? { item: "" },
          };
        },
        mutate: async (ctx, { data }) => ctx.files.appendLine({ path: LINES_FILE, line: data.item }),
        async next(ctx, { data }, outcome) {
          if (outcome.status === "applied") ctx.publish("noted", { messageId: data.item, payload: data });
        },
      }),
      keep: consumer({
        subscribe: ["noted"],
        async prepare(ctx) {
          const [event] = await ctx.peek("noted", { limit: 1 });
          return {
            reservations: event ? [{ topic: "noted", ids: [event.id] }] : [],
            data: event?.payload ?? { item: "" },
          };
        },
        mutate: async (ctx, { data }) => ctx.files.write({ path: LATEST_FILE, content: latestContent(data.item) }),
      }),
    }),
  });
}

export function jobHandlers(world: OutsideWorld) {
  return [
    defineJobHandler({
      name: "act",
      handler: (_payload, { jobName, idempotencyKey }) => world.act(idempotencyKey, `job ${jobName}`),
    }),
  ];
}
