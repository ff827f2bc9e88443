import {
  DEFAULT_PLATFORM_ID,
  type HandlerRun,
  type InputId,
  type MutationId,
  type RunId,
  type ScheduleDecisionId,
  type TickDecision,
  type WorkflowId,
} from "@millrace/db";
import { expect } from "vitest";
import { createJob } from "../support/job-rows.ts";
import { createInput, createMutation, createRun, publishEvent } from "../support/ledger-rows.ts";
import { describeStore, type StoreWorld } from "../support/store-behaviours.ts";

const platformId = DEFAULT_PLATFORM_ID;
const NO_RUN = "nope" as RunId;
const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);

/** Two inputs, an event of each, both reserved by one run, which publishes a third event; another run has reserved none. */
async function story(world: StoreWorld) {
  const { stores, tx } = world;
  const producer = await createRun(world, "committed", { now: 3 });
  const a = await createInput(world, { externalId: "a", createdByRunId: producer.id }, 5);
  const b = await createInput(world, { externalId: "b" }, 4);
  const ofA = await publishEvent(world, "of a", { inputs: [a], by: producer, now: 6 });
  const ofBoth = await publishEvent(world, "of both", { inputs: [a, b], now: 7 });
  const consumer = await world.startRun();
  await stores.events.reserve([ofA.id, ofBoth.id], consumer.id, 1, 8, tx);
  const rows = await stores.topics.getOrCreate(world.workflow.id, "rows", 1, tx);
  const row = await publishEvent({ ...world, topic: rows }, "row", { by: consumer, now: 9 });
  return { producer, a, b, ofA, ofBoth, consumer, row };
}

async function createChain(world: StoreWorld, length: number): Promise<HandlerRun[]> {
  const chain: HandlerRun[] = [];
  for (let attempt = 1; attempt <= length; attempt += 1) {
    const patch = { attempt, retryOf: chain.at(-1)?.id ?? null };
    chain.push(await createRun(world, "paused:transient", { now: attempt, patch }));
  }
  return chain;
}

