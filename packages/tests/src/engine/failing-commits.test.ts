/** Each commit of a life fails once (the disk is full for a moment): nothing may be lost, done twice, or forgotten. */
import { defineWorkflow, type WorkflowDefinition } from "@millrace/agent";
import {
  attachTestEngine,
  FakeClock,
  fakeConnector,
  fakeMutation,
  openTestDatabase,
  type ScriptedOutcome,
} from "@millrace/agent/testing";
import { createStores, DatabaseFullError, DatabaseLockedError } from "@millrace/db";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const item = z.object({ n: z.number() });

function world() {
  const act = fakeMutation({ params: item, result: ({ n }: { n: number }) => ({ n }), settleMs: 1_000 });
  const workflow: WorkflowDefinition = defineWorkflow({
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
          return { found: 1 };
        },
      }),
    }),
    consumers: (consumer) => ({
      act: consumer({
        subscribe: ["found"],
        publishes: ["done"],
        async prepare(ctx) {
          const [event] = await ctx.peek("found", { limit: 1 });
          ctx.log("info", "prepared");
          return {
            reservations: event ? [{ topic: "found", ids: [event.id] }] : [],
            data: event?.payload ?? { n: 0 },
            wakeAt: new Date(ctx.now() + 3_600_000).toISOString(),
          };
        },
        mutate: async (ctx, { data }) => ctx.world.act(data),
        async next(ctx, { data }, outcome) {
          if (data.n > 0) ctx.publish("done", { messageId: outcome.status, payload: data });
          return { last: data.n };
        },
      }),
      tell: consumer({
        subscribe: ["done"],
        async prepare(ctx) {
          const events = await ctx.peek("done");
          return { reservations: [{ topic: "done", ids: events.map(({ id }) => id) }], data: null };
        },
      }),
    }),
  });
  return { act, workflow };
}

interface Life {
  commits: number;
  end: unknown;
}

interface Failure {
  error: () => Error;
  times: number;
  retryDelayMs: number;
}

/** Lives once; commit number `failing` fails. */
async function live(script: ScriptedOutcome[], failing: number, failure: Failure): Promise<Life> {
  const { act, workflow } = world();
  act.script(...script);
  const clock = new FakeClock();
  let commits = 0;
  let armed = false;
  let left = failure.times;
  const database = await openTestDatabase(clock, {
    hooks: {
      beforeCommit() {
        if (!armed) return "continue";
        if (commits === failing && left > 0) {
          left -= 1;
          throw failure.error();
        }
        commits += 1;
        return "continue";
      },
    },
  });
  const running = attachTestEngine(database, clock, {
    workflows: [workflow],
    policy: { storage: { retryDelayMs: failure.retryDelayMs } },
  });
  await running.engine.start();
  armed = true;
  await running.advance("30m");
  armed = false;
  const stores = createStores(database.database);
  const [row] = await stores.workflows.list();
  const end = {
    effects: act.effects.map(({ params }) => params),
    events: (await stores.events.list({ workflowId: row!.id })).map(
      ({ messageId, status }) => `${messageId} ${status}`,
    ),
    runs: (await running.engine.runs()).map((run) => `${run.handlerName} ${run.phase}/${run.status}`).toSorted(),
    mutations: (await running.engine.outputs()).map(({ status }) => status),
    logs: await logLines(running.engine),
    attention: await running.engine.needsAttention(),
    active: await stores.handlerRuns.listActive(),
    status: await summary(running.engine),
    sessions: (await stores.sessions.list(row!.id, 100)).map(({ endedAt }) => endedAt === null),
    idle: running.engine.isIdle,
  };
  await running.close();
  return { commits, end };
}

async function logLines(engine: Awaited<ReturnType<typeof attachTestEngine>>["engine"]): Promise<string[]> {
  const details = await Promise.all((await engine.runs()).map(({ id }) => engine.run(id)));
  return details.flatMap(({ logs }) => logs.map(({ message }) => message));
}

/** What the engine knows about what comes next; the exact times may be later by what the disk took. */
async function summary(engine: Awaited<ReturnType<typeof attachTestEngine>>["engine"]): Promise<unknown> {
  const [{ status, error, pending, schedules, wakes, retryAt, openNotifications }] = (await engine.status()) as [
    Awaited<ReturnType<typeof engine.status>>[number],
  ];
  const hour = (time: number) => Math.floor(time / 3_600_000);
  return {
    status,
    error,
    pending,
    retryAt,
    openNotifications,
    schedules: schedules.map(({ producer, nextRunAt }) => [producer, hour(nextRunAt)]),
    wakes: wakes.map(({ consumer, wakeAt }) => [consumer, hour(wakeAt)]),
  };
}

const full = () => new DatabaseFullError("the test's", null);
const locked = () => new DatabaseLockedError("the test's", null);
const NEVER = Number.POSITIVE_INFINITY;

describe.each<[string, ScriptedOutcome[]]>([
  ["all goes well", []],
  ["the answer of the call is lost", ["timeout-after-send"]],
  ["the call has no effect and no answer", ["timeout-without-effect"]],
  ["the call is refused for a while", ["failure-before-send", "rate-limit"]],
])("when %s", (_what, script) => {
  test("a commit that fails once, whichever it is, changes nothing in the end", async () => {
    const { commits, end } = await live(script, NEVER, { error: full, times: 0, retryDelayMs: 0 });
    expect(commits).toBeGreaterThan(10);
    for (let failing = 0; failing < commits; failing += 1) {
      const failure = { error: failing % 2 === 0 ? full : locked, times: 1, retryDelayMs: 0 };
      expect({ failing, end: (await live(script, failing, failure)).end }).toEqual({ failing, end });
    }
  });
});

test("a disk that stays full for a while delays everything and loses nothing", async () => {
  const failure = { error: full, times: 3, retryDelayMs: 60_000 };
  const { commits, end } = await live([], NEVER, { ...failure, times: 0 });
  for (let failing = 0; failing < commits; failing += 5) {
    expect({ failing, end: (await live([], failing, failure)).end }).toEqual({ failing, end });
  }
});

test("a row that can't be read stops its workflow alone, tells a person once, and is looked at again", async () => {
  const { act, workflow } = world();
  const clock = new FakeClock();
  const database = await openTestDatabase(clock);
  const running = attachTestEngine(database, clock, { workflows: [workflow] });
  await running.engine.start();
  await running.runUntilIdle();
  const stores = createStores(database.database);
  const writeState = (state: string) =>
    database.database.transaction(({ executor }) =>
      executor.updateTable("handler_state").set({ state }).where("handler_name", "=", "act").execute(),
    );
  await writeState("{");
  await running.engine.publish("shop", "found", { messageId: "2", payload: { n: 2 } });
  await running.advance("35m");
  expect((await stores.notifications.listOpen()).map(({ kind, message }) => [kind, message])).toEqual([
    ["internal", expect.stringContaining("could not go on with this workflow")],
  ]);
  await writeState('{"last":1}');
  await running.advance("10m");
  expect(act.effects.map(({ params }) => params.n)).toEqual([1, 2]);
  await running.close();
});
