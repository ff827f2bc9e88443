/** The model of the mutation ledger's rows: the rules of DESIGN.md, section 5, that hold for a row by itself. */
import { deepStrictEqual } from "node:assert/strict";
import {
  MUTATION_STATUSES,
  type HandlerRun,
  type Mutation,
  type MutationId,
  type MutationPatch,
  type MutationStatus,
  type PlatformId,
  type RunId,
  type WorkflowId,
} from "@millrace/db";
import * as fc from "fast-check";
import { gives, learns, oftenAndRarely, stepsOf, throws, type BoundStep } from "./batches.ts";
import { asStored, choice, choices, drawnJson, LIMITS, name, time, sometimes } from "./drawn-values.ts";
import type { ModelSpecification } from "./model-specification.ts";
import { newestFirst, sortedBy } from "./order.ts";
import { allPages } from "./pages.ts";

interface MutationState {
  mutations: Map<MutationId, Mutation>;
  /** The workflow of each run that there is. */
  runs: Map<RunId, WorkflowId>;
  platforms: Map<WorkflowId, PlatformId>;
}

/** Where a mutation may go from each status. What has a verdict stays. */
const NEXT: Record<MutationStatus, readonly MutationStatus[]> = {
  pending: ["in_flight", "failed"],
  in_flight: ["applied", "failed", "needs_reconcile", "indeterminate"],
  needs_reconcile: ["applied", "failed", "needs_reconcile", "indeterminate"],
  indeterminate: ["applied", "failed", "needs_reconcile"],
  applied: [],
  failed: [],
};

const steps = stepsOf<MutationState>();
const json = drawnJson(LIMITS.stateBytes);
const newest = (rows: Iterable<Mutation>) => newestFirst(rows, ({ createdAt }) => createdAt);

const create = steps(
  "create mutation",
  "write",
  fc.record({
    run: choice,
    connector: fc.constantFrom("mail", "bank"),
    params: json,
    title: name,
    status: fc.constantFrom("pending", "in_flight"),
    now: time,
  }),
  ({ run, params, now, ...drawn }, model): BoundStep => {
    const handlerRunId = model.known.pick<RunId>("run", run);
    const workflowId = model.state.runs.get(handlerRunId) ?? model.known.pick<WorkflowId>("workflow", 1);
    // What no JSON value is must be refused.
    const given = { ...drawn, params: params.value as Mutation["params"], handlerRunId, workflowId };
    const request = { ...given, operation: "send", idempotencyKey: handlerRunId, sentAt: now };
    return {
      perform: ({ stores }, tx) => stores.mutations.create(request, now, tx),
      settle: () => {
        if (params.refusedAs !== null) return throws(params.refusedAs);
        const { mutations, runs } = model.state;
        const existing = [...mutations.values()].find((mutation) => mutation.handlerRunId === handlerRunId);
        if (existing) return gives({ mutation: { ...existing }, created: false });
        if (!runs.has(handlerRunId)) return throws("ConstraintViolationError", { kind: "foreign key" });
        return learns(({ mutation: { id } }: { mutation: Mutation }) => {
          model.known.learn("mutation", id);
          const row: Mutation = {
            ...request,
            id,
            params: asStored(params.value) as Mutation["params"],
            ...UNDECIDED,
            createdAt: now,
            updatedAt: now,
          };
          mutations.set(id, row);
          return { mutation: { ...row }, created: true };
        });
      },
    };
  },
);

const UNDECIDED = {
  result: null,
  error: null,
  approvedBy: null,
  approvedAt: null,
  approvalEvidence: null,
  reconcileAttempts: 0,
  notAppliedCount: 0,
  uncertainSince: null,
  lastReconcileAt: null,
  nextReconcileAt: null,
  resolution: null,
  resolvedBy: null,
  resolvedAt: null,
  evidence: null,
  lateOutcome: null,
} as const;

