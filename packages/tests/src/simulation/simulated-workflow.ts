/** Builds a workflow of a shape, whose handlers fail and wait as their world says. */
import { defineWorkflow, type WorkflowDefinition } from "@millrace/agent";
import { z } from "zod";
import type { CallingProcess, OutsideWorld } from "./outside-world.ts";
import { HOUR, type ConsumerShape, type ProducerShape, type WorkflowShape } from "./world-plan.ts";

const payload = z.object({ group: z.number(), from: z.string() });
const prepared = z.object({
  items: z.array(z.object({ topic: z.string(), messageId: z.string(), group: z.number() })),
});
type Prepared = z.output<typeof prepared>;
/** How many items a producer finds in its life; afterwards it finds nothing. */
const MAX_ITEMS = 6;

export const topicName = (index: number) => `topic${index}`;

/** Where a workflow lives. */
interface Surroundings {
  world: OutsideWorld;
  process: CallingProcess;
}

/** Something that a handler waits for, or that breaks it, or at which the process dies. */
async function trouble({ world, process }: Surroundings, signal: AbortSignal, likelihood: number): Promise<void> {
  if (process.pass("in handler")) await new Promise<never>(() => undefined);
  if (world.misbehaves(likelihood)) throw new Error("simulated: the handler is broken");
  if (world.misbehaves(likelihood)) await process.sleep(45_000, signal);
}

/** @param version of its code: another one is another version of the workflow */
export function buildWorkflow(shape: WorkflowShape, version: number, surroundings: Surroundings): WorkflowDefinition {
  const topics = Object.fromEntries(Array.from({ length: shape.topics }, (_, index) => [topicName(index), payload]));
  return defineWorkflow({
    name: shape.name,
    major: version,
    topics,
    connectors: { world: surroundings.world.connect(surroundings.process) },
    producers: (producer) =>
      Object.fromEntries(
        shape.producers.map((own) => [
          own.name,
          producer({
            publishes: [topicName(own.publishes)],
            schedule: own.schedule,
            state: z.object({ found: z.number() }),
            async handler(ctx, state) {
              await trouble(surroundings, ctx.signal, 0.04);
              await ctx.world.look({});
              const items = newItems(own, state?.found ?? 0);
              for (const { id, group } of items) {
                const input = ctx.registerInput({ source: own.name, type: "item", externalId: id, title: id });
                const event = { messageId: id, payload: { group, from: own.name }, inputs: [input] };
                ctx.publish(topicName(own.publishes), event);
              }
              return { found: (state?.found ?? 0) + items.length };
            },
          }),
        ]),
      ),
    consumers: (consumer) =>
      Object.fromEntries(
        shape.consumers.map((own) => [
          own.name,
          consumer({
            subscribe: own.subscribes.map(topicName),
            publishes: own.publishes === null ? [] : [topicName(own.publishes)],
            state: z.object({ runs: z.number() }),
            async prepare(ctx) {
              await trouble(surroundings, ctx.signal, 0.04);
              const chosen = await choose(own, ctx);
              if (own.dawdles) await surroundings.process.sleep(20_000, ctx.signal);
              if (own.isBroken && !surroundings.world.behaves) throw new Error("simulated: this consumer is broken");
              return chosen;
            },
            async mutate(ctx, { data }): Promise<unknown> {
              await trouble(surroundings, ctx.signal, 0.03);
              if (own.operation === null || data.items.length === 0) return undefined;
              const items = data.items.map(({ topic, messageId }) => ({ topic, messageId }));
              return ctx.world[own.operation]({ workflow: shape.name, consumer: own.name, items });
            },
            async next(ctx, { data }, outcome) {
              await trouble(surroundings, ctx.signal, 0.03);
              if (own.lingers) await surroundings.process.sleep(20_000, ctx.signal);
              if (own.publishes !== null) {
                for (const { messageId, group } of data.items) {
                  for (let copy = 0; copy < own.fanOut; copy += 1) {
                    const id = `${messageId}>${own.name}${copy > 0 ? `#${copy}` : ""}`;
                    ctx.publish(topicName(own.publishes), {
                      messageId: id,
                      payload: { group, from: `${own.name} ${outcome.status}` },
                    });
                  }
                }
              }
              return { runs: data.items.length };
            },
          }),
        ]),
      ),
  });
}

/** What a producer finds that has found so many before. */
function newItems(own: ProducerShape, found: number): { id: string; group: number }[] {
  const count = Math.max(0, Math.min(MAX_ITEMS, found + own.items) - found);
  return Array.from({ length: count }, (_, index) => ({
    id: `${own.name}-${found + index}`,
    group: (found + index) % 2,
  }));
}

interface PrepareActions {
  now(): number;
  peek(
    topic: string,
    options: { limit: number },
  ): Promise<{ id: string; messageId: string; payload: { group: number }; createdAt: number }[]>;
}

/** What a consumer takes: a batch that is full or has waited long enough, or the events that belong to the oldest. */
async function choose(own: ConsumerShape, ctx: PrepareActions) {
  const found = [];
  for (const topic of own.subscribes.map(topicName)) {
    for (const event of await ctx.peek(topic, { limit: 10 })) found.push({ ...event, topic });
  }
  const oldest = found.toSorted((one, other) => one.createdAt - other.createdAt)[0];
  const fitting = own.correlates ? found.filter(({ payload: { group } }) => group === oldest?.payload.group) : found;
  const waits = oldest !== undefined && fitting.length < own.batch && ctx.now() - oldest.createdAt < HOUR;
  const taken = waits ? [] : fitting.slice(0, Math.max(own.takes, own.batch));
  const data: Prepared = {
    items: taken.map(({ topic, messageId, payload: { group } }) => ({ topic, messageId, group })),
  };
  return {
    reservations: own.subscribes
      .map(topicName)
      .map((topic) => ({ topic, ids: taken.filter((event) => event.topic === topic).map(({ id }) => id) })),
    data,
    wakeAt: waits ? new Date(oldest.createdAt + HOUR).toISOString() : undefined,
  };
}
