/** Commands that write events and inputs. */
import type { Event, EventId, Input, InputId, PublishResult, RunId, TopicId, WorkflowId } from "@millrace/db";
import * as fc from "fast-check";
import { gives, learns, stepsOf, throws, type BoundStep, type Expectation } from "./batches.ts";
import { asStored, choice, choices, drawnJson, fewNames, LIMITS, name, time } from "./drawn-values.ts";
import { byMessage, eventsOf, forgetEvent, heldBy, inputsOf, isForgone, oldestFirst } from "./event-state.ts";
import type { EventState } from "./event-state.ts";

const steps = stepsOf<EventState>();

const someInputs = fc.oneof(fc.constant<number[]>([]), choices);

const publish = steps(
  "publish",
  "write",
  fc.record({ topic: choice, messageId: name, payload: drawnJson(LIMITS.payloadBytes), inputs: someInputs, now: time }),
  ({ topic, messageId, payload, inputs, now }, model): BoundStep => {
    const topicId = model.known.pick<TopicId>("topic", topic);
    const workflowId = model.state.topics.get(topicId)?.workflowId ?? model.known.pick<WorkflowId>("workflow", topic);
    // One input that is not there is enough for a refusal, which one command in twelve tries.
    const inputIds = inputs.map((input) => model.known.pick<InputId>("input", input));
    const event = { workflowId, topicId, messageId, payload: payload.value, createdByRunId: null, inputIds };
    return {
      perform: ({ stores }, tx) => stores.events.publish(event, now, tx),
      settle: () => settlePublish(model.state, event, payload.refusedAs, now, (id) => model.known.learn("event", id)),
    };
  },
);

function settlePublish(
  state: EventState,
  event: Pick<Event, "workflowId" | "topicId" | "messageId"> & { payload: unknown; inputIds: InputId[] },
  refusedAs: string | null,
  now: number,
  learn: (id: EventId) => void,
): Expectation {
  const { topicId, messageId, inputIds, workflowId } = event;
  if (refusedAs !== null) return throws(refusedAs);
  const existing = byMessage(state, topicId, messageId);
  if (existing && existing.status !== "pending") return gives({ id: existing.id, outcome: "unchanged" });
  const hasAll = inputIds.every((id) => state.inputs.has(id));
  if (!state.topics.has(topicId) || !hasAll) return throws("ConstraintViolationError", { kind: "foreign key" });
  // The store has accepted it, so it is a JSON value.
  const payload = asStored(event.payload) as Event["payload"];
  const finish = (id: EventId) => {
    state.links.set(id, new Set([...(state.links.get(id) ?? []), ...inputIds]));
    const stored = state.events.get(id);
    if (stored && inputIds.length > 0 && isForgone(state, id))
      Object.assign(stored, { status: "skipped", updatedAt: now });
  };
  if (existing) {
    // Later than before in any case: who has seen it can tell that it was replaced.
    Object.assign(existing, { payload, updatedAt: Math.max(now, existing.updatedAt + 1) });
    finish(existing.id);
    return gives({ id: existing.id, outcome: "replaced" });
  }
  return learns(({ id }: PublishResult) => {
    learn(id);
    state.events.set(id, {
      id,
      topicId,
      workflowId,
      messageId,
      payload,
      status: "pending",
      reservedByRunId: null,
      createdByRunId: null,
      attemptNumber: 0,
      createdAt: now,
      updatedAt: now,
    });
    finish(id);
    return { id, outcome: "created" };
  });
}