// The last ones are the ones from which most follows.
const status = fc.constantFrom(...MUTATION_STATUSES, "in_flight", "needs_reconcile", "indeterminate", "indeterminate");
const note = fc.record(
  {
    error: fc.option(name),
    resolvedAt: fc.option(time),
    resolvedBy: name,
    nextReconcileAt: fc.option(time),
    reconcileAttempts: fc.nat({ max: 3 }),
    evidence: fc.option(name),
    resolution: fc.constantFrom("happened", "did_not_happen", "skip", "try_again"),
  },
  { requiredKeys: [] },
);

const move = steps(
  "transition",
  "write",
  fc.record({
    mutation: choice,
    from: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: status }),
    to: status,
    patch: note,
    result: sometimes(json),
    now: time,
  }),
  ({ mutation, from, to, patch, result, now }, model): BoundStep => {
    const id = model.known.pick<MutationId>("mutation", mutation);
    const expected = from ?? model.state.mutations.get(id)?.status ?? "in_flight";
    // As above.
    const given = { ...patch, status: to, ...(result && { result: result.value as Mutation["result"] }) };
    return {
      perform: ({ stores }, tx) => stores.mutations.transition(id, expected, given, now, tx),
      settle: () => {
        if (!NEXT[expected].includes(to)) return throws("IllegalTransitionError", { from: expected, to });
        const isGiven = result !== undefined && result.value !== undefined;
        if (isGiven && result.refusedAs !== null) return throws(result.refusedAs);
        const actual = model.state.mutations.get(id);
        if (!actual) return throws("NotFoundError", { table: "mutations", key: id });
        if (actual.status !== expected) return throws("TransitionConflictError", { expected, actual: actual.status });
        Object.assign(actual, patch, { status: to, updatedAt: now }, isGiven && { result: asStored(result.value) });
        return gives(undefined);
      },
    };
  },
);

const annotate = steps(
  "annotate",
  "write",
  fc.record({ mutation: choice, patch: note, late: sometimes(json), now: time }),
  ({ mutation, patch, late, now }, model): BoundStep => {
    const id = model.known.pick<MutationId>("mutation", mutation);
    // As above.
    const given: MutationPatch = { ...patch, ...(late && { lateOutcome: late.value as Mutation["lateOutcome"] }) };
    return {
      perform: async ({ stores }, tx) => stores.mutations.annotate(id, given, now, tx),
      settle: () => {
        const isGiven = late !== undefined && late.value !== undefined;
        if (isGiven && late.refusedAs !== null) return throws(late.refusedAs);
        const actual = model.state.mutations.get(id);
        if (!actual) return throws("NotFoundError", { table: "mutations", key: id });
        Object.assign(actual, patch, { updatedAt: now }, isGiven && { lateOutcome: asStored(late.value) });
        return gives(undefined);
      },
    };
  },
);

const read = steps(
  "get, findByRun and listByIds",
  "reads",
  fc.record({ mutation: choice, run: choice, mutations: choices }),
  ({ mutation, run, mutations }, model): BoundStep => {
    const id = model.known.pick<MutationId>("mutation", mutation);
    const runId = model.known.pick<RunId>("run", run);
    const ids = mutations.map((one) => model.known.pick<MutationId>("mutation", one));
    return {
      perform: async ({ stores }, tx) => ({
        byRun: await stores.mutations.findByRun(runId, tx),
        byIds: sortedBy(await stores.mutations.listByIds(ids, tx), (one) => one.id),
        own: await stores.mutations.get(id, tx),
      }),
      settle: () => {
        const all = sortedBy(model.state.mutations.values(), (one) => one.id);
        const own = model.state.mutations.get(id);
        if (!own) return throws("NotFoundError", { table: "mutations", key: id });
        return gives({
          byRun: all.find((one) => one.handlerRunId === runId) ?? null,
          byIds: all.filter((one) => ids.includes(one.id)),
          own,
        });
      },
    };
  },
);

