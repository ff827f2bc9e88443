import {
  DEFAULT_PLATFORM_ID,
  type EventFilter,
  type HandlerRunFilter,
  type InputFilter,
  type InputId,
  type MutationFilter,
  type NotificationFilter,
  type Page,
  type PageFilter,
} from "@millrace/db";
import { expect } from "vitest";
import { createInput, createMutation, createRun, publishEvent } from "../support/ledger-rows.ts";
import { describeStore, HOSTILE_STRINGS, type StoreWorld } from "../support/store-behaviours.ts";

const platformId = DEFAULT_PLATFORM_ID;

/** A second platform with a workflow and a topic of its own. */
async function elsewhere(world: StoreWorld): Promise<StoreWorld> {
  const { stores, tx } = world;
  const platform = await stores.platforms.getOrCreate("other", 1, tx);
  const workflow = await stores.workflows.create(
    { platformId: platform.id, name: "theirs", status: "active", handlerConfig: {} },
    1,
    tx,
  );
  const topic = await stores.topics.getOrCreate(workflow.id, "mail", 1, tx);
  return { ...world, workflow, topic, startRun: (own) => world.startRun(own ?? workflow) };
}

/** Follows the pages of a filter to the end, in pages of several sizes; gives the ids, which must always be the same. */
async function follow<Filter extends PageFilter, Row extends { id: string }>(
  page: (filter: Filter) => Promise<Page<Row>>,
  filter: Filter,
): Promise<string[]> {
  const walks: string[][] = [];
  for (const bounds of [{}, { limit: 1 }, { limit: 2 }, { scanLimit: 1 }, { limit: 2, scanLimit: 2 }]) {
    const ids: string[] = [];
    let before: PageFilter["before"];
    for (let pages = 0; pages < 40; pages += 1) {
      const { rows, next } = await page({ ...filter, ...bounds, ...(before && { before }) });
      ids.push(...rows.map(({ id }) => id));
      if (next === null) break;
      expect(next).not.toEqual(before);
      before = next;
    }
    walks.push(ids);
  }
  for (const ids of walks) expect(ids).toEqual(walks[0]);
  return walks[0] ?? [];
}

const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);

describeStore("pages of runs", {
  "are found by each part of the filter, newest first": async (world) => {
    const { stores, workflow, tx } = world;
    const their = await elsewhere(world);
    const committed = await createRun(world, "committed", { now: 5 });
    const crashed = await createRun(world, "crashed", { now: 5, patch: { handlerName: "Poll", error: "No Answer" } });
    const theirs = await createRun(their, "failed:logic", { workflow: their.workflow, now: 6 });
    const failed = await createRun(world, "failed:logic", { now: 7 });
    const active = await createRun(world, "active", { now: 8 });
    const ids = (filter: HandlerRunFilter) => follow((one) => stores.handlerRuns.page(one, tx), filter);
    const all = [active, failed, theirs, crashed, committed];
    expect(await ids({})).toEqual(idsOf(all));
    expect(await ids({ platformId })).toEqual(idsOf([active, failed, crashed, committed]));
    expect(await ids({ workflowId: workflow.id, handlerType: "consumer" })).toHaveLength(4);
    expect(await ids({ handlerType: "producer" })).toEqual([]);
    expect(await ids({ platformId, statuses: ["failed:logic", "crashed", "active"] })).toEqual(
      idsOf([active, failed, crashed]),
    );
    expect(await ids({ statuses: ["committed", "active"] })).toEqual(idsOf([active, committed]));
    expect(await ids({ status: "failed:logic", workflowId: their.workflow.id })).toEqual([theirs.id]);
    expect(await ids({ status: "crashed", statuses: ["active"] })).toEqual([]);
    expect(await ids({ statuses: [] })).toEqual([]);
    expect(await ids({ from: 6, until: 8 })).toEqual(idsOf([failed, theirs]));
    expect(await ids({ handlerName: "Poll" })).toEqual([crashed.id]);
    expect(await ids({ text: "poll" })).toEqual([crashed.id]);
    expect(await ids({ text: "no aNSWER", statuses: ["crashed"] })).toEqual([crashed.id]);
    expect(await ids({ before: { at: 7, id: failed.id }, until: 8 })).toEqual(idsOf([theirs, crashed, committed]));
  },
});

