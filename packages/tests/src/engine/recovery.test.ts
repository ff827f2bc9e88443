import { defineWorkflow, type WorkflowDefinition } from "@millrace/agent";
import {
  attachTestEngine,
  FakeClock,
  fakeConnector,
  fakeMutation,
  openTestDatabase,
  type FakeMutation,
} from "@millrace/agent/testing";
import { createStores, type HandlerRun } from "@millrace/db";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { dump } from "../support/store-behaviours.ts";

const item = z.object({ n: z.number() });
type Item = z.output<typeof item>;

interface World {
  act: FakeMutation<Item, Item, null>;
  workflow: WorkflowDefinition;
}

function world(mutates: boolean): World {
  const act = fakeMutation({ params: item, result: () => null });
  const workflow = defineWorkflow({
    name: "shop",
    topics: { found: item, done: item },
    connectors: { world: fakeConnector("world", { act }) },
    producers: (producer) => ({
      find: producer({
        publishes: ["found"],
        schedule: { interval: "1d" },
        async handler(ctx) {
          const input = ctx.registerInput({ source: "s", type: "t", externalId: "1", title: "one" });
          ctx.publish("found", { messageId: "1", payload: { n: 1 }, inputs: [input] });
        },
      }),
    }),
    consumers: (consumer) => ({
      act: consumer({
        subscribe: ["found"],
        publishes: ["done"],
        async prepare(ctx) {
          const events = await ctx.peek("found", { limit: 1 });
          return {
            reservations: [{ topic: "found", ids: events.map(({ id }) => id) }],
            data: events[0]?.payload ?? { n: 0 },
          };
        },
        mutate: async (ctx, { data }) => (mutates ? ctx.world.act(data) : null),
        async next(ctx, { data }) {
          // One that returns at once is committed before its emitting is written down.
          for (let turn = 0; turn < 3; turn += 1) await nextTurn();
          if (data.n > 0) ctx.publish("done", { messageId: "1", payload: data });
        },
      }),
    }),
  });
  return { act, workflow };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Lives until right after commit number `last`, and gives the database that is left; null when life ended before. */
async function crashAfter({ workflow }: World, last: number): Promise<Buffer | null> {
  const clock = new FakeClock();
  let commits = 0;
  let crash: (value: "crashed") => void = () => undefined;
  const crashed = new Promise<"crashed">((resolve) => {
    crash = resolve;
  });
  const database = await openTestDatabase(clock, {
    hooks: {
      afterCommit() {
        commits += 1;
        if (commits < last) return "continue";
        crash("crashed");
        return "crash";
      },
    },
  });
  const running = attachTestEngine(database, clock, { workflows: [workflow] });
  const life = running.engine.start().then(() => running.advance("1s"));
  if ((await Promise.race([life, crashed])) === "crashed") return database.database.serialise();
  await running.close();
  return null;
}

/** Every state with an active run in which a life can end, by the run's position. */
async function activeImages(mutates: boolean): Promise<Map<string, { image: Buffer; world: World; run: HandlerRun }>> {
  const images = new Map<string, { image: Buffer; world: World; run: HandlerRun }>();
  for (let last = 1; ; last += 1) {
    const own = world(mutates);
    const image = await crashAfter(own, last);
    if (image === null) return images;
    const { database } = await openTestDatabase(new FakeClock(), { image });
    const stores = createStores(database);
    const [run] = await stores.handlerRuns.listActive();
    const [workflow] = await stores.workflows.list();
    const events = workflow ? await stores.events.list({ workflowId: workflow.id }) : [];
    await database.close();
    const position = run && `${run.handlerName} ${run.phase}, outcome ${run.mutationOutcome}, ${events.length} events`;
    if (position) images.set(position, { image, world: own, run });
  }
}

/** Recovers, without any workflow's code; gives what is left. */
async function recoverOnly(image: Buffer) {
  const clock = new FakeClock("2026-01-02T00:00:00Z");
  const { database, commits } = await openTestDatabase(clock, { image });
  const running = attachTestEngine({ database, commits }, clock, { workflows: [] });
  const result = await running.engine.start();
  await running.engine.stop();
  const stores = createStores(database);
  const [workflow] = await stores.workflows.list();
  const state = {
    result,
    events: (await stores.events.list({ workflowId: workflow!.id })).map(({ status }) => status),
    mutations: (await stores.mutations.list()).map(({ status }) => status),
    retry: workflow!.pendingRetryRunId,
    retryAt: workflow!.retryAt,
    sessions: (await stores.sessions.list(workflow!.id, 100)).map(({ endedAt }) => endedAt === null),
  };
  const rows = dump(database, null);
  const [recovered] = await stores.handlerRuns.list({ limit: 1 });
  const after = database.serialise();
  await database.close();
  return { state, rows, recovered: recovered!, image: after };
}

const CRASHED = { crashedRuns: 1, uncertainMutations: 0, interruptedSessions: 1 };
const UNCERTAIN = { crashedRuns: 0, uncertainMutations: 1, interruptedSessions: 1 };

interface Expectation {
  status: string;
  result: object;
  event: string;
  mutations: string[];
}

const released = (event: string): Expectation => ({ status: "crashed", result: CRASHED, event, mutations: [] });
const kept: Expectation = { status: "crashed", result: CRASHED, event: "reserved", mutations: ["applied"] };

/** The first run of `act` is its first look, when there is no event. */
const EXPECTED: Record<string, Expectation> = {
  "act preparing, outcome null, 0 events": released("none"),
  "act prepared, outcome null, 0 events": released("none"),
  "act emitting, outcome none, 0 events": released("none"),
  "act emitting, outcome none, 1 events": released("pending"),
  "find executing, outcome null, 0 events": released("none"),
  "act preparing, outcome null, 1 events": released("pending"),
  "act prepared, outcome null, 1 events": released("pending"),
  "act mutating, outcome null, 1 events": {
    status: "paused:reconciliation",
    result: UNCERTAIN,
    event: "reserved",
    mutations: ["needs_reconcile"],
  },
  "act mutated, outcome applied, 1 events": kept,
  "act emitting, outcome applied, 1 events": kept,
};

describe("an engine that ends with an active run", () => {
  test("leaves, for every phase, a state that recovery understands; recovering twice is recovering once", async () => {
    const images = new Map([...(await activeImages(false)), ...(await activeImages(true))]);
    expect([...images.keys()].toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
    for (const [position, { image, run }] of images) {
      const { status, result, event, mutations } = EXPECTED[position]!;
      const once = await recoverOnly(image);
      expect({ position, ...once.state }).toMatchObject({ position, result, mutations, retry: run.id });
      expect(once.recovered).toMatchObject({ id: run.id, phase: run.phase, status });
      expect(once.state.retryAt === null).toBe(status === "paused:reconciliation");
      expect(once.state.events).toEqual(event === "none" ? [] : [event]);
      expect(once.state.sessions).not.toContain(true);
      const twice = await recoverOnly(once.image);
      expect(twice.state.result).toEqual({ crashedRuns: 0, uncertainMutations: 0, interruptedSessions: 0 });
      expect(twice.rows).toEqual(once.rows);
    }
  });

  test("goes on to the end with the workflow's code, by a run that continues the old one", async () => {
    for (const mutates of [true, false]) {
      for (const [position, { image, world: own, run }] of await activeImages(mutates)) {
        const clock = new FakeClock("2026-01-01T00:00:02Z");
        const running = attachTestEngine(await openTestDatabase(clock, { image }), clock, {
          workflows: [own.workflow],
        });
        await running.engine.start();
        await running.advance("1m");
        const [status] = await running.engine.status();
        expect({ position, ...status }).toMatchObject({ position, error: null, pending: { found: 0, done: 1 } });
        expect(own.act.effects).toHaveLength(mutates ? 1 : 0);
        const { retriedBy } = await running.engine.run(run.id);
        const heir = (await running.engine.run(retriedBy!)).run;
        expect(heir).toMatchObject({ status: "committed", retryOf: run.id, attempt: run.attempt + 1 });
        if (run.mutationOutcome === "applied") expect(heir.mutationId).toBe(run.mutationId);
        expect(heir.transientFailures).toBe(0);
        await running.close();
      }
    }
  });
});

test("a call that hangs when the process dies is asked about after the restart, and not made again", async () => {
  const own = world(true);
  own.act.script("hang-after-send");
  const clock = new FakeClock();
  const database = await openTestDatabase(clock);
  const running = attachTestEngine(database, clock, { workflows: [own.workflow] });
  await running.engine.start();
  await running.advance("1s");
  // The first engine is simply left behind, in the middle of its call.
  const later = new FakeClock("2026-01-01T00:00:02Z");
  const image = database.database.serialise();
  const second = attachTestEngine(await openTestDatabase(later, { image }), later, { workflows: [own.workflow] });
  expect(await second.engine.start()).toEqual(UNCERTAIN);
  await second.advance("1m");
  expect(own.act.calls).toHaveLength(1);
  expect(await second.engine.outputs()).toMatchObject([{ status: "applied", resolvedBy: "reconcile" }]);
  expect((await second.engine.status())[0]).toMatchObject({ error: null, pending: { found: 0, done: 1 } });
  await second.close();
});
