/** Engines that start on databases in which rows of one workflow can't be read: the other workflow runs, and a person is told. */
import { defineWorkflow } from "@millrace/agent";
import {
  attachTestEngine,
  createTestEngine,
  FakeClock,
  fakeConnector,
  fakeMutation,
  openTestDatabase,
  type ScriptedOutcome,
} from "@millrace/agent/testing";
import { createStores } from "@millrace/db";
import * as fc from "fast-check";
import { sql } from "kysely";
import { z } from "zod";
import { fuzz, type FuzzTarget, type Verdict } from "./fuzz-target.ts";
import { brokenJson } from "./json-columns.ts";

/** Where the broken workflow's last run stands when its process dies. */
export const STANDS = ["in flight", "uncertain", "to be retried", "owes its next"] as const;
export type Stand = (typeof STANDS)[number];

/** The columns that belong to one workflow; the others are of jobs, which have tests of their own. */
export const COLUMNS = [
  ["workflows", "handler_config"],
  ["events", "payload"],
  ["handler_runs", "prepare_result"],
  ["handler_runs", "input_state"],
  ["handler_runs", "output_state"],
  ["mutations", "params"],
  ["mutations", "result"],
  ["mutations", "late_outcome"],
  ["handler_state", "state"],
] as const;
export type Column = (typeof COLUMNS)[number];

const OUTCOMES: Record<Stand, ScriptedOutcome> = {
  "in flight": "hang-after-send",
  uncertain: "timeout-after-send",
  "to be retried": "failure-before-send",
  "owes its next": "ok",
};

const item = z.object({ n: z.number() });

function workflow(name: string, nextFails = false) {
  const act = fakeMutation({ params: item, result: ({ n }) => ({ n }) });
  const definition = defineWorkflow({
    name,
    topics: { found: item },
    connectors: { world: fakeConnector("world", { act }) },
    consumers: (consumer) => ({
      act: consumer({
        subscribe: ["found"],
        async prepare(ctx) {
          const [event] = await ctx.peek("found", { limit: 1 });
          if (!event) return { data: { n: 0 } };
          return { reservations: [{ topic: "found", ids: [event.id] }], data: event.payload };
        },
        mutate: (ctx, { data }) => ctx.world.act(data),
        async next() {
          if (nextFails) throw new Error("the code is wrong");
          return { done: true };
        },
      }),
    }),
  });
  return { act, definition };
}

/** A database as a process left it that died. */
export async function leftBehind(stand: Stand): Promise<Buffer> {
  const [broken, sound] = [workflow("broken", stand === "owes its next"), workflow("sound")];
  broken.act.script(OUTCOMES[stand]);
  const test = await createTestEngine({ workflows: [broken.definition, sound.definition] });
  await test.advance("0ms");
  await test.engine.publish("broken", "found", { messageId: "1", payload: { n: 1 } });
  await test.advance("0ms");
  await test.engine.publish("broken", "found", { messageId: "2", payload: { n: 2 } });
  const stores = createStores(test.database);
  const { id } = await test.engine.workflowByName("broken");
  await stores.handlerStates.saveState({ workflowId: id, handlerName: "act" }, { seen: 1 }, null, 1);
  return test.database.serialise();
}

/** Breaks a column of all rows of the broken workflow, starts, and lets a day go by. */
export async function startOn(image: Buffer, [table, column]: Column, text: string): Promise<Verdict> {
  const clock = new FakeClock();
  const opened = await openTestDatabase(clock, { image });
  const owner = table === "workflows" ? "id" : "workflow_id";
  await opened.database.transaction(({ executor }) =>
    sql`update ${sql.table(table)} set ${sql.ref(column)} = ${text}
      where ${sql.ref(owner)} = (select id from workflows where name = 'broken')`.execute(executor),
  );
  const [broken, sound] = [workflow("broken"), workflow("sound")];
  const test = attachTestEngine(opened, clock, { workflows: [broken.definition, sound.definition] });
  try {
    await test.engine.start();
    await test.engine.publish("sound", "found", { messageId: "1", payload: { n: 7 } });
    await test.advance("1d");
    if (sound.act.effects.length !== 1) throw new Error("The sound workflow did not run.");
    const open = (await test.engine.needsAttention()).filter(({ workflow: name }) => name === "broken");
    const [summary] = (await test.engine.status()).filter(({ name }) => name === "broken");
    const isDone = summary?.pending["found"] === 0 && summary.error === null && summary.retryAt === null;
    if (!isDone && open.length === 0) throw new Error("The broken workflow stopped, and nobody was told.");
    const keys = broken.act.effects.map(({ idempotencyKey }) => idempotencyKey);
    if (new Set(keys).size < keys.length) throw new Error("An effect happened twice.");
    return isDone ? "accepted" : "refused";
  } finally {
    await test.close();
  }
}

export const unreadableStart: FuzzTarget = {
  name: "unreadable-start",
  async run(options) {
    const images = new Map<Stand, Buffer>();
    for (const stand of STANDS) images.set(stand, await leftBehind(stand));
    const input = fc.tuple(fc.constantFrom(...STANDS), fc.constantFrom(...COLUMNS), brokenJson);
    return fuzz("unreadable-start", options, input, ([stand, column, text]) =>
      startOn(images.get(stand) ?? Buffer.alloc(0), column, text),
    );
  },
};
