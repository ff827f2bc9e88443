/** The model of what handlers remember, when they wake, and when producers are due. */
import { deepStrictEqual } from "node:assert/strict";
import type { HandlerState, NewProducerSchedule, ProducerSchedule, RunId, WorkflowId } from "@millrace/db";
import * as fc from "fast-check";
import { gives, learns, stepsOf, throws, type BoundStep } from "./batches.ts";
import { asStored, choice, choices, drawnJson, LIMITS, name, time } from "./drawn-values.ts";
import type { ModelSpecification } from "./model-specification.ts";
import { sortedBy } from "./order.ts";

interface MemoryState {
  /** By workflow and name, as JSON. */
  handlers: Map<string, Omit<HandlerState, "id">>;
  schedules: Map<string, ProducerSchedule>;
  workflows: Set<WorkflowId>;
}

const steps = stepsOf<MemoryState>();
const keyOf = (workflowId: string, own: string) => JSON.stringify([workflowId, own]);
const without = ({ id: _id, ...row }: HandlerState) => row;

const byName = (rows: Iterable<Omit<HandlerState, "id">>) => sortedBy(rows, ({ handlerName }) => handlerName);
const bySoonest = (rows: Iterable<Omit<HandlerState, "id">>) =>
  sortedBy(
    rows,
    ({ wakeAt }) => wakeAt,
    ({ workflowId }) => workflowId,
    ({ handlerName }) => handlerName,
  );

function write(
  state: MemoryState,
  key: { workflowId: WorkflowId; handlerName: string },
  patch: Pick<Partial<HandlerState>, "state" | "wakeAt">,
  updatedByRunId: RunId | null,
  now: number,
) {
  if (!state.workflows.has(key.workflowId)) return throws("ConstraintViolationError", { kind: "foreign key" });
  const place = keyOf(key.workflowId, key.handlerName);
  const before = state.handlers.get(place) ?? { ...key, state: null, wakeAt: 0 };
  state.handlers.set(place, { ...before, ...patch, updatedByRunId, updatedAt: now });
  return gives(undefined);
}

const saveState = steps(
  "saveState",
  "write",
  fc.record({
    workflow: choice,
    handlerName: name,
    state: drawnJson(LIMITS.stateBytes),
    run: fc.option(choice),
    now: time,
  }),
  ({ workflow, handlerName, state, run, now }, model): BoundStep => {
    const key = { workflowId: model.known.pick<WorkflowId>("workflow", workflow), handlerName };
    const runId = run === null ? null : model.known.pick<RunId>("run", run);
    return {
      perform: ({ stores }, tx) => stores.handlerStates.saveState(key, state.value, runId, now, tx),
      settle: () =>
        state.refusedAs === null
          ? write(model.state, key, { state: asStored(state.value) as HandlerState["state"] }, runId, now)
          : throws(state.refusedAs),
    };
  },
);

const saveWakeAt = steps(
  "saveWakeAt",
  "write",
  fc.record({ workflow: choice, handlerName: name, wakeAt: fc.oneof(time, fc.constant(-1)), now: time }),
  ({ workflow, handlerName, wakeAt, now }, model): BoundStep => {
    const key = { workflowId: model.known.pick<WorkflowId>("workflow", workflow), handlerName };
    return {
      perform: ({ stores }, tx) => stores.handlerStates.saveWakeAt(key, wakeAt, null, now, tx),
      settle: () =>
        wakeAt < 0
          ? throws("ConstraintViolationError", { kind: "check" })
          : write(model.state, key, { wakeAt }, null, now),
    };
  },
);

const readHandlers = steps(
  "states of a workflow, and who wakes",
  "reads",
  fc.record({ workflow: choice, handlerName: name, now: time }),
  ({ workflow, handlerName, now }, model): BoundStep => {
    const workflowId = model.known.pick<WorkflowId>("workflow", workflow);
    return {
      perform: async ({ stores: { handlerStates } }, tx) => ({
        one: [await handlerStates.find({ workflowId, handlerName }, tx)].flatMap((row) => (row ? [without(row)] : [])),
        own: (await handlerStates.getForWorkflow(workflowId, tx)).map(without),
        due: bySoonest((await handlerStates.getConsumersWithDueWakeAt(now, tx)).map(without)),
        waking: bySoonest((await handlerStates.listWaking(undefined, tx)).map(without)),
      }),
      settle: () => {
        const all = [...model.state.handlers.values()];
        const own = byName(all.filter((row) => row.workflowId === workflowId));
        const waking = bySoonest(all.filter(({ wakeAt }) => wakeAt > 0));
        return gives({
          one: own.filter((row) => row.handlerName === handlerName),
          own,
          due: waking.filter(({ wakeAt }) => wakeAt <= now),
          waking,
        });
      },
    };
  },
);

const deleteHandler = steps(
  "delete state",
  "write",
  fc.record({ workflow: choice, handlerName: name }),
  ({ workflow, handlerName }, model): BoundStep => {
    const workflowId = model.known.pick<WorkflowId>("workflow", workflow);
    return {
      perform: ({ stores }, tx) => stores.handlerStates.delete({ workflowId, handlerName }, tx),
      settle: () => gives(Number(model.state.handlers.delete(keyOf(workflowId, handlerName)))),
    };
  },
);

