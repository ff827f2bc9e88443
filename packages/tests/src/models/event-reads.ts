/** Commands that read events and inputs, and the comparison of all of them. */
import { deepStrictEqual } from "node:assert/strict";
import type { Event, EventId, InputId, RunId, TopicId, WorkflowId } from "@millrace/db";
import * as fc from "fast-check";
import { gives, stepsOf, throws, type BoundStep, type Real } from "./batches.ts";
import { choice, name, sometimes } from "./drawn-values.ts";
import {
  byMessage,
  eventsOf,
  inputsOf,
  listed,
  newest,
  oldestFirst,
  pendingOf,
  type EventState,
} from "./event-state.ts";
import { allPages } from "./pages.ts";

const steps = stepsOf<EventState>();

const withTopic = (state: EventState) => (event: Event) => ({
  ...listed(event),
  topicName: state.topics.get(event.topicId)?.name,
});

const countPending = steps(
  "countPendingByTopic",
  "read",
  fc.record({ workflow: choice, topics: fc.uniqueArray(fc.constantFrom("mail", "row", "none", "__proto__", "'")) }),
  ({ workflow, topics }, model): BoundStep => {
    const workflowId = model.known.pick<WorkflowId>("workflow", workflow);
    return {
      perform: ({ stores }, tx) => stores.events.countPendingByTopic(workflowId, topics, tx),
      settle: () => {
        const known = [...model.state.topics].filter(([, topic]) => topic.workflowId === workflowId);
        const count = (topic: string) =>
          known.flatMap(([id, one]) => (one.name === topic ? pendingOf(model.state, workflowId, id) : [])).length;
        return gives(new Map(topics.map((topic) => [topic, count(topic)])));
      },
    };
  },
);

const topicsWithPending = steps("listPending topics", "reads", fc.constant(null), (_none, model): BoundStep => ({
  perform: async ({ stores }, tx) => (await stores.topics.listPending(tx)).map(({ id }) => id).toSorted(),
  settle: () => {
    const known = [...model.state.topics].filter(([id, one]) => pendingOf(model.state, one.workflowId, id).length > 0);
    return gives(known.map(([id]) => id).toSorted());
  },
}));

const pendingOfTopic = steps(
  "oldestPendingAt and peek",
  "reads",
  fc.record({ topic: choice, limit: fc.integer({ min: 0, max: 6 }) }),
  ({ topic, limit }, model): BoundStep => {
    const topicId = model.known.pick<TopicId>("topic", topic);
    const workflowId = model.state.topics.get(topicId)?.workflowId ?? model.known.pick<WorkflowId>("workflow", topic);
    return {
      perform: async ({ stores }, tx) => ({
        oldest: await stores.events.oldestPendingAt(workflowId, topicId, tx),
        events: await stores.events.peek(workflowId, topicId, limit, tx),
      }),
      settle: () => {
        const pending = pendingOf(model.state, workflowId, topicId);
        return gives({ oldest: pending[0]?.createdAt ?? null, events: pending.slice(0, limit) });
      },
    };
  },
);

const ofRun = steps("events of a run", "reads", choice, (run, model): BoundStep => {
  const runId = model.known.pick<RunId>("run", run);
  return {
    perform: async ({ stores }, tx) => ({
      holds: await stores.events.listByRun(runId, tx),
      everReserved: await stores.events.listOfRun(runId, tx),
    }),
    settle: () => {
      const { state } = model;
      const all = oldestFirst(state.events.values());
      const reserved = all.filter(({ id }) => state.reserved.get(runId)?.has(id));
      return gives({
        holds: all.filter((event) => event.reservedByRunId === runId),
        everReserved: reserved.map(withTopic(state)),
      });
    },
  };
});

const ofInput = steps("events and runs of an input", "reads", choice, (input, model): BoundStep => {
  const id = model.known.pick<InputId>("input", input);
  return {
    perform: async ({ stores }, tx) => ({
      events: await stores.events.listByInput(id, tx),
      withTopics: await stores.events.listOfInput(id, 3, tx),
      holding: (await stores.events.runsHoldingInput(id, tx)).toSorted(),
    }),
    settle: () => {
      const events = oldestFirst(eventsOf(model.state, id));
      const holders = events.flatMap(({ status, reservedByRunId }) =>
        status === "reserved" && reservedByRunId !== null ? [reservedByRunId] : [],
      );
      return gives({
        events,
        withTopics: events.slice(0, 3).map(withTopic(model.state)),
        holding: [...new Set(holders)].toSorted(),
      });
    },
  };
});

