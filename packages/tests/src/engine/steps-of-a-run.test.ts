/** Which steps a consumer's run is written in, and which of them wait for the disk. */
import { defineConnector, defineWorkflow, mutation } from "@millrace/agent";
import { attachTestEngine, FakeClock, openTestDatabase } from "@millrace/agent/testing";
import { createStores, type HandlerRun } from "@millrace/db";
import { expect, test } from "vitest";
import { z } from "zod";

const item = z.object({ n: z.number() });

interface Handlers {
  mutate: (call: (params: unknown) => Promise<unknown>) => Promise<unknown>;
  next: (outcome: string) => Promise<void>;
}

function workflowWith({ mutate, next }: Handlers) {
  const world = defineConnector({
    name: "world",
    operations: {
      act: mutation({
        params: z.any(),
        describe: ({ odd }) => {
          if (odd) throw new TypeError("no words for it");
          return "act";
        },
        execute: async () => ({ done: true }),
      }),
    },
  });
  return defineWorkflow({
    name: "shop",
    topics: { found: item },
    connectors: { world },
    consumers: (consumer) => ({
      act: consumer({
        subscribe: ["found"],
        async prepare(ctx) {
          const [event] = await ctx.peek("found", { limit: 1 });
          return { reservations: event ? [{ topic: "found", ids: [event.id] }] : [], data: { seen: event?.payload } };
        },
        mutate: (ctx) => mutate((params) => ctx.world.act(params)),
        next: (_ctx, _prepared, { status }) => next(status),
      }),
    }),
  });
}

const call: Handlers["mutate"] = (act) => act({});
const atOnce: Handlers["next"] = async () => undefined;
const slowly: Handlers["next"] = async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** Publishes one event to a workflow at rest; gives the run that takes it, its commits and the phases that were announced. */
async function runOnce(handlers: Handlers) {
  const clock = new FakeClock();
  const commits: string[] = [];
  const afterCommit = (names: readonly string[], awaitsDisk: boolean) => {
    commits.push(...names.map((name) => (awaitsDisk ? name : `${name}, not yet on the disk`)));
    return "continue" as const;
  };
  const database = await openTestDatabase(clock, { hooks: { afterCommit } });
  const running = attachTestEngine(database, clock, { workflows: [workflowWith(handlers)] });
  await running.engine.start();
  await running.runUntilIdle();
  commits.length = 0;
  const phases: string[] = [];
  running.engine.on("run:changed", ({ phase, status }) => phases.push(status === "active" ? phase : status));
  await running.engine.publish("shop", "found", { messageId: "1", payload: { n: 1 } });
  await running.runUntilIdle();
  const [run] = await createStores(database.database).handlerRuns.list({ limit: 1 });
  await running.close();
  return { run: run as HandlerRun, phases, commits: commits.filter((name) => !/^(event|session)/.test(name)) };
}

test("a run whose next returns at once is written in four steps, and waits for the disk before its call and after it", async () => {
  const { run, phases, commits } = await runOnce({ mutate: call, next: atOnce });
  expect(commits).toEqual([
    "run.start, not yet on the disk",
    "mutation.start",
    "mutation.recordOutcome",
    "run.emitAndCommit",
  ]);
  expect(phases).toEqual(["prepared", "mutating", "mutated", "emitting", "committed"]);
  const { startedAt: at } = run;
  expect(run).toMatchObject({ preparedAt: at, mutatingAt: at, mutatedAt: at, emittingAt: at, endedAt: at });
});

test("a next that takes its time is known to run meanwhile", async () => {
  const { run, phases, commits } = await runOnce({ mutate: call, next: slowly });
  expect(commits.slice(2)).toEqual([
    "mutation.recordOutcome",
    "run.beginEmitting, not yet on the disk",
    "run.commitConsumer",
  ]);
  expect(phases).toEqual(["prepared", "mutating", "mutated", "emitting", "committed"]);
  expect(run.status).toBe("committed");
});

test("a run without a call is written in three steps", async () => {
  const { commits } = await runOnce({ mutate: async () => undefined, next: atOnce });
  expect(commits).toEqual([
    "run.start, not yet on the disk",
    "run.recordPrepared, not yet on the disk",
    "run.emitAndCommit",
  ]);
});

test.each<[string, Handlers["mutate"]]>([
  ["breaks", () => Promise.reject(new Error("broken"))],
  ["calls with what can't be stored", (act) => act({ amount: 1n })],
  ["calls with what the connector can't describe", (act) => act({ odd: true })],
])("what was prepared is kept when mutate %s", async (_what, mutate) => {
  const { run } = await runOnce({ mutate, next: atOnce });
  expect(run).toMatchObject({ phase: "prepared", prepareResult: { data: { seen: { n: 1 } } } });
  expect(run.status).toMatch(/^failed/);
});

test("a next that breaks at once fails a run that emits", async () => {
  // The first run of a workflow is its first look, when there is no event.
  const next = async (outcome: string) => {
    if (outcome === "applied") throw new Error("broken");
  };
  const { run, commits } = await runOnce({ mutate: call, next });
  expect(run).toMatchObject({ phase: "emitting", status: "failed:logic", mutationOutcome: "applied" });
  expect(commits.slice(3)).toEqual(["run.beginEmitting, not yet on the disk", "run.fail"]);
});
