/** The model of notifications, and of replays that wait. */
import { deepStrictEqual } from "node:assert/strict";
import {
  NOTIFICATION_KINDS,
  type Notification,
  type NotificationId,
  type NotificationKind,
  type Replay,
  type ReplayId,
  type RunId,
  type WorkflowId,
} from "@millrace/db";
import * as fc from "fast-check";
import { gives, learns, oftenAndRarely, stepsOf, throws, type BoundStep } from "./batches.ts";
import { choice, name, time, sometimes } from "./drawn-values.ts";
import type { ModelSpecification } from "./model-specification.ts";
import { newestFirst, sortedBy } from "./order.ts";
import { allPages } from "./pages.ts";

interface NotificationState {
  notifications: Map<NotificationId, Notification>;
  replays: Map<ReplayId, Replay>;
  workflows: Set<WorkflowId>;
  runs: Map<RunId, WorkflowId>;
}

const steps = stepsOf<NotificationState>();
const kind = fc.constantFrom("approval", "logic", ...NOTIFICATION_KINDS);
const kinds = sometimes(fc.subarray<NotificationKind>(["approval", "logic", "late_outcome"]));
const isOpen = ({ resolvedAt }: Notification) => resolvedAt === null;
const newest = (rows: Iterable<Notification>) => newestFirst(rows, ({ createdAt }) => createdAt);

const create = steps(
  "create notification",
  "write",
  fc.record({ workflow: choice, run: fc.option(choice), kind, message: name, now: time }),
  ({ workflow, run, now, ...drawn }, model): BoundStep => {
    const workflowId = model.known.pick<WorkflowId>("workflow", workflow);
    const runId = run === null ? null : model.known.pick<RunId>("run", run);
    const given = { ...drawn, workflowId, runId, mutationId: null };
    return {
      perform: ({ stores }, tx) => stores.notifications.create(given, now, tx),
      settle: () => {
        if (!model.state.workflows.has(workflowId)) return throws("ConstraintViolationError", { kind: "foreign key" });
        return learns(({ id }: Notification) => {
          model.known.learn("notification", id);
          const row = { ...given, id, jobId: null, createdAt: now, resolvedAt: null };
          model.state.notifications.set(id, row);
          return { ...row };
        });
      },
    };
  },
);

const resolve = steps("resolve", "write", fc.record({ notification: choice, now: time }), (drawn, model): BoundStep => {
  const id = model.known.pick<NotificationId>("notification", drawn.notification);
  return {
    perform: ({ stores }, tx) => stores.notifications.resolve(id, drawn.now, tx),
    settle: () => {
      const row = model.state.notifications.get(id);
      if (!row || !isOpen(row)) return throws("NotFoundError", { table: "notifications", key: id });
      row.resolvedAt = drawn.now;
      return gives(undefined);
    },
  };
});

const resolveMatching = steps(
  "resolveMatching",
  "write",
  fc.record({ workflow: sometimes(choice), run: sometimes(choice), kinds, now: time }),
  ({ workflow, run, kinds: only, now }, model): BoundStep => {
    const runId = run === undefined ? undefined : model.known.pick<RunId>("run", run);
    // At least one part must be given; an empty text is none.
    const workflowId =
      workflow === undefined && runId ? undefined : model.known.pick<WorkflowId>("workflow", 1 + (workflow ?? 0));
    const selector = { ...(workflowId && { workflowId }), ...(runId && { runId }), ...(only && { kinds: only }) };
    return {
      perform: ({ stores }, tx) => stores.notifications.resolveMatching(selector, now, tx),
      settle: () => {
        const found = [...model.state.notifications.values()].filter(
          (row) =>
            isOpen(row) &&
            (!workflowId || row.workflowId === workflowId) &&
            (!runId || row.runId === runId) &&
            (!only || only.includes(row.kind)),
        );
        for (const row of found) row.resolvedAt = now;
        return gives(found.length);
      },
    };
  },
);

const list = steps(
  "list, page and what is open",
  "reads",
  fc.record({
    workflow: sometimes(choice),
    open: sometimes(fc.boolean()),
    kinds,
    limit: fc.integer({ min: 1, max: 3 }),
  }),
  ({ workflow, open, kinds: only, limit }, model): BoundStep => {
    const workflowId = workflow === undefined ? undefined : model.known.pick<WorkflowId>("workflow", workflow);
    const filter = {
      ...(workflowId !== undefined && { workflowId }),
      ...(open !== undefined && { open }),
      ...(only !== undefined && { kinds: only }),
    };
    return {
      perform: async ({ stores: { notifications } }, tx) => ({
        first: await notifications.list({ ...filter, limit }, tx),
        pages: await allPages((before) => notifications.page({ ...filter, limit, ...before }, tx)),
        open: await notifications.listOpen(workflowId, tx),
      }),
      settle: () => {
        const all = newest(model.state.notifications.values());
        const found = all.filter(
          (row) =>
            (workflowId === undefined || row.workflowId === workflowId) &&
            (open === undefined || isOpen(row) === open) &&
            (only === undefined || only.includes(row.kind)),
        );
        // An empty text is no workflow in particular.
        const waiting = all.filter((row) => isOpen(row) && (!workflowId || row.workflowId === workflowId));
        return gives({ first: found.slice(0, limit), pages: found, open: waiting.toReversed() });
      },
    };
  },
);

