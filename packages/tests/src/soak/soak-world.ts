/** A busy world: workflows that poll and act on a fickle outside, and jobs, all decided by a seed. */
import {
  applied,
  AuthError,
  defineConnector,
  defineWorkflow,
  inconclusive,
  mutation,
  NetworkError,
  notApplied,
  RateLimitError,
  type Engine,
  type JobHandler,
  type PolicyOptions,
  type WorkflowDefinition,
} from "@millrace/agent";
import { z } from "zod";
import type { SeededRandom } from "../crash/seeded-random.ts";

const HOUR = 3_600_000;
const WORKFLOWS = 6;
const BURST = 150;
const BURST_BYTES = 8_000;

export interface SoakWorld {
  workflows: WorkflowDefinition[];
  jobHandlers: JobHandler[];
}

/** Jobs' history is kept for a few hours, so that what keeps it from growing acts within a day. */
export const SOAK_POLICY: PolicyOptions = {
  jobs: { retention: { successMs: 2 * HOUR, failureMs: 4 * HOUR, intervalMs: HOUR / 2 } },
};

export function soakWorld(random: SeededRandom): SoakWorld {
  return {
    workflows: Array.from({ length: WORKFLOWS }, (_, index) => busyWorkflow(index, random)),
    jobHandlers: [
      { name: "steady", handler: (_payload, { log }) => log.info("done") },
      {
        name: "fickle",
        handler: () => {
          if (random.chance(0.2)) throw new Error("It failed, as it does now and then.");
        },
      },
    ],
  };
}

const item = z.object({ item: z.string(), text: z.string().optional() });

/** An outside that does most of what it is asked, and remembers the last of it. */
function outside(random: SeededRandom, needsApproval: boolean) {
  const done = new Set<string>();
  return defineConnector({
    name: "outside",
    operations: {
      act: mutation({
        params: z.object({ items: z.array(z.string()) }),
        ...(needsApproval && { approval: "required" as const }),
        async execute({ items }, { idempotencyKey }) {
          const mood = random.next();
          if (mood < 0.02) throw new NetworkError("refused", { effect: "none" });
          if (mood < 0.03) throw new RateLimitError("too many", { retryAfterMs: 20_000 });
          if (mood < 0.035) throw new AuthError("who are you?");
          if (mood < 0.04) throw new TypeError("the connector is broken");
          if (mood < 0.05) throw new NetworkError("no answer");
          done.add(idempotencyKey);
          if (done.size > 100) done.delete([...done][0] ?? "");
          if (mood < 0.07) throw new NetworkError("no answer after all was done");
          return { items: items.length };
        },
        async reconcile({ items }, key) {
          if (random.chance(0.2)) return inconclusive("It does not say.");
          return done.has(key) ? applied({ items: items.length }) : notApplied();
        },
      }),
    },
  });
}

function busyWorkflow(index: number, random: SeededRandom): WorkflowDefinition {
  const name = `busy-${index}`;
  let made = 0;
  return defineWorkflow({
    name,
    topics: { found: item, done: item },
    connectors: { outside: outside(random, index === 0) },
    producers: (producer) => ({
      poll: producer({
        publishes: ["found"],
        schedule: { interval: `${4 + index}m` },
        async handler(ctx) {
          const count = random.between(0, 3);
          for (let found = 0; found < count; found += 1) {
            made += 1;
            const externalId = `${ctx.runId}-${made}`;
            const input = ctx.registerInput({ source: "soak", type: "item", externalId, title: "found" });
            ctx.publish("found", { messageId: externalId, payload: { item: externalId }, inputs: [input] });
          }
        },
      }),
    }),
    consumers: (consumer) => ({
      act: consumer({
        subscribe: ["found"],
        publishes: ["done"],
        async prepare(ctx) {
          const events = await ctx.peek("found", { limit: random.between(1, 20) });
          return {
            reservations: [{ topic: "found", ids: events.map(({ id }) => id) }],
            data: { items: events.map(({ payload }) => payload.item) },
            // Each look puts it off again: what was noted before is never reached.
            wakeAt: new Date(ctx.now() + 20 * HOUR).toISOString(),
          };
        },
        mutate: async (ctx, { data }) => ctx.outside.act(data),
        async next(ctx, { data }) {
          const [first = ""] = data.items;
          ctx.log("info", `acted on ${data.items.length}`);
          ctx.publish("done", { messageId: first, payload: { item: first } });
        },
      }),
      tally: consumer({
        subscribe: ["done"],
        state: z.object({ count: z.number() }),
        async prepare(ctx) {
          const events = await ctx.peek("done");
          return { reservations: [{ topic: "done", ids: events.map(({ id }) => id) }], data: events.length };
        },
        async next(_ctx, { data }) {
          return { count: data };
        },
      }),
    }),
  });
}

/** The jobs that there are from the start; scheduled again they change nothing. */
export async function scheduleJobs({ jobs }: Engine): Promise<void> {
  await jobs.schedule({ type: "cron", key: "steady", name: "steady", handler: "steady", cron: "*/10 * * * *" });
  await jobs.schedule({
    type: "recurring",
    key: "fickle",
    name: "fickle",
    handler: "fickle",
    interval: "7m",
    maxRetries: 1,
    autoPauseAfter: null,
  });
}

/** What comes from outside within a quarter of an hour. */
export async function bringWork(engine: Engine, random: SeededRandom, label: string): Promise<void> {
  for (let event = 0; event < 3; event += 1) {
    const messageId = `${label}-${event}`;
    await engine.publish(`busy-${random.between(0, WORKFLOWS - 1)}`, "found", {
      messageId,
      payload: { item: messageId },
    });
  }
  await engine.jobs.scheduleOnce({ name: `once ${label}`, handler: "steady", in: "5m" });
}

/** Much at once, so that the database's log grows. */
export async function bringBurst(engine: Engine, label: string): Promise<void> {
  const text = "x".repeat(BURST_BYTES);
  await Promise.all(
    Array.from({ length: BURST }, (_, index) => {
      const messageId = `burst-${label}-${index}`;
      return engine.publish("busy-1", "found", { messageId, payload: { item: messageId, text } });
    }),
  );
}

/** People look at what needs them, and decide: mostly well. */
export async function decideAll(engine: Engine, random: SeededRandom): Promise<void> {
  for (const { notification, workflow, mutation: output } of await engine.needsAttention()) {
    const by = "somebody";
    if (notification.kind === "approval" && output)
      await engine.approve(output.id, { by, approved: random.chance(0.8) });
    else if (notification.kind === "indeterminate" && output) {
      const verdict = random.chance(0.5) ? "happened" : random.chance(0.5) ? "did_not_happen" : "skip";
      await engine.resolveMutation(output.id, { by, verdict });
    } else if (workflow !== null && ["authorisation", "logic", "internal", "transient"].includes(notification.kind))
      await engine.retry(workflow, { by });
    else await engine.dismiss(notification.id);
  }
}
