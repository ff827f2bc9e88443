/**
 * Random small workflows in a random world, whose process dies at random commits: what must hold whatever happens.
 */
import { defineWorkflow, type WorkflowDefinition } from "@millrace/agent";
import {
  attachTestEngine,
  FakeClock,
  fakeConnector,
  fakeMutation,
  openTestDatabase,
  type FakeMutation,
  type ScriptedOutcome,
  type TestEngine,
} from "@millrace/agent/testing";
import { createStores } from "@millrace/db";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";

const item = z.object({ id: z.string() });
const batch = z.object({ ids: z.array(z.string()) });
type Batch = z.output<typeof batch>;
type Act = FakeMutation<Batch, Batch, Batch>;

const OUTCOMES = [
  "ok",
  "failure-before-send",
  "rate-limit",
  "timeout-after-send",
  "timeout-without-effect",
  "crash",
] as const satisfies ScriptedOutcome[];

/** A chain of consumers: each takes some events of its topic, acts on them, and passes each of them on. */
interface Shape {
  stages: { takes: number; acts: boolean; sleeps: boolean }[];
  items: number;
  outcomes: ScriptedOutcome[];
  /** After how many commits each life ends. */
  lives: number[];
}

const shape: fc.Arbitrary<Shape> = fc.record({
  stages: fc.array(fc.record({ takes: fc.integer({ min: 1, max: 3 }), acts: fc.boolean(), sleeps: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  }),
  items: fc.integer({ min: 1, max: 4 }),
  // The fifth failure in a row would ask a person.
  outcomes: fc.array(fc.constantFrom(...OUTCOMES), { maxLength: 4 }),
  lives: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }),
});

const stageTopic = (stage: number) => `stage${stage}`;

function workflowOf({ stages, items }: Shape, act: Act): WorkflowDefinition {
  const topics = Object.fromEntries([...stages, null].map((_, index) => [stageTopic(index), item]));
  return defineWorkflow({
    name: "random",
    topics,
    connectors: { world: fakeConnector("world", { act }) },
    producers: (producer) => ({
      find: producer({
        publishes: [stageTopic(0)],
        schedule: { interval: "1d" },
        async handler(ctx) {
          for (let index = 0; index < items; index += 1) {
            const id = `item${index}`;
            const input = ctx.registerInput({ source: "s", type: "t", externalId: id, title: id });
            ctx.publish(stageTopic(0), { messageId: id, payload: { id }, inputs: [input] });
          }
        },
      }),
    }),
    consumers: (consumer) =>
      Object.fromEntries(
        stages.map(({ takes, acts, sleeps }, index) => [
          `consumer${index}`,
          consumer({
            subscribe: [stageTopic(index)],
            publishes: [stageTopic(index + 1)],
            async prepare(ctx) {
              const events = await ctx.peek(stageTopic(index), { limit: takes });
              return {
                reservations: [{ topic: stageTopic(index), ids: events.map(({ id }) => id) }],
                data: events.map(({ payload }) => payload.id),
                wakeAt: sleeps ? new Date(ctx.now() + 3_600_000).toISOString() : undefined,
              };
            },
            mutate: async (ctx, { data }) =>
              acts ? ctx.world.act({ ids: data.map((id) => `${index} ${id}`) }) : { ids: [] },
            async next(ctx, { data }) {
              for (const id of data) ctx.publish(stageTopic(index + 1), { messageId: id, payload: { id } });
            },
          }),
        ]),
      ),
  });
}

/** Lives until commit number `last` (or, without one, for hours); gives what is left on the disk. */
async function live(
  workflow: WorkflowDefinition,
  clock: FakeClock,
  image: Buffer | null,
  last: number | null,
): Promise<{ running: TestEngine; image: Buffer }> {
  let commits = 0;
  let crash: (value: "crashed") => void = () => undefined;
  const crashed = new Promise<"crashed">((resolve) => {
    crash = resolve;
  });
  const database = await openTestDatabase(clock, {
    ...(image && { image }),
    hooks: {
      beforeCommit() {
        commits += 1;
        if (last === null || commits < last) return "continue";
        crash("crashed");
        return "crash";
      },
    },
  });
  const running = attachTestEngine(database, clock, { workflows: [workflow] });
  const life = running.engine.start().then(() => running.advance(last === null ? "6h" : "5m"));
  await Promise.race([life, crashed]);
  return { running, image: database.database.serialise() };
}