const saveSchedule = steps(
  "save schedule",
  "write",
  fc.record({
    workflow: choice,
    producerName: name,
    scheduleType: fc.constantFrom("interval", "cron"),
    scheduleValue: name,
    timezone: name,
    dstGap: fc.constantFrom("shift", "skip"),
    dstOverlap: fc.constantFrom("first", "last", "both"),
    nextRunAt: time,
  }),
  ({ workflow, ...drawn }, model): BoundStep => {
    const schedule: NewProducerSchedule = { ...drawn, workflowId: model.known.pick<WorkflowId>("workflow", workflow) };
    return {
      perform: ({ stores }, tx) => stores.producerSchedules.save(schedule, tx),
      settle: () => {
        const { schedules, workflows } = model.state;
        if (!workflows.has(schedule.workflowId)) return throws("ConstraintViolationError", { kind: "foreign key" });
        return learns(({ id }: ProducerSchedule) => {
          const place = keyOf(schedule.workflowId, schedule.producerName);
          const before = schedules.get(place);
          // One that is replaced is the same row, and remembers when it ran.
          const row = { ...schedule, id: before?.id ?? id, lastRunAt: before?.lastRunAt ?? null };
          schedules.set(place, row);
          return { ...row };
        });
      },
    };
  },
);

const advance = steps(
  "advance schedule",
  "write",
  fc.record({ workflow: choice, producerName: name, lastRunAt: time, nextRunAt: time }),
  ({ workflow, producerName, ...times }, model): BoundStep => {
    const workflowId = model.known.pick<WorkflowId>("workflow", workflow);
    return {
      perform: ({ stores }, tx) => stores.producerSchedules.advance(workflowId, producerName, times, tx),
      settle: () => {
        const row = model.state.schedules.get(keyOf(workflowId, producerName));
        if (!row) return throws("NotFoundError", { table: "producer_schedules" });
        Object.assign(row, times);
        return gives(undefined);
      },
    };
  },
);

const soonest = (rows: Iterable<ProducerSchedule>) =>
  sortedBy(
    rows,
    ({ nextRunAt }) => nextRunAt,
    ({ id }) => id,
  );
const byProducer = (rows: Iterable<ProducerSchedule>) =>
  sortedBy(
    rows,
    ({ workflowId }) => workflowId,
    ({ producerName }) => producerName,
  );

const readSchedules = steps(
  "schedules, and which are due",
  "reads",
  fc.record({ workflows: choices, now: time }),
  ({ workflows, now }, model): BoundStep => {
    const ids = workflows.map((workflow) => model.known.pick<WorkflowId>("workflow", workflow));
    const [first = "none" as WorkflowId] = ids;
    return {
      perform: async ({ stores: { producerSchedules } }, tx) => ({
        due: soonest(await producerSchedules.getDue(now, tx)),
        earliest: await producerSchedules.earliestNextRun(tx),
        own: await producerSchedules.getForWorkflow(first, tx),
        several: await producerSchedules.listForWorkflows(ids, tx),
      }),
      settle: () => {
        const all = soonest(model.state.schedules.values());
        return gives({
          due: all.filter(({ nextRunAt }) => nextRunAt <= now),
          earliest: all[0]?.nextRunAt ?? null,
          own: byProducer(all.filter(({ workflowId }) => workflowId === first)),
          several: byProducer(all.filter(({ workflowId }) => ids.includes(workflowId))),
        });
      },
    };
  },
);

const deleteSchedules = steps(
  "delete schedules",
  "write",
  fc.record({ workflow: choice, producers: fc.uniqueArray(name, { maxLength: 3 }) }),
  ({ workflow, producers }, model): BoundStep => {
    const workflowId = model.known.pick<WorkflowId>("workflow", workflow);
    return {
      perform: ({ stores }, tx) => stores.producerSchedules.delete(workflowId, producers, tx),
      settle: () =>
        gives(producers.filter((producer) => model.state.schedules.delete(keyOf(workflowId, producer))).length),
    };
  },
);

export const memoryModel: ModelSpecification<MemoryState> = {
  name: "handler states and schedules",
  steps: fc.oneof(
    saveState,
    saveState,
    saveWakeAt,
    saveWakeAt,
    readHandlers,
    deleteHandler,
    saveSchedule,
    saveSchedule,
    advance,
    readSchedules,
    deleteSchedules,
  ),
  begin({ workflows, runs }, known) {
    for (const { id } of runs) known.learn("run", id);
    for (const { id } of workflows) known.learn("workflow", id);
    return { handlers: new Map(), schedules: new Map(), workflows: new Set(workflows.map(({ id }) => id)) };
  },
  async compare({ stores }, { handlers, schedules, workflows }) {
    deepStrictEqual(soonest(await stores.producerSchedules.list()), soonest(schedules.values()));
    for (const workflowId of workflows) {
      const own = [...handlers.values()].filter((row) => row.workflowId === workflowId);
      deepStrictEqual((await stores.handlerStates.getForWorkflow(workflowId)).map(without), byName(own));
    }
  },
};
