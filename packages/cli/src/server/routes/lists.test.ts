import { ForeignCursorError, UnknownNameError } from "@millrace/agent";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRouteBench, type RouteBench } from "../../testing/route-bench.ts";
import { makeShop, placeOrder } from "../../testing/shop.ts";
import { listAttention } from "../contract/attention.ts";
import { listEvents } from "../contract/events.ts";
import { listInputs } from "../contract/inputs.ts";
import { listOutputs } from "../contract/outputs.ts";
import { listRuns } from "../contract/runs.ts";
import { listWorkflows } from "../contract/workflows.ts";
import { ATTENTION_IMPLEMENTATIONS } from "./attention.ts";
import { EVENT_IMPLEMENTATIONS } from "./events.ts";
import { INPUT_IMPLEMENTATIONS } from "./inputs.ts";
import { OUTPUT_IMPLEMENTATIONS } from "./outputs.ts";
import { RUN_IMPLEMENTATIONS } from "./runs.ts";
import { WORKFLOW_IMPLEMENTATIONS } from "./workflows.ts";

const IMPLEMENTATIONS = [
  ...ATTENTION_IMPLEMENTATIONS,
  ...EVENT_IMPLEMENTATIONS,
  ...INPUT_IMPLEMENTATIONS,
  ...OUTPUT_IMPLEMENTATIONS,
  ...RUN_IMPLEMENTATIONS,
  ...WORKFLOW_IMPLEMENTATIONS,
];

const ORDERS = 12;
const PLACE = "01890000-0000-7000-8000-000000000000";

interface Seen {
  items: { id: string }[];
  nextCursor: string | null;
}
type Look = (query: Record<string, string>, by?: RouteBench["stranger"]) => Promise<Seen>;

let bench: RouteBench;

const LISTS: Record<string, Look> = {
  inputs: (query, by) => bench.call(listInputs, { query }, by),
  outputs: (query, by) => bench.call(listOutputs, { query }, by),
  runs: (query, by) => bench.call(listRuns, { query }, by),
  events: (query, by) => bench.call(listEvents, { query }, by),
  attention: (query, by) => bench.call(listAttention, { query }, by),
};

/** An order, with a notification about it. */
async function place(number: string): Promise<void> {
  await placeOrder(bench, number);
  const workflowId = (await bench.engine.workflowByName("shop")).id;
  const notice = { workflowId, runId: null, mutationId: null, kind: "internal", message: number } as const;
  await bench.stores.notifications.create(notice, bench.clock.now());
}

async function readAll(look: Look, limit: number, between: () => Promise<void>): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < 100; page += 1) {
    const seen: Seen = await look({ limit: String(limit), ...(cursor !== null && { cursor }) });
    expect(seen.items.length).toBeLessThanOrEqual(limit);
    ids.push(...seen.items.map(({ id }) => id));
    cursor = seen.nextCursor;
    if (cursor === null) return ids;
    await between();
  }
  throw new Error("The list has no end.");
}

beforeEach(async () => {
  bench = await openRouteBench(IMPLEMENTATIONS, makeShop(["alms", "Books", "cakes", "shop"]));
});
afterEach(() => bench.close());

describe.each(Object.keys(LISTS))("the list of %s", (name) => {
  const look: Look = (query, by) => LISTS[name]!(query, by);

  test("is read in pages without gaps or repeats while new rows arrive, all at the same time", async () => {
    for (let number = 1; number <= ORDERS; number += 1) await place(`${number}`);
    const before = (await look({ limit: "200" })).items.map(({ id }) => id);
    expect(before.length).toBeGreaterThanOrEqual(ORDERS);
    let late = 0;
    const read = await readAll(look, 5, () => place(`late ${(late += 1)}`));
    expect(late).toBeGreaterThan(1);
    expect(read).toEqual(before);
  });

  test("ends with a page that has no cursor, also where the last page is full", async () => {
    await place("1");
    const all = (await look({})).items.length;
    const { items, nextCursor } = await look({ limit: String(all) });
    expect([items.length, nextCursor]).toEqual([all, null]);
  });

  test.each(["nonsense", "1.", PLACE, `x.${PLACE}`, `99999999999999999.${PLACE}`, `9999999999999999.${PLACE}`])(
    "refuses the cursor %s, which is none of it",
    async (cursor) => {
      await expect(look({ cursor })).rejects.toThrow(ForeignCursorError);
    },
  );

  test("shows nothing to another tenant, for whom its workflow does not exist", async () => {
    await place("1");
    expect((await look({}, bench.stranger)).items).toEqual([]);
    await expect(look({ workflow: "shop" }, bench.stranger)).rejects.toThrow(UnknownNameError);
  });

  test("can be cut to a span of time: its beginning belongs to it, its end does not", async () => {
    await place("1");
    await bench.advance("1h");
    const at = bench.clock.now();
    await place("2");
    const [both, from, until] = [await look({}), await look({ from: String(at) }), await look({ until: String(at) })];
    expect(from.items.length).toBeGreaterThan(0);
    expect(until.items.length).toBeGreaterThan(0);
    expect([...from.items, ...until.items]).toEqual(both.items);
  });

  test("is searched for text, in capitals or not", async () => {
    await place("cocoa");
    await place("tea");
    // What is looked for in runs is their handler.
    const text = name === "runs" ? "FIL" : "COCOA";
    const { items } = await look({ text });
    expect(items.length).toBeGreaterThan(0);
    expect(items.length).toBeLessThan((await look({})).items.length);
  });
});

describe("the list of workflows", () => {
  const look = (query: Record<string, string>, by?: RouteBench["stranger"]) => bench.call(listWorkflows, { query }, by);

  test("is read in pages by name", async () => {
    const first = await look({ limit: "2" });
    expect(first.items.map(({ name }) => name)).toEqual(["Books", "alms"]);
    const second = await look({ limit: "2", cursor: first.nextCursor! });
    expect(second.items.map(({ name }) => name)).toEqual(["cakes", "shop"]);
    expect(second.nextCursor).toBeNull();
  });

  test("is searched for a piece of the name", async () => {
    const { items } = await look({ text: "OO" });
    expect(items.map(({ name }) => name)).toEqual(["Books"]);
  });

  test("refuses the cursor of another list, and one of another tenant", async () => {
    const { nextCursor } = await look({ limit: "1" });
    await expect(look({ cursor: PLACE })).rejects.toThrow(ForeignCursorError);
    await expect(look({ cursor: nextCursor! }, bench.stranger)).rejects.toThrow(ForeignCursorError);
    expect((await look({}, bench.stranger)).items).toEqual([]);
  });
});