/** What holds after every commit, however the process ends. */
async function checkAlways(image: Buffer, act: Act): Promise<void> {
  const { database } = await openTestDatabase(new FakeClock(), { image });
  const stores = createStores(database);
  const active = await stores.handlerRuns.listActive();
  expect(active.length).toBeLessThanOrEqual(1);
  for (const mutation of await stores.mutations.list({ limit: 1_000 })) {
    const happened = act.effects.some(({ idempotencyKey }) => idempotencyKey === mutation.idempotencyKey);
    if (mutation.status === "applied") expect(happened).toBe(true);
    if (mutation.status === "pending") expect(happened).toBe(false);
  }
  for (const run of await stores.handlerRuns.list({ limit: 1_000 })) {
    expect((await stores.handlerRuns.listRetriesOf(run.id)).length).toBeLessThanOrEqual(1);
  }
  await database.close();
}

/** What holds once everything has been done. */
async function checkEnd({ engine, database }: TestEngine, { stages, items }: Shape, act: Act): Promise<void> {
  const ids = Array.from({ length: items }, (_, index) => `item${index}`);
  const expected = stages.flatMap(({ acts }, index) => (acts ? ids.map((id) => `${index} ${id}`) : []));
  // Each effect once: nothing lost, nothing twice.
  const sorted = (texts: readonly string[]) => texts.toSorted((a, b) => a.localeCompare(b));
  expect(sorted(act.effects.flatMap(({ params }) => params.ids))).toEqual(sorted(expected));
  const stores = createStores(database);
  const [workflow] = await stores.workflows.list();
  const events = await stores.events.list({ workflowId: workflow!.id, limit: 1_000 });
  expect(events.filter(({ status }) => status === "consumed")).toHaveLength(items * stages.length);
  expect(events.filter(({ status }) => status === "pending")).toHaveLength(items);
  expect(events).toHaveLength(items * (stages.length + 1));
  // No two runs committed the same event, and no two mutations were applied for the same set.
  const committed = (await engine.runs({ limit: 1_000 })).filter(({ status }) => status === "committed");
  const consumedBy = await Promise.all(committed.map(({ id }) => stores.events.listByRun(id)));
  expect(consumedBy.flat()).toHaveLength(items * stages.length);
  expect(await engine.outputs({ statuses: ["applied"], limit: 1_000 })).toHaveLength(act.effects.length);
  expect(await engine.needsAttention()).toEqual([]);
  // Each input shows all that came of it (a batch has the inputs of all its events).
  for (const { id, externalId } of await engine.inputs()) {
    const outputs = await engine.outputs({ inputId: id, statuses: ["applied"], limit: 1_000 });
    const acted = outputs.flatMap(({ params }) => batch.parse(params).ids);
    expect(acted).toEqual(expect.arrayContaining(expected.filter((effect) => effect.endsWith(externalId))));
  }
}

test("whatever crashes when: every effect happens once, every event is consumed once, and the ledger is true", async () => {
  await fc.assert(
    fc.asyncProperty(shape, async (drawn) => {
      const act: Act = fakeMutation({ params: batch, result: ({ ids }: Batch) => ({ ids }), settleMs: 1_000 });
      act.script(...drawn.outcomes);
      const workflow = workflowOf(drawn, act);
      let image: Buffer | null = null;
      let now = Date.parse("2026-01-01T00:00:00Z");
      for (const last of [...drawn.lives, null]) {
        const clock = new FakeClock(now);
        const life = await live(workflow, clock, image, last);
        image = life.image;
        now = clock.now() + 1_000;
        await checkAlways(image, act);
        if (last === null) {
          await checkEnd(life.running, drawn, act);
          await life.running.close();
        }
      }
    }),
    { numRuns: 120 },
  );
}, 120_000);
