import { defineWorkflow, type WorkflowDefinition } from "@millrace/agent";
import {
  attachTestEngine,
  createTestEngine,
  FakeClock,
  openTestDatabase,
  type TestEngine,
} from "@millrace/agent/testing";
import { createStores, type Stores } from "@millrace/db";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";

let running: TestEngine;
afterEach(() => running.close());

const item = z.object({ n: z.number() });

/** Polls every ten minutes, and takes what is published. */
function shop({ polls = "10m" } = {}): WorkflowDefinition {
  return defineWorkflow({
    name: "shop",
    topics: { item },
    producers: (producer) => ({
      poll: producer({ publishes: ["item"], schedule: { interval: polls }, handler: async () => undefined }),
    }),
    consumers: (consumer) => ({
      take: consumer({
        subscribe: ["item"],
        async prepare(ctx) {
          const [event] = await ctx.peek("item", { limit: 1 });
          return { reservations: event ? [{ topic: "item", ids: [event.id] }] : [], data: null };
        },
      }),
    }),
  });
}

async function start(...workflows: WorkflowDefinition[]): Promise<void> {
  running = await createTestEngine({ workflows });
  await running.runUntilIdle();
}

/** Ends the process as it is, does something to the rows that it has left, and starts the next. */
async function startAgain(workflows: WorkflowDefinition[], change?: (stores: Stores) => Promise<unknown>) {
  await change?.(createStores(running.database));
  const image = running.database.serialise();
  await running.close();
  const clock = new FakeClock();
  running = attachTestEngine(await openTestDatabase(clock, { image }), clock, { workflows });
  const told: string[] = [];
  running.engine.on("workflow:changed", ({ name }) => told.push(name));
  await running.engine.start();
  return told;
}

const rows = async () => {
  const stores = createStores(running.database);
  const [workflow] = await stores.workflows.list();
  return {
    workflow,
    versions: await stores.scripts.list(workflow!.id),
    topics: await stores.topics.list(workflow!.id),
    schedules: await stores.producerSchedules.getForWorkflow(workflow!.id),
  };
};

/** Lets the workflow go on, as another process does it: nobody here is told. */
async function resumeElsewhere(stores: Stores): Promise<void> {
  await stores.workflows.update((await rows()).workflow!.id, { status: "active" }, 1);
}

