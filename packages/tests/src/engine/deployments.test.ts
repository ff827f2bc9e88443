import { AuthError, defineWorkflow, type WorkflowDefinition } from "@millrace/agent";
import { createTestEngine, fakeConnector, fakeMutation, type TestEngine } from "@millrace/agent/testing";
import { createStores } from "@millrace/db";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { createDoor } from "../support/door.ts";
import { lettersWorkflow, openPostOffice, positions } from "../support/post-office.ts";

let running: TestEngine;
afterEach(() => running.close());

const item = z.object({ n: z.number() });
const by = { by: "ada" };

/** A workflow named "shop" with what the test gives it, and a consumer that never does anything. */
function shop(parts: {
  producers?: Parameters<typeof defineWorkflow<{ item: typeof item }>>[0]["producers"];
  consumers?: Parameters<typeof defineWorkflow<{ item: typeof item }>>[0]["consumers"];
}): WorkflowDefinition {
  return defineWorkflow({
    name: "shop",
    topics: { item },
    ...(parts.producers && { producers: parts.producers }),
    consumers: (consumer) => ({
      ...parts.consumers?.(consumer),
      rest: consumer({ subscribe: ["item"], prepare: async () => ({ data: null }) }),
    }),
  });
}

async function start(workflow: WorkflowDefinition): Promise<void> {
  running = await createTestEngine({ workflows: [workflow] });
  await running.runUntilIdle();
}

/** Deploys another workflow and waits until nothing more happens. */
async function deploy(workflow: WorkflowDefinition): Promise<void> {
  await running.engine.deploy(workflow);
  await running.runUntilIdle();
}

const summary = async () => (await running.engine.status())[0]!;

describe("a handler that is removed", () => {
  test("is not woken at the time that it had asked for", async () => {
    await start(
      shop({
        consumers: (consumer) => ({
          sleeper: consumer({
            subscribe: ["item"],
            prepare: async (ctx) => ({ data: null, wakeAt: new Date(ctx.now() + 60_000).toISOString() }),
          }),
        }),
      }),
    );
    await deploy(shop({}));
    await running.advance("5m");
    expect(await summary()).toMatchObject({ error: null, openNotifications: 0 });
  });

  test("is not run by hand after all, when it had been asked for before", async () => {
    const fails = shop({
      producers: (producer) => ({
        poll: producer({
          publishes: ["item"],
          async handler() {
            throw new Error("a bug");
          },
        }),
      }),
    });
    await start(fails);
    await running.engine.runNow("shop");
    await running.runUntilIdle();
    expect((await summary()).error).toBe("Error: a bug");
    await deploy(shop({}));
    expect(await summary()).toMatchObject({ error: null, openNotifications: 0, retryAt: null });
  });

  test("does not keep the workflow waiting for credentials that it asked for", async () => {
    const locked = shop({
      consumers: (consumer) => ({
        locked: consumer({
          subscribe: ["item"],
          async prepare() {
            throw new AuthError("no key");
          },
        }),
      }),
    });
    await start(locked);
    expect((await summary()).error).toBe("no key");
    await deploy(shop({}));
    expect(await summary()).toMatchObject({ error: null, openNotifications: 0 });
  });

  test("while it runs: its failure is given up, and its events stay pending", async () => {
    const door = createDoor();
    const fails = shop({
      consumers: (consumer) => ({
        fails: consumer({
          subscribe: ["item"],
          async prepare(ctx) {
            if ((await ctx.peek("item")).length === 0) return { data: null };
            await door.pass();
            throw new AuthError("no key");
          },
        }),
      }),
    });
    await start(fails);
    await running.engine.publish("shop", "item", { messageId: "1", payload: { n: 1 } });
    await door.reached;
    await running.engine.deploy(shop({}));
    door.open();
    await running.runUntilIdle();
    // It failed after the deploy, so a person is asked; their retry finds that the handler is gone.
    await running.engine.retry("shop", by);
    await running.runUntilIdle();
    expect(await summary()).toMatchObject({ error: null, pending: { item: 1 }, retryAt: null });
  });

  test("what it had asked a person to approve is withdrawn, and its events are free", async () => {
    const office = await openPostOffice({ approval: "required" });
    running = office.test;
    await office.post("bob");
    const { id } = await office.mutation();
    await deploy(
      defineWorkflow({
        name: "letters",
        topics: { letter: z.object({ to: z.string() }) },
        consumers: (consumer) => ({
          rest: consumer({ subscribe: ["letter"], prepare: async () => ({ data: null }) }),
        }),
      }),
    );
    expect(await office.mutation()).toMatchObject({
      status: "failed",
      error: "Withdrawn: the handler that asked for it was removed.",
    });
    await expect(running.engine.approve(id, by)).rejects.toThrow("does not wait for approval");
    expect(await summary()).toMatchObject({ error: null, openNotifications: 0, pending: { letter: 1 } });
    expect(positions(await office.runs())[0]).toBe("prepared/aborted");
  });

  test("after its mutation: the workflow waits for a version that has it, because its next is owed", async () => {
    const office = await openPostOffice({
      onNext: () => {
        throw new Error("a bug in next");
      },
    });
    running = office.test;
    await office.post("bob");
    await deploy(shopLike(office.workflow));
    expect(await summary()).toMatchObject({ error: "Error: a bug in next", pending: { letter: 0 } });
    await running.engine.retry("letters", by);
    await running.runUntilIdle();
    expect((await summary()).error).toContain('has no consumer "send" any more. Deploy a version that has it.');
    await deploy({ ...lettersWorkflow(office.send), major: 2 });
    expect(await summary()).toMatchObject({ error: null, pending: { letter: 0, sent: 1 } });
    expect(office.send.calls).toHaveLength(1);
  });
});