describeStore("what came of what", {
  "the events of an input and of a run, with their topics, oldest first": async (world) => {
    const { stores, tx } = world;
    const { a, b, ofA, ofBoth, consumer, row, producer } = await story(world);
    const { payload: _reserved, ...reserved } = await stores.events.get(ofA.id, tx);
    const { payload: _row, ...published } = row;
    expect(await stores.events.listOfInput(a.id, 1, tx)).toEqual([{ ...reserved, topicName: "mail" }]);
    expect(idsOf(await stores.events.listOfInput(a.id, undefined, tx))).toEqual([ofA.id, ofBoth.id]);
    expect(idsOf(await stores.events.listOfInput(b.id, undefined, tx))).toEqual([ofBoth.id]);
    expect(await stores.events.listOfInput("nope" as InputId, undefined, tx)).toEqual([]);
    expect(idsOf(await stores.events.listOfRun(consumer.id, tx))).toEqual([ofA.id, ofBoth.id]);
    expect(await stores.events.listCreatedByRun(consumer.id, tx)).toEqual([{ ...published, topicName: "rows" }]);
    expect(idsOf(await stores.events.listCreatedByRun(producer.id, tx))).toEqual([ofA.id]);
    expect(await stores.events.listOfRun(NO_RUN, tx)).toEqual([]);
    expect(await stores.events.listCreatedByRun(NO_RUN, tx)).toEqual([]);
  },
  "how many inputs stand, in one go": async (world) => {
    const { stores, tx } = world;
    const a = await createInput(world, { externalId: "a" }, 4);
    const b = await createInput(world, { externalId: "b" }, 5);
    const lonely = await createInput(world, { externalId: "lonely" }, 9);
    const { handlerRunId } = await createMutation(world, "in_flight", { inputs: [a, b] });
    const found = await stores.standings.consequencesOf([a.id, b.id, lonely.id, "nope" as InputId], tx);
    const mutation = { status: "in_flight", resolvedAt: null, approvedAt: null, count: 1 };
    const came = { events: ["reserved"], runs: [{ id: handlerRunId, status: "crashed" }], mutations: [mutation] };
    const nothing = { events: [], runs: [], mutations: [] };
    expect([...found]).toEqual([
      [a.id, came],
      [b.id, came],
      [lonely.id, nothing],
      ["nope", nothing],
    ]);
    expect(await stores.standings.consequencesOf([], tx)).toEqual(new Map());
  },
  "what a run reserved is known after it gave it back": async (world) => {
    const { stores, tx } = world;
    const { ofA, ofBoth, consumer, a } = await story(world);
    await stores.events.release(consumer.id, 9, tx);
    expect(idsOf(await stores.events.listOfRun(consumer.id, tx))).toEqual([ofA.id, ofBoth.id]);
    expect(idsOf(await stores.handlerRuns.listOfInput(a.id, undefined, tx))).toEqual([consumer.id]);
  },
  "the inputs of a run: those it registered, and those behind what it reserved": async (world) => {
    const { stores, tx } = world;
    const { producer, consumer, a, b } = await story(world);
    expect(await stores.inputs.listOfRun(producer.id, tx)).toEqual([a]);
    expect(await stores.inputs.listOfRun(consumer.id, tx)).toEqual([b, a]);
    expect(await stores.inputs.listOfRun(NO_RUN, tx)).toEqual([]);
  },
  "the inputs of a mutation, and mutations by their ids": async (world) => {
    const { stores, tx } = world;
    const input = await createInput(world, { externalId: "a" });
    const caused = await createMutation(world, "applied", { inputs: [input] });
    const other = await createMutation(world, "failed");
    expect(await stores.inputs.listOfMutation(caused.id, tx)).toEqual([input]);
    expect(await stores.inputs.listOfMutation(other.id, tx)).toEqual([]);
    const found = await stores.mutations.listByIds([caused.id, "nope" as MutationId, other.id], tx);
    expect(new Set(found)).toEqual(new Set([caused, other]));
    expect(await stores.mutations.listByIds([], tx)).toEqual([]);
  },
  "the runs that handled an input, newest first": async (world) => {
    const { stores, tx } = world;
    const { a, consumer, ofBoth } = await story(world);
    const again = await createRun(world, "crashed", { now: 20, workflow: await otherWorkflow(world) });
    await stores.events.release(consumer.id, 21, tx);
    await stores.events.reserve([ofBoth.id], again.id, 2, 22, tx);
    expect(idsOf(await stores.handlerRuns.listOfInput(a.id, undefined, tx))).toEqual([again.id, consumer.id]);
    expect(idsOf(await stores.handlerRuns.listOfInput(a.id, 1, tx))).toEqual([again.id]);
  },
  "the chain of retries, whichever of its runs is asked about": async (world) => {
    const { stores, tx } = world;
    const chain = await createChain(world, 5);
    const alone = await createRun(world, "committed");
    for (const run of chain) expect(await stores.handlerRuns.listChain(run.id, tx)).toEqual(chain);
    expect(await stores.handlerRuns.listChain(alone.id, tx)).toEqual([alone]);
    expect(await stores.handlerRuns.listChain(NO_RUN, tx)).toEqual([]);
  },
});

const otherWorkflow = ({ stores, tx }: StoreWorld) =>
  stores.workflows.create({ name: "other", status: "active", handlerConfig: {} }, 1, tx);