describe("a start with the code that is deployed", () => {
  test("leaves every row as it is", async () => {
    await start(shop());
    const before = await rows();
    await startAgain([shop()]);
    expect(await rows()).toEqual(before);
  });

  test("tells of each workflow, as a start with new code does", async () => {
    await start(shop());
    expect(await startAgain([shop()])).toEqual(["shop"]);
  });

  test("runs its schedules, and takes the events that wait", async () => {
    await start(shop());
    await running.engine.pause("shop");
    await running.engine.publish("shop", "item", { messageId: "1", payload: { n: 1 } });
    await startAgain([shop()], resumeElsewhere);
    await running.runUntilIdle();
    expect((await running.engine.status())[0]).toMatchObject({ pending: {} });
    await running.advance("11m");
    const polled = (await running.engine.runs()).filter(({ handlerName }) => handlerName === "poll");
    expect(polled).toHaveLength(2);
  });

  test("takes the events that wait in several topics", async () => {
    const workflow = defineWorkflow({
      name: "shop",
      topics: { item, other: item },
      consumers: (consumer) => ({
        items: consumer({
          subscribe: ["item"],
          async prepare(ctx) {
            const ids = (await ctx.peek("item")).map(({ id }) => id);
            return { reservations: [{ topic: "item", ids }], data: null };
          },
        }),
        others: consumer({
          subscribe: ["other"],
          async prepare(ctx) {
            const ids = (await ctx.peek("other")).map(({ id }) => id);
            return { reservations: [{ topic: "other", ids }], data: null };
          },
        }),
      }),
    });
    await start(workflow);
    await running.engine.pause("shop");
    for (const topic of ["item", "other"])
      await running.engine.publish("shop", topic, { messageId: "1", payload: { n: 1 } });
    await startAgain([workflow], resumeElsewhere);
    await running.runUntilIdle();
    const events = await running.engine.events({});
    expect(events.map(({ status }) => status)).toEqual(["consumed", "consumed"]);
  });

  test("settles the word that its code was missing, and takes the events that waited for it", async () => {
    await start(shop());
    await running.engine.pause("shop");
    await running.engine.publish("shop", "item", { messageId: "1", payload: { n: 1 } });
    await startAgain([]);
    await running.engine.resume("shop");
    await running.runUntilIdle();
    const kinds = async () => (await running.engine.needsAttention()).map(({ notification }) => notification.kind);
    expect(await kinds()).toEqual(["missing_code"]);
    await startAgain([shop()]);
    await running.runUntilIdle();
    expect(await kinds()).toEqual([]);
    expect((await running.engine.status())[0]).toMatchObject({ pending: {} });
  });

  test("gives back a schedule and a topic that are gone", async () => {
    await start(shop());
    const before = await rows();
    await startAgain([shop()], async (stores) => {
      await stores.producerSchedules.delete(before.workflow!.id, ["poll"]);
      await stores.topics.delete(before.topics[0]!.id);
    });
    const { topics, schedules } = await rows();
    expect(topics.map(({ name }) => name)).toEqual(before.topics.map(({ name }) => name));
    expect(schedules.map(({ producerName }) => producerName)).toEqual(["poll"]);
  });

  test("takes away a schedule that the code does not declare", async () => {
    await start(shop());
    const { schedules } = await rows();
    await startAgain([shop()], (stores) => stores.producerSchedules.save({ ...schedules[0]!, producerName: "other" }));
    expect((await rows()).schedules.map(({ producerName }) => producerName)).toEqual(["poll"]);
  });
});

test("a start without the code of a workflow tells nobody of it while it has nothing to do", async () => {
  await start(shop());
  await startAgain([]);
  await running.runUntilIdle();
  expect(await running.engine.needsAttention()).toEqual([]);
});

test("a start finds all of more workflows than it reads at once, and of each when it is due", async () => {
  const names = Array.from({ length: 230 }, (_, index) => `shop-${index}`);
  const shops = () => names.map((name) => ({ ...shop(), name }));
  await start(...shops());
  const versions = async () => {
    const stores = createStores(running.database);
    const all = await stores.workflows.list();
    return all.map(({ name, activeScriptId, updatedAt }) => ({ name, activeScriptId, updatedAt }));
  };
  const before = await versions();
  expect(new Set(await startAgain(shops()))).toEqual(new Set(names));
  expect(await versions()).toEqual(before);
  await running.advance("11m");
  const polled = (await running.engine.runs({ limit: 1_000 })).filter(({ handlerName }) => handlerName === "poll");
  expect(polled).toHaveLength(2 * names.length);
});

describe("a start with other code than is deployed", () => {
  test("deploys it as a new version", async () => {
    await start(shop());
    await startAgain([shop({ polls: "20m" })]);
    const { versions, schedules } = await rows();
    expect(versions).toHaveLength(2);
    expect(schedules).toMatchObject([{ scheduleValue: "20m" }]);
  });

  test("lets the last of two workflows of one name count, though the first was deployed before", async () => {
    await start(shop());
    await startAgain([shop({ polls: "20m" }), shop()]);
    const { workflow, versions, schedules } = await rows();
    expect(versions).toHaveLength(3);
    expect(workflow!.activeScriptId).toBe(versions.at(-1)!.id);
    expect(schedules).toMatchObject([{ scheduleValue: "10m" }]);
  });
});

test("a look at what another process has decided runs what came due while the workflow was paused", async () => {
  await start(shop());
  await running.engine.pause("shop");
  await running.advance("11m");
  const polls = async () => (await running.engine.runs()).filter(({ handlerName }) => handlerName === "poll").length;
  expect(await polls()).toBe(1);
  await resumeElsewhere(createStores(running.database));
  await running.engine.refresh();
  await running.runUntilIdle();
  expect(await polls()).toBe(2);
});