/** The same workflow, with another consumer in place of its own. */
function shopLike(workflow: WorkflowDefinition): WorkflowDefinition {
  const { consumers } = shop({});
  return { ...workflow, consumers: { rest: { ...consumers["rest"]!, subscribe: ["letter"] } } };
}

describe("what was approved", () => {
  test("waits, with a word to a person, while the code that could send it is missing", async () => {
    const office = await openPostOffice({ approval: "required" });
    running = office.test;
    await office.post("bob");
    const { id } = await office.mutation();
    await deploy({ ...office.workflow, connectors: {}, major: 2 });
    await running.engine.approve(id, by);
    await running.runUntilIdle();
    await running.advance("1d");
    expect(office.send.calls).toEqual([]);
    expect(positions(await office.runs())[0]).toBe("prepared/paused:approval");
    expect((await running.engine.needsAttention()).map(({ notification }) => notification.kind)).toEqual([
      "missing_code",
    ]);
    await deploy({ ...office.workflow, major: 3 });
    expect(office.send.effects.map(({ params }) => params)).toEqual([{ to: "bob" }]);
    expect(await office.attention()).toEqual([]);
  });

  test("runs the next of the version that is there then", async () => {
    const outcomes: string[] = [];
    const office = await openPostOffice({ approval: "required" });
    running = office.test;
    await office.post("bob");
    await deploy({ ...lettersWorkflow(office.send, { onNext: ({ status }) => outcomes.push(status) }), major: 2 });
    await running.engine.approve((await office.mutation()).id, by);
    await running.runUntilIdle();
    expect(outcomes).toEqual(["applied"]);
  });
});

describe("a deploy while a producer runs", () => {
  /** A producer that waits at the door in its second run. */
  function polling(schedule: { interval: string } | undefined, door: { pass(): Promise<void> }, fired: number[]) {
    return shop({
      producers: (producer) => ({
        poll: producer({
          publishes: ["item"],
          ...(schedule && { schedule }),
          async handler(ctx) {
            fired.push(ctx.now());
            if (fired.length === 2) await door.pass();
          },
        }),
      }),
    });
  }

  const minutes = (times: number[]) => times.map((time) => (time - Date.parse("2026-01-01T00:00:00Z")) / 60_000);

  test("a schedule that is changed counts from then on", async () => {
    const [door, fired] = [createDoor(), [] as number[]];
    await start(polling({ interval: "10h" }, door, fired));
    await running.engine.runNow("shop");
    await door.reached;
    await running.engine.deploy(polling({ interval: "1m" }, door, fired));
    door.open();
    await running.runUntilIdle();
    await running.advance("2m");
    expect(minutes(fired)).toEqual([0, 0, 0, 1, 2]);
  });

  test("a schedule that is removed fails nobody", async () => {
    const [door, fired] = [createDoor(), [] as number[]];
    await start(polling({ interval: "1m" }, door, fired));
    const advancing = running.advance("1m");
    await door.reached;
    await running.engine.deploy(polling(undefined, door, fired));
    door.open();
    await advancing;
    await running.advance("10m");
    expect(minutes(fired)).toEqual([0, 1]);
    expect(await summary()).toMatchObject({ error: null, schedules: [] });
  });

  test("a firing that comes during a run by hand has a run of its own", async () => {
    const [door, fired] = [createDoor(), [] as number[]];
    await start(polling({ interval: "10m" }, door, fired));
    await running.advance("8m");
    await running.engine.runNow("shop");
    await door.reached;
    await running.advance("3m");
    door.open();
    await running.runUntilIdle();
    await running.advance("9m");
    expect(minutes(fired)).toEqual([0, 8, 11, 20]);
  });
});