const reserve = steps(
  "reserve",
  "write",
  fc.record({
    events: fc.uniqueArray(choice, { minLength: 1, maxLength: 3 }),
    run: choice,
    attempt: fc.integer({ min: 1, max: 3 }),
    now: time,
    asSeen: fc.option(fc.boolean(), { nil: null }),
  }),
  ({ events, run, attempt, now, asSeen }, model): BoundStep => {
    const ids = [...new Set(events.map((event) => model.known.pick<EventId>("event", event)))];
    const runId = model.known.pick<RunId>("run", run);
    const seenAt = (id: EventId) => (model.state.events.get(id)?.updatedAt ?? 0) + (asSeen === false ? 1 : 0);
    const seen = new Map(ids.map((id) => [id, seenAt(id)]));
    return {
      perform: ({ stores }, tx) => stores.events.reserve(asSeen === null ? ids : seen, runId, attempt, now, tx),
      settle: () => {
        const { state } = model;
        const isFree = (id: EventId) => {
          const event = state.events.get(id);
          return event?.status === "pending" && (asSeen === null || event.updatedAt === seen.get(id));
        };
        const first = ids.findIndex((id) => isFree(id));
        // What a run has reserved is recorded with the run, which must be there.
        if (first !== -1 && !state.reserved.has(runId))
          return throws("ConstraintViolationError", { kind: "foreign key" });
        const refused = ids.filter((id) => !isFree(id));
        if (refused.length > 0) return throws("ReservationConflictError", { eventIds: refused });
        const rows = ids.flatMap((id) => state.events.get(id) ?? []);
        for (const row of rows) {
          Object.assign(row, { status: "reserved", reservedByRunId: runId, attemptNumber: attempt, updatedAt: now });
          state.reserved.get(runId)?.add(row.id);
        }
        return gives(structuredClone(rows));
      },
    };
  },
);

/** A command on what a run holds, which gives how many events it changed. */
function onHeld(
  title: "release" | "consume" | "reopen" | "hold",
  from: Event["status"],
  change: (state: EventState, event: Event, now: number) => boolean,
) {
  return steps(title, "write", fc.record({ run: choice, now: time }), ({ run, now }, model): BoundStep => {
    const runId = model.known.pick<RunId>("run", run);
    return {
      perform: ({ stores }, tx) => stores.events[title](runId, now, tx),
      settle: () => {
        const changed = heldBy(model.state, runId, from).filter((event) => change(model.state, event, now));
        return gives(changed.length);
      },
    };
  });
}

const set = (event: Event, patch: Partial<Event>): true => {
  Object.assign(event, patch);
  return true;
};

const release = onHeld("release", "reserved", (state, event, updatedAt) =>
  isForgone(state, event.id)
    ? set(event, { status: "skipped", updatedAt })
    : set(event, { status: "pending", reservedByRunId: null, updatedAt }),
);
const consume = onHeld("consume", "reserved", (_state, event, updatedAt) =>
  set(event, { status: "consumed", updatedAt }),
);
const reopen = onHeld(
  "reopen",
  "consumed",
  (state, event, updatedAt) =>
    !isForgone(state, event.id) && set(event, { status: "pending", reservedByRunId: null, updatedAt }),
);
const hold = onHeld("hold", "consumed", (_state, event, updatedAt) => set(event, { status: "reserved", updatedAt }));

const transfer = steps(
  "transfer",
  "write",
  fc.record({ from: choice, to: choice, attempt: fc.integer({ min: 1, max: 3 }), now: time }),
  ({ from, to, attempt, now }, model): BoundStep => {
    const [fromId, toId] = [model.known.pick<RunId>("run", from), model.known.pick<RunId>("run", to)];
    return {
      perform: ({ stores }, tx) => stores.events.transfer(fromId, toId, attempt, now, tx),
      settle: () => {
        const held = heldBy(model.state, fromId);
        const taken = model.state.reserved.get(toId);
        if (held.length > 0 && !taken) return throws("ConstraintViolationError", { kind: "foreign key" });
        for (const event of held) {
          Object.assign(event, { reservedByRunId: toId, attemptNumber: attempt, updatedAt: now });
          taken?.add(event.id);
        }
        return gives(held.length);
      },
    };
  },
);