const list = steps(
  "list, page, what waits, and how many",
  "reads",
  fc.record({
    workflow: sometimes(choice),
    statuses: sometimes(fc.subarray([...MUTATION_STATUSES])),
    connector: sometimes(fc.constantFrom("mail", "bank", "'")),
    unresolved: fc.boolean(),
    createdFrom: sometimes(time),
    createdBefore: sometimes(time),
    limit: fc.integer({ min: 1, max: 3 }),
  }),
  ({ workflow, limit, ...asked }, model): BoundStep => {
    const workflowId = workflow === undefined ? undefined : model.known.pick<WorkflowId>("workflow", workflow);
    const given = Object.fromEntries(
      Object.entries({ ...asked, workflowId }).filter(([, value]) => value !== undefined),
    );
    const [platformId = "none" as PlatformId] = model.state.platforms.values();
    return {
      perform: async ({ stores: { mutations } }, tx) => ({
        first: await mutations.list({ ...given, limit }, tx),
        pages: await allPages((before) => mutations.page({ ...given, limit, ...before }, tx)),
        reconciling: bySoonest(await mutations.listReconciling(tx)),
        counts: await mutations.countsByStatus(platformId, tx),
      }),
      settle: () => {
        const all = newest(model.state.mutations.values());
        const { statuses, connector, unresolved, createdFrom = 0, createdBefore = Number.MAX_SAFE_INTEGER } = asked;
        const found = all.filter(
          (one) =>
            (workflowId === undefined || one.workflowId === workflowId) &&
            (statuses === undefined || statuses.includes(one.status)) &&
            (connector === undefined || one.connector === connector) &&
            (!unresolved || (one.status === "indeterminate" && one.resolvedAt === null)) &&
            one.createdAt >= createdFrom &&
            one.createdAt < createdBefore,
        );
        const own = all.filter((one) => model.state.platforms.get(one.workflowId) === platformId);
        const counted = MUTATION_STATUSES.filter((one) => one !== "applied");
        return gives({
          first: found.slice(0, limit),
          pages: found,
          reconciling: bySoonest(all.filter((one) => one.status === "needs_reconcile")),
          counts: Object.fromEntries(counted.map((one) => [one, own.filter((row) => row.status === one).length])),
        });
      },
    };
  },
);

/** Those that are due at the same time come in any order. */
const bySoonest = (rows: Mutation[]) =>
  sortedBy(
    rows,
    (one) => one.nextReconcileAt ?? -1,
    (one) => one.id,
  );

const remove = steps("delete mutation", "write", choice, (mutation, model): BoundStep => {
  const id = model.known.pick<MutationId>("mutation", mutation);
  return {
    perform: ({ stores }, tx) => stores.mutations.delete(id, tx),
    settle: () => gives(Number(model.state.mutations.delete(id))),
  };
});

/** The mutation goes with its run. */
const removeRun = steps("delete run", "write", choice, (run, model): BoundStep => {
  const id = model.known.pick<HandlerRun["id"]>("run", run);
  return {
    perform: ({ stores }, tx) => stores.handlerRuns.delete(id, tx),
    settle: () => {
      for (const row of model.state.mutations.values())
        if (row.handlerRunId === id) model.state.mutations.delete(row.id);
      return gives(Number(model.state.runs.delete(id)));
    },
  };
});

export const mutationModel: ModelSpecification<MutationState> = {
  name: "mutations",
  steps: oftenAndRarely(
    [create, create, create, move, move, move, move, annotate, annotate, read, list],
    [remove, removeRun],
  ),
  begin({ runs: allRuns, workflows }, known) {
    // Few, so that commands meet.
    const runs = [...allRuns.slice(0, 3), ...allRuns.slice(-1)];
    for (const { id } of runs) known.learn("run", id);
    for (const { id } of workflows) known.learn("workflow", id);
    return {
      mutations: new Map(),
      runs: new Map(runs.map(({ id, workflowId }) => [id, workflowId])),
      platforms: new Map(workflows.map(({ id, platformId }) => [id, platformId])),
    };
  },
  async compare({ stores }, { mutations }) {
    deepStrictEqual(await stores.mutations.list({ limit: 10_000 }), newest(mutations.values()));
  },
};
