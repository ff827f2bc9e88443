import { NotFoundError, type TopicId, type WorkflowId } from "@millrace/db";
import { expect } from "vitest";
import { describeStore, HOSTILE_STRINGS } from "../support/store-behaviours.ts";

describeStore("TopicStore", {
  "creates a topic once and gives it again": async ({ stores, workflow, tx }) => {
    const first = await stores.topics.getOrCreate(workflow.id, "rows", 5, tx);
    expect(await stores.topics.getOrCreate(workflow.id, "rows", 9, tx)).toEqual(first);
    expect(await stores.topics.get(first.id, tx)).toEqual(first);
  },
  "lists a workflow's topics by name": async ({ stores, workflow, topic, tx }) => {
    const rows = await stores.topics.getOrCreate(workflow.id, "rows", 5, tx);
    const alpha = await stores.topics.getOrCreate(workflow.id, "alpha", 5, tx);
    expect(await stores.topics.list(workflow.id, tx)).toEqual([alpha, topic, rows]);
  },
  "lists the topics of a stretch of workflows, and those of them in which an event is pending": async ({
    stores,
    workflow,
    topic,
    startRun,
    tx,
  }) => {
    const other = await stores.workflows.create({ name: "other", status: "active", handlerConfig: {} }, 1, tx);
    const rows = await stores.topics.getOrCreate(other.id, "rows", 5, tx);
    const quiet = await stores.topics.getOrCreate(other.id, "quiet", 5, tx);
    const all = [
      { workflow, topics: [topic] },
      { workflow: other, topics: [quiet, rows] },
    ].toSorted((one, two) => (one.workflow.id < two.workflow.id ? -1 : 1));
    const [first, last] = all.map((one) => one.workflow.id);
    const list = (after: WorkflowId | null, until: WorkflowId) => stores.topics.listOfStretch({ after, until }, tx);
    expect(await list(null, last!)).toEqual(all.flatMap(({ topics }) => topics));
    expect(await list(null, first!)).toEqual(all[0]!.topics);
    expect(await list(first!, last!)).toEqual(all[1]!.topics);
    expect(await stores.topics.listPending(tx)).toEqual([]);
    const event = { messageId: "m", payload: 1, createdByRunId: null, inputIds: [] };
    await stores.events.publish({ ...event, workflowId: other.id, topicId: rows.id }, 5, tx);
    const taken = await stores.events.publish({ ...event, workflowId: workflow.id, topicId: topic.id }, 5, tx);
    await stores.events.reserve([taken.id], (await startRun()).id, 1, 5, tx);
    expect(await stores.topics.listPending(tx)).toEqual([rows]);
  },
  "keeps the topics of two workflows apart": async ({ stores, topic, tx }) => {
    const other = await stores.workflows.create({ name: "other", status: "active", handlerConfig: {} }, 1, tx);
    const own = await stores.topics.getOrCreate(other.id, topic.name, 5, tx);
    expect(own.id).not.toBe(topic.id);
    expect(await stores.topics.list(other.id, tx)).toEqual([own]);
  },
  "keeps hostile names as they are": async ({ stores, workflow, tx }) => {
    for (const name of HOSTILE_STRINGS) {
      const { id } = await stores.topics.getOrCreate(workflow.id, name, 5, tx);
      expect((await stores.topics.get(id, tx)).name).toBe(name);
    }
  },
  "deletes a topic with its events and says how many it deleted": async ({ stores, workflow, topic, tx }) => {
    const event = {
      workflowId: workflow.id,
      topicId: topic.id,
      messageId: "m",
      payload: 1,
      createdByRunId: null,
      inputIds: [],
    };
    const { id } = await stores.events.publish(event, 5, tx);
    expect(await stores.topics.delete(topic.id, tx)).toBe(1);
    expect(await stores.topics.delete(topic.id, tx)).toBe(0);
    expect(await stores.events.find(id, tx)).toBeNull();
  },
  "says that a missing topic is missing": async ({ stores, tx }) => {
    await expect(stores.topics.get("nope" as TopicId, tx)).rejects.toThrow(NotFoundError);
  },
});