const findEvent = steps("get event", "read", choice, (event, model): BoundStep => {
  const id = model.known.pick<EventId>("event", event);
  return {
    perform: ({ stores }, tx) => stores.events.get(id, tx),
    settle: () => {
      const found = model.state.events.get(id);
      return found ? gives({ ...found }) : throws("NotFoundError", { table: "events", key: id });
    },
  };
});

const findByMessage = steps(
  "findByMessageId",
  "read",
  fc.record({ topic: choice, messageId: name }),
  ({ topic, messageId }, model): BoundStep => {
    const topicId = model.known.pick<TopicId>("topic", topic);
    return {
      perform: ({ stores }, tx) => stores.events.findByMessageId(topicId, messageId, tx),
      settle: () => gives(structuredClone(byMessage(model.state, topicId, messageId) ?? null)),
    };
  },
);

const listEvents = steps(
  "list and page of events",
  "reads",
  fc.record({
    workflow: sometimes(choice),
    topic: sometimes(choice),
    status: sometimes(fc.constantFrom("pending", "reserved", "consumed", "skipped")),
    limit: fc.integer({ min: 1, max: 3 }),
  }),
  ({ workflow, topic, status, limit }, model): BoundStep => {
    const filter = {
      ...(workflow !== undefined && { workflowId: model.known.pick<WorkflowId>("workflow", workflow) }),
      ...(topic !== undefined && { topicId: model.known.pick<TopicId>("topic", topic) }),
      ...(status !== undefined && { status }),
    };
    return {
      perform: async ({ stores }, tx) => ({
        first: await stores.events.list({ ...filter, limit }, tx),
        pages: await allPages((before) => stores.events.page({ ...filter, limit, ...before }, tx)),
      }),
      settle: () => {
        const found = newest(model.state.events.values()).filter(
          (event) =>
            (filter.workflowId === undefined || event.workflowId === filter.workflowId) &&
            (filter.topicId === undefined || event.topicId === filter.topicId) &&
            (status === undefined || event.status === status),
        );
        return gives({ first: found.slice(0, limit), pages: found.map(listed) });
      },
    };
  },
);

const getInput = steps("get input", "read", choice, (input, model): BoundStep => {
  const id = model.known.pick<InputId>("input", input);
  return {
    perform: ({ stores }, tx) => stores.inputs.get(id, tx),
    settle: () => {
      const found = model.state.inputs.get(id);
      return found ? gives({ ...found }) : throws("NotFoundError", { table: "inputs", key: id });
    },
  };
});

const listInputs = steps(
  "list and page of inputs",
  "reads",
  fc.record({
    workflow: sometimes(choice),
    status: sometimes(fc.constantFrom("active", "skipped")),
    source: sometimes(fc.constantFrom("mail", "'\0", "none")),
    limit: fc.integer({ min: 1, max: 3 }),
  }),
  ({ workflow, status, source, limit }, model): BoundStep => {
    const filter = {
      ...(workflow !== undefined && { workflowId: model.known.pick<WorkflowId>("workflow", workflow) }),
      ...(status !== undefined && { status }),
      ...(source !== undefined && { source }),
    };
    return {
      perform: async ({ stores }, tx) => ({
        first: await stores.inputs.list({ ...filter, limit }, tx),
        pages: await allPages((before) => stores.inputs.page({ ...filter, limit, ...before }, tx)),
      }),
      settle: () => {
        const found = newest(model.state.inputs.values()).filter(
          (input) =>
            (filter.workflowId === undefined || input.workflowId === filter.workflowId) &&
            (status === undefined || input.status === status) &&
            (source === undefined || input.source === source),
        );
        return gives({ first: found.slice(0, limit), pages: found });
      },
    };
  },
);

export const eventReads = [
  countPending,
  topicsWithPending,
  pendingOfTopic,
  pendingOfTopic,
  ofRun,
  ofInput,
  findEvent,
  findByMessage,
  listEvents,
  getInput,
  listInputs,
] as const;

const ALL = { limit: 10_000 };

/** Compares every event, every input, their links and what runs have reserved. */
export async function compareEvents({ stores }: Real, state: EventState): Promise<void> {
  deepStrictEqual(await stores.events.list(ALL), newest(state.events.values()));
  deepStrictEqual(await stores.inputs.list(ALL), newest(state.inputs.values()));
  for (const { id } of state.events.values()) {
    deepStrictEqual(await stores.inputs.listOfEvent(id), newest(inputsOf(state, id)).toReversed());
  }
  for (const [runId, ids] of state.reserved) {
    const found = (await stores.events.listOfRun(runId)).map(({ id }) => id);
    deepStrictEqual(new Set(found), ids);
  }
}