const remove = steps("delete notification", "write", choice, (notification, model): BoundStep => {
  const id = model.known.pick<NotificationId>("notification", notification);
  return {
    perform: ({ stores }, tx) => stores.notifications.delete(id, tx),
    settle: () => gives(Number(model.state.notifications.delete(id))),
  };
});

const waits = ({ startedRunId, withdrawnAt }: Replay) => startedRunId === null && withdrawnAt === null;

const createReplay = steps(
  "create replay",
  "write",
  fc.record({ run: choice, from: fc.constantFrom("preparing", "emitting", "executing"), askedBy: name, now: time }),
  ({ run, now, ...drawn }, model): BoundStep => {
    const runId = model.known.pick<RunId>("run", run);
    const workflowId = model.state.runs.get(runId) ?? model.known.pick<WorkflowId>("workflow", 1);
    const given = { ...drawn, runId, workflowId, evidence: null, crossed: [] };
    return {
      perform: ({ stores }, tx) => stores.replays.create(given, now, tx),
      settle: () => {
        const { replays, runs } = model.state;
        if ([...replays.values()].some((replay) => replay.workflowId === workflowId && waits(replay)))
          return throws("ConstraintViolationError", { kind: "unique" });
        if (!runs.has(runId)) return throws("ConstraintViolationError", { kind: "foreign key" });
        return learns(({ id }: Replay) => {
          model.known.learn("replay", id);
          const row = { ...given, id, askedAt: now, startedRunId: null, withdrawnAt: null };
          replays.set(id, row);
          return { ...row };
        });
      },
    };
  },
);

const endReplay = steps(
  "start or withdraw replay",
  "write",
  fc.record({ replay: choice, run: fc.option(choice), now: time }),
  ({ replay, run, now }, model): BoundStep => {
    const id = model.known.pick<ReplayId>("replay", replay);
    const runId = run === null ? null : model.known.pick<RunId>("run", 1 + (run % 11));
    return {
      perform: ({ stores: { replays } }, tx) =>
        runId === null ? replays.withdraw(id, now, tx) : replays.start(id, runId, tx),
      settle: () => {
        const row = model.state.replays.get(id);
        if (!row || !waits(row)) return throws("TransitionConflictError", { table: "replays", id });
        Object.assign(row, runId === null ? { withdrawnAt: now } : { startedRunId: runId });
        return gives(undefined);
      },
    };
  },
);

const readReplays = steps("replays of a run", "reads", choice, (run, model): BoundStep => {
  const runId = model.known.pick<RunId>("run", run);
  const workflowId = model.state.runs.get(runId) ?? model.known.pick<WorkflowId>("workflow", 1);
  return {
    perform: async ({ stores: { replays } }, tx) => ({
      own: await replays.listOfRun(runId, tx),
      waiting: await replays.findPending(workflowId, tx),
    }),
    settle: () => {
      const all = sortedBy(model.state.replays.values(), ({ id }) => id);
      return gives({
        own: all.filter((replay) => replay.runId === runId),
        waiting: all.find((replay) => replay.workflowId === workflowId && waits(replay)) ?? null,
      });
    },
  };
});

/** Whatever belongs to a workflow goes with it. */
const deleteWorkflow = steps("delete workflow", "write", choice, (workflow, model): BoundStep => {
  const id = model.known.pick<WorkflowId>("workflow", workflow);
  return {
    perform: ({ stores }, tx) => stores.workflows.delete(id, tx),
    settle: () => {
      const { notifications, replays, runs, workflows } = model.state;
      for (const row of notifications.values()) if (row.workflowId === id) notifications.delete(row.id);
      for (const row of replays.values()) if (row.workflowId === id) replays.delete(row.id);
      for (const [run, owner] of runs) if (owner === id) runs.delete(run);
      return gives(Number(workflows.delete(id)));
    },
  };
});

export const notificationModel: ModelSpecification<NotificationState> = {
  name: "notifications and replays",
  steps: oftenAndRarely(
    [
      create,
      create,
      create,
      create,
      resolve,
      resolveMatching,
      resolveMatching,
      list,
      createReplay,
      createReplay,
      endReplay,
      readReplays,
    ],
    [remove, deleteWorkflow],
  ),
  begin({ workflows: allWorkflows, runs: allRuns }, known) {
    // Few, so that commands meet: those of two workflows.
    const [workflows, runs] = [allWorkflows.slice(0, 2), allRuns.slice(2, 5)];
    for (const { id } of runs) known.learn("run", id);
    for (const { id } of workflows) known.learn("workflow", id);
    return {
      notifications: new Map(),
      replays: new Map(),
      workflows: new Set(workflows.map(({ id }) => id)),
      runs: new Map(runs.map(({ id, workflowId }) => [id, workflowId])),
    };
  },
  async compare({ stores }, { notifications, replays, runs }) {
    deepStrictEqual(await stores.notifications.list({ limit: 10_000 }), newest(notifications.values()));
    for (const runId of runs.keys()) {
      const own = [...replays.values()].filter((replay) => replay.runId === runId);
      deepStrictEqual(
        await stores.replays.listOfRun(runId),
        sortedBy(own, ({ id }) => id),
      );
    }
  },
};