describeStore("counts", {
  "of runs by status, in a span of time, of one platform": async (world) => {
    const { stores, tx } = world;
    const { id: other } = await stores.platforms.getOrCreate("other", 1, tx);
    const theirs = await stores.workflows.create(
      { platformId: other, name: "theirs", status: "active", handlerConfig: {} },
      1,
      tx,
    );
    for (const now of [5, 6, 19]) await createRun(world, "committed", { now });
    await createRun(world, "failed:logic", { now: 7 });
    await createRun(world, "crashed", { now: 20 });
    await createRun(world, "failed:logic", { now: 7, workflow: theirs });
    await createRun(world, "active", { now: 8 });
    expect(await stores.handlerRuns.countsBetween(platformId, 5, 20, tx)).toEqual({
      total: 5,
      byStatus: { committed: 3, "failed:logic": 1, active: 1 },
    });
    expect(await stores.handlerRuns.countsBetween(platformId, 21, 99, tx)).toEqual({ total: 0, byStatus: {} });
    expect(await stores.handlerRuns.countsBetween(other, 0, 99, tx)).toEqual({
      total: 1,
      byStatus: { "failed:logic": 1 },
    });
  },
  "of mutations by every status but applied": async (world) => {
    const { stores, tx } = world;
    const none = { pending: 0, in_flight: 0, failed: 0, needs_reconcile: 0, indeterminate: 0 };
    expect(await stores.mutations.countsByStatus(platformId, tx)).toEqual(none);
    for (const status of ["applied", "failed", "failed", "indeterminate"] as const) await createMutation(world, status);
    const { id: other } = await stores.platforms.getOrCreate("other", 1, tx);
    expect(await stores.mutations.countsByStatus(platformId, tx)).toEqual({ ...none, failed: 2, indeterminate: 1 });
    expect(await stores.mutations.countsByStatus(other, tx)).toEqual(none);
  },
  "of what came of the newest inputs, by source and type": async (world) => {
    const { stores, workflow, tx } = world;
    const old = await createInput(world, { externalId: "old" }, 1);
    const [a, b] = [await createInput(world, { externalId: "a" }), await createInput(world, { externalId: "b" })];
    const order = await createInput(world, { externalId: "c", type: "order" });
    await stores.inputs.skip(order.id, 6, tx);
    await createMutation(world, "applied", { inputs: [a, b] });
    await createMutation(world, "applied", { inputs: [a, old] });
    await createMutation(world, "failed", { inputs: [b], patch: { connector: "http", operation: "post" } });
    const appended = { connector: "sheets", operation: "append", status: "applied" };
    const posted = { connector: "http", operation: "post", status: "failed", inputs: 1, mutations: 1 };
    const orders = { source: "mail", type: "order", inputs: 1, skipped: 1, outputs: [] };
    const glance = await stores.inputs.glance(workflow.id, 3, tx);
    expect(glance.map(({ outputs, ...rest }) => ({ ...rest, outputs: new Set(outputs) }))).toEqual([
      {
        source: "mail",
        type: "invoice",
        inputs: 2,
        skipped: 0,
        outputs: new Set([posted, { ...appended, inputs: 2, mutations: 2 }]),
      },
      { ...orders, outputs: new Set() },
    ]);
    expect(await stores.inputs.glance(workflow.id, 1, tx)).toEqual([orders]);
    expect(await stores.inputs.glance("nope" as WorkflowId, undefined, tx)).toEqual([]);
  },
});

describeStore("lists of a page at a time by other orders", {
  "workflows of a platform by name": async ({ stores, workflow, tx }) => {
    const { id: other } = await stores.platforms.getOrCreate("other", 1, tx);
    const plain = { status: "active", handlerConfig: {} } as const;
    const zebra = await stores.workflows.create({ ...plain, name: "zebra" }, 1, tx);
    const theirs = await stores.workflows.create({ ...plain, name: "alpha", platformId: other }, 1, tx);
    expect(idsOf(await stores.workflows.list({}, tx))).toEqual([theirs.id, workflow.id, zebra.id]);
    expect(idsOf(await stores.workflows.list({ platformId }, tx))).toEqual([workflow.id, zebra.id]);
    expect(idsOf(await stores.workflows.list({ platformId, limit: 1 }, tx))).toEqual([workflow.id]);
    const later = { platformId, afterName: workflow.name, limit: 5 };
    expect(idsOf(await stores.workflows.list(later, tx))).toEqual([zebra.id]);
  },
  "decisions about a producer": async ({ stores, workflow, tx }) => {
    const decided = (producerName: string, scheduledAt: number) => ({
      jobId: null,
      workflowId: workflow.id,
      producerName,
      scheduledAt,
      decidedAt: scheduledAt,
      decision: "fired" as TickDecision,
      reason: null,
      count: 1,
      executionId: null,
      runId: null,
    });
    for (const at of [1, 2, 2, 3]) await stores.scheduleDecisions.append(decided("poll", at), tx);
    await stores.scheduleDecisions.append(decided("other", 9), tx);
    const all = await stores.scheduleDecisions.list({ workflowId: workflow.id, producerName: "poll" }, tx);
    expect(all.map(({ scheduledAt }) => scheduledAt)).toEqual([3, 2, 2, 1]);
    const place = ({ scheduledAt, id }: { scheduledAt: number; id: ScheduleDecisionId }) => ({ at: scheduledAt, id });
    const filter = { workflowId: workflow.id, producerName: "poll", before: place(all[1]!) };
    expect(await stores.scheduleDecisions.list(filter, tx)).toEqual(all.slice(2));
  },
  "jobs by their payload and by the ending of their id": async (world) => {
    const { stores, tx } = world;
    const a = await createJob(world, { payload: { to: 'the "Boss"' } });
    const b = await createJob(world);
    expect(idsOf(await stores.jobs.list({ payloadText: "BOSS" }, tx))).toEqual([a.id]);
    expect(idsOf(await stores.jobs.list({ payloadText: 'the "boss"' }, tx))).toEqual([a.id]);
    expect(await stores.jobs.list({ payloadText: "report" }, tx)).toEqual([]);
    expect(idsOf(await stores.jobs.list({ idEnding: b.id.slice(-12) }, tx))).toEqual([b.id]);
  },
});