describeStore("pages of inputs", {
  "are found by each part of the filter, newest first": async (world) => {
    const { stores, workflow, tx } = world;
    const their = await elsewhere(world);
    const a = await createInput(world, { externalId: "a", title: "Invoice 7" }, 5);
    const b = await createInput(world, { externalId: "b", type: "order" }, 6);
    const c = await createInput(their, { externalId: "c", source: "feed" }, 6);
    const d = await createInput(world, { externalId: "d", source: "feed" }, 7);
    await stores.inputs.skip(b.id, 8, tx);
    const ids = (filter: InputFilter) => follow((one) => stores.inputs.page(one, tx), filter);
    expect(await ids({})).toEqual(idsOf([d, c, b, a]));
    expect(await ids({ platformId })).toEqual(idsOf([d, b, a]));
    expect(await ids({ source: "feed" })).toEqual(idsOf([d, c]));
    expect(await ids({ source: "feed", workflowId: workflow.id })).toEqual([d.id]);
    expect(await ids({ type: "order" })).toEqual([b.id]);
    expect(await ids({ status: "skipped" })).toEqual([b.id]);
    expect(await ids({ status: "skipped", source: "feed" })).toEqual([]);
    expect(await ids({ status: "active", workflowId: workflow.id })).toEqual(idsOf([d, a]));
    expect(await ids({ from: 6, until: 7 })).toEqual(idsOf([c, b]));
    expect(await ids({ text: "INVOICE" })).toEqual([a.id]);
    expect(await ids({ idEnding: d.id.slice(-12) })).toEqual([d.id]);
  },
});

describeStore("pages of mutations", {
  "are found by each part of the filter, newest first": async (world) => {
    const { stores, workflow, tx } = world;
    const their = await elsewhere(world);
    const input = await createInput(world, { externalId: "a" });
    const a = await createMutation(world, "applied", { now: 5, inputs: [input] });
    const b = await createMutation(world, "failed", {
      now: 6,
      inputs: [input],
      patch: { connector: "http", operation: "post", params: { to: 'the "Boss"' }, error: "Timed out" },
    });
    const c = await createMutation(their, "indeterminate", { now: 6 });
    const d = await createMutation(world, "indeterminate", { now: 7, patch: { title: "a Sheet" } });
    const ids = (filter: MutationFilter) => follow((one) => stores.mutations.page(one, tx), filter);
    expect(await ids({})).toEqual(idsOf([d, c, b, a]));
    expect(await ids({ platformId })).toEqual(idsOf([d, b, a]));
    expect(await ids({ statuses: ["failed", "indeterminate"] })).toEqual(idsOf([d, c, b]));
    expect(await ids({ statuses: ["applied", "failed"], workflowId: workflow.id })).toEqual(idsOf([b, a]));
    expect(await ids({ unresolved: true, platformId, connector: "sheets" })).toEqual([d.id]);
    expect(await ids({ unresolved: true, statuses: ["failed"] })).toEqual([]);
    expect(await ids({ connector: "http", operation: "post" })).toEqual([b.id]);
    expect(await ids({ connector: "sheets", workflowId: workflow.id })).toEqual(idsOf([d, a]));
    expect(await ids({ inputId: input.id })).toEqual(idsOf([b, a]));
    expect(await ids({ inputId: input.id, statuses: ["failed"] })).toEqual([b.id]);
    expect(await ids({ from: 5, createdFrom: 6, until: 9, createdBefore: 7 })).toEqual(idsOf([c, b]));
    expect(await ids({ text: "sheet" })).toEqual([d.id]);
    expect(await ids({ text: "timed OUT" })).toEqual([b.id]);
    expect(await ids({ text: 'the "boss"' })).toEqual([b.id]);
    expect(await ids({ text: '"to":' })).toEqual([b.id]);
  },
});

describeStore("pages of events", {
  "are found by each part of the filter, newest first": async (world) => {
    const { stores, workflow, topic, startRun, tx } = world;
    const their = await elsewhere(world);
    const rows = await stores.topics.getOrCreate(workflow.id, "rows", 1, tx);
    const a = await publishEvent(world, "a", { now: 5, payload: { name: "Ünal & Söhne" } });
    const b = await publishEvent({ ...world, topic: rows }, "B-2", { now: 6 });
    const c = await publishEvent(their, "c", { now: 6 });
    const d = await publishEvent(world, "d", { now: 7 });
    const run = await startRun();
    await stores.events.reserve([d.id], run.id, 1, 8, tx);
    const ids = (filter: EventFilter) => follow((one) => stores.events.page(one, tx), filter);
    expect(await ids({})).toEqual(idsOf([d, c, b, a]));
    expect(await ids({ platformId })).toEqual(idsOf([d, b, a]));
    expect(await ids({ workflowId: workflow.id })).toEqual(idsOf([d, b, a]));
    expect(await ids({ workflowId: their.workflow.id, platformId })).toEqual([]);
    expect(await ids({ topicId: topic.id })).toEqual(idsOf([d, a]));
    expect(await ids({ topicId: topic.id, workflowId: their.workflow.id })).toEqual([]);
    expect(await ids({ topicId: their.topic.id, platformId })).toEqual([]);
    expect(await ids({ status: "pending" })).toEqual(idsOf([c, b, a]));
    expect(await ids({ status: "pending", workflowId: workflow.id })).toEqual(idsOf([b, a]));
    expect(await ids({ status: "pending", topicId: topic.id })).toEqual([a.id]);
    expect(await ids({ status: "reserved", platformId })).toEqual([d.id]);
    expect(await ids({ from: 6, until: 7 })).toEqual(idsOf([c, b]));
    expect(await ids({ text: "b-2" })).toEqual([b.id]);
    expect(await ids({ text: "Ünal & S" })).toEqual([a.id]);
  },
});