const getOrCreateInput = steps(
  "getOrCreate input",
  "write",
  fc.record({ workflow: choice, source: fc.constantFrom("mail", "'\0"), externalId: fewNames, title: name, now: time }),
  ({ workflow, now, ...rest }, model): BoundStep => {
    const workflowId = model.known.pick<WorkflowId>("workflow", workflow);
    const input = { ...rest, type: "invoice", workflowId, createdByRunId: null };
    return {
      perform: ({ stores }, tx) => stores.inputs.getOrCreate(input, now, tx),
      settle: () => {
        const { inputs, workflows } = model.state;
        const existing = [...inputs.values()].find(
          (row) => row.workflowId === workflowId && row.source === input.source && row.externalId === input.externalId,
        );
        if (existing) return gives({ input: { ...existing }, created: false });
        if (!workflows.has(workflowId)) return throws("ConstraintViolationError", { kind: "foreign key" });
        return learns(({ input: { id } }: { input: Input }) => {
          model.known.learn("input", id);
          const row: Input = { ...input, id, status: "active", createdAt: now, updatedAt: now };
          inputs.set(id, row);
          return { input: { ...row }, created: true };
        });
      },
    };
  },
);

const skipInput = steps(
  "skip input and its pending events",
  "write",
  fc.record({ input: choice, now: time, alone: fc.boolean() }),
  ({ input, now, alone }, model): BoundStep => {
    const id = model.known.pick<InputId>("input", input);
    return {
      perform: ({ stores, database }, tx) =>
        database.transaction(async (own) => {
          const skipped = await stores.inputs.skip(id, now, own);
          return { skipped, events: alone ? 0 : await stores.events.skipPendingOfInput(id, now, own) };
        }, tx),
      settle: () => {
        const row = model.state.inputs.get(id);
        if (!row) return throws("NotFoundError", { table: "inputs", key: id });
        const skipped = row.status === "active";
        if (skipped) Object.assign(row, { status: "skipped", updatedAt: now });
        const forgone = alone
          ? []
          : eventsOf(model.state, id).filter((event) => event.status === "pending" && isForgone(model.state, event.id));
        for (const event of forgone) Object.assign(event, { status: "skipped", updatedAt: now });
        return gives({ skipped, events: forgone.length });
      },
    };
  },
);

const deleteInput = steps("delete input", "write", choice, (input, model): BoundStep => {
  const id = model.known.pick<InputId>("input", input);
  return {
    perform: ({ stores }, tx) => stores.inputs.delete(id, tx),
    settle: () => {
      for (const ids of model.state.links.values()) ids.delete(id);
      return gives(Number(model.state.inputs.delete(id)));
    },
  };
});

const deleteEvents = steps("delete events", "write", choices, (events, model): BoundStep => {
  const ids = [...new Set(events.map((event) => model.known.pick<EventId>("event", event)))];
  return {
    perform: ({ stores }, tx) => stores.events.delete(ids, tx),
    settle: () => gives(ids.filter((id) => forgetEvent(model.state, id)).length),
  };
});

/** The inputs behind what a run holds or has consumed. */
const inputsOfRun = steps("inputsOfRun", "read", choice, (run, model): BoundStep => {
  const runId = model.known.pick<RunId>("run", run);
  return {
    perform: ({ stores }, tx) => stores.events.inputsOfRun(runId, tx),
    settle: () => {
      const own = oldestFirst(model.state.events.values()).filter((event) => event.reservedByRunId === runId);
      const ids = new Set(own.flatMap((event) => inputsOf(model.state, event.id).map(({ id }) => id)));
      return gives([...ids].toSorted());
    },
  };
});

export const eventWrites = [
  publish,
  publish,
  publish,
  publish,
  reserve,
  reserve,
  reserve,
  release,
  consume,
  reopen,
  hold,
  transfer,
  getOrCreateInput,
  getOrCreateInput,
  getOrCreateInput,
  skipInput,
  inputsOfRun,
] as const;

export const eventDeletions = [deleteInput, deleteEvents] as const;