describe("a deploy while a consumer runs", () => {
  test("the consumers of the new version are each looked at once, the one that was running too", async () => {
    const door = createDoor();
    const looked: string[] = [];
    const version = (name: string) =>
      shop({
        consumers: (consumer) => ({
          look: consumer({
            subscribe: ["item"],
            async prepare(ctx) {
              const events = await ctx.peek("item");
              looked.push(`${name} ${events.length}`);
              if (events.length > 0) await door.pass();
              return { reservations: [{ topic: "item", ids: events.map(({ id }) => id) }], data: null };
            },
          }),
        }),
      });
    await start(version("old"));
    await running.engine.publish("shop", "item", { messageId: "1", payload: { n: 1 } });
    await door.reached;
    await running.engine.deploy({ ...version("new"), major: 2 });
    door.open();
    await running.runUntilIdle();
    expect(looked).toEqual(["old 0", "old 1", "new 0"]);
  });

  test("a run carries on with the code that it began with, and says so", async () => {
    const door = createDoor();
    const seen: string[] = [];
    const send = fakeMutation({ params: item, result: () => null });
    const version = (name: string, major: number): WorkflowDefinition =>
      defineWorkflow({
        name: "shop",
        major,
        topics: { item },
        connectors: { world: fakeConnector("world", { send }) },
        consumers: (consumer) => ({
          act: consumer({
            subscribe: ["item"],
            async prepare(ctx) {
              const [event] = await ctx.peek("item", { limit: 1 });
              if (!event) return { data: { n: 0 } };
              await door.pass();
              return { reservations: [{ topic: "item", ids: [event.id] }], data: event.payload };
            },
            mutate: async (ctx, { data }) => ctx.world.send(data),
            async next(_ctx, { data }) {
              if (data.n > 0) seen.push(name);
            },
          }),
        }),
      });
    await start(version("old", 1));
    await running.engine.publish("shop", "item", { messageId: "1", payload: { n: 1 } });
    await door.reached;
    await running.engine.deploy(version("new", 2));
    door.open();
    await running.runUntilIdle();
    await running.engine.publish("shop", "item", { messageId: "2", payload: { n: 2 } });
    await running.runUntilIdle();
    expect(seen).toEqual(["old", "new"]);
    const stores = createStores(running.database);
    const runs = (await running.engine.runs()).filter(({ mutationId }) => mutationId !== null).toReversed();
    const scripts = await Promise.all(runs.map(({ scriptId }) => stores.scripts.get(scriptId)));
    expect(scripts.map(({ major }) => major)).toEqual([1, 2]);
  });
});

test("a payload that is replaced while prepare decides upon it is not consumed unseen", async () => {
  const door = createDoor();
  const seen: number[] = [];
  await start(
    shop({
      consumers: (consumer) => ({
        look: consumer({
          subscribe: ["item"],
          async prepare(ctx) {
            const [event] = await ctx.peek("item", { limit: 1 });
            if (!event) return { data: null };
            await door.pass();
            return { reservations: [{ topic: "item", ids: [event.id] }], data: event.payload.n };
          },
          async next(_ctx, { data }) {
            if (data !== null) seen.push(data);
          },
        }),
      }),
    }),
  );
  await running.engine.publish("shop", "item", { messageId: "1", payload: { n: 1 } });
  await door.reached;
  const again = await running.engine.publish("shop", "item", { messageId: "1", payload: { n: 2 } });
  expect(again.outcome).toBe("replaced");
  door.open();
  await running.runUntilIdle();
  expect(seen).toEqual([2]);
});