describeStore("pages of notifications", {
  "are found by each part of the filter, newest first": async (world) => {
    const { stores, workflow, tx } = world;
    const their = await elsewhere(world);
    const mutation = await createMutation(world, "indeterminate");
    const about = { runId: null, mutationId: null, kind: "logic", message: "wrong", workflowId: workflow.id } as const;
    const a = await stores.notifications.create(about, 5, tx);
    const unknown = { ...about, kind: "indeterminate", mutationId: mutation.id, message: "Unknown" } as const;
    const b = await stores.notifications.create(unknown, 6, tx);
    const c = await stores.notifications.create({ ...about, workflowId: their.workflow.id }, 6, tx);
    const d = await stores.notifications.create(about, 7, tx);
    await stores.notifications.resolve(d.id, 8, tx);
    const ids = (filter: NotificationFilter) => follow((one) => stores.notifications.page(one, tx), filter);
    expect(await ids({})).toEqual(idsOf([d, c, b, a]));
    expect(idsOf(await stores.notifications.list({ open: true }, tx))).toEqual(idsOf([c, b, a]));
    expect(await ids({ open: true })).toEqual(idsOf([c, b, a]));
    expect(await ids({ open: false })).toEqual([d.id]);
    expect(await ids({ open: true, workflowId: workflow.id })).toEqual(idsOf([b, a]));
    expect(await ids({ workflowId: workflow.id, kinds: ["logic"] })).toEqual(idsOf([d, a]));
    expect(await ids({ platformId, open: true })).toEqual(idsOf([b, a]));
    expect(await ids({ connector: "sheets" })).toEqual([b.id]);
    expect(await ids({ connector: "http" })).toEqual([]);
    expect(await ids({ text: "UNKNOWN" })).toEqual([b.id]);
  },
});

describeStore("the search for text", {
  "finds hostile strings, and nothing else by them": async (world) => {
    const { stores, tx } = world;
    const texts = HOSTILE_STRINGS.slice(1);
    const inputs = [];
    for (const [index, title] of texts.entries()) {
      inputs.push(await createInput(world, { externalId: String(index), title }));
      await publishEvent(world, String(index), { payload: { title } });
    }
    for (const [index, text] of texts.entries()) {
      expect(idsOf(await stores.inputs.list({ text }, tx))).toEqual([inputs[index]!.id]);
      const events = await stores.events.list({ workflowId: world.workflow.id, text }, tx);
      expect(events.map(({ messageId }) => messageId)).toEqual([String(index)]);
    }
    expect(await stores.inputs.list({ text: "\0" }, tx)).toHaveLength(1);
    expect(await stores.inputs.list({ text: "" }, tx)).toHaveLength(texts.length);
  },
  "ends where it was to end, and goes on from there": async (world) => {
    const { stores, tx } = world;
    const old = await createInput(world, { externalId: "old", title: "needle" }, 1);
    for (let at = 2; at < 8; at += 1) await createInput(world, { externalId: String(at) }, at);
    const first = await stores.inputs.page({ text: "needle", scanLimit: 4 }, tx);
    expect(first).toMatchObject({ rows: [], next: { at: 4 } });
    expect(await stores.inputs.list({ text: "needle", scanLimit: 4 }, tx)).toEqual([]);
    const second = await stores.inputs.page({ text: "needle", scanLimit: 4, before: first.next! }, tx);
    expect(second).toEqual({ rows: [old], next: null });
  },
  "passes over many rows in steps": async (world) => {
    const { stores, database, workflow, tx } = world;
    await database.transaction(async ({ executor }) => {
      for (let first = 0; first < 2_500; first += 500) {
        const rows = Array.from({ length: 500 }, (_, index) => ({
          id: `i${String(first + index).padStart(5, "0")}` as InputId,
          workflow_id: workflow.id,
          source: "mail",
          type: "invoice",
          external_id: String(first + index),
          title: (first + index) % 1_200 === 7 ? "needle" : "hay",
          status: "active" as const,
          created_by_run_id: null,
          // Many of one time, so that the steps end between them.
          created_at: Math.floor((first + index) / 700),
          updated_at: 1,
        }));
        await executor.insertInto("inputs").values(rows).execute();
      }
    }, tx);
    const needles = ["i02407", "i01207", "i00007"];
    expect(await stores.inputs.page({ text: "needle" }, tx)).toMatchObject({
      rows: needles.map((id) => ({ id })),
      next: null,
    });
    const first = await stores.inputs.page({ text: "needle", limit: 2 }, tx);
    expect(first).toMatchObject({ rows: needles.slice(0, 2).map((id) => ({ id })), next: { at: 1, id: "i01207" } });
    const bounded = await stores.inputs.page({ text: "needle", scanLimit: 1_500 }, tx);
    expect(bounded).toMatchObject({ rows: needles.slice(0, 2).map((id) => ({ id })), next: { id: "i01000" } });
  },
});
