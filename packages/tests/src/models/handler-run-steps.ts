/** Commands on runs, their logs and their sessions. */
import {
  MUTATION_OUTCOMES,
  RUN_PHASES,
  RUN_STATUSES,
  type HandlerRun,
  type HandlerRunPatch,
  type RunId,
  type RunPosition,
  type Session,
  type SessionId,
  type WorkflowId,
} from "@millrace/db";
import * as fc from "fast-check";
import { gives, learns, stepsOf, throws, type BoundStep } from "./batches.ts";
import { asStored, choice, drawnJson, LIMITS, name, time, sometimes } from "./drawn-values.ts";
import { at, chainOf, mayMove, type RunState } from "./handler-run-state.ts";
import { newestFirst, sortedBy } from "./order.ts";
import { allPages } from "./pages.ts";

const steps = stepsOf<RunState>();
const json = drawnJson(LIMITS.stateBytes);

const create = steps(
  "create run",
  "write",
  fc.record({
    workflow: choice,
    type: fc.constantFrom("producer", "consumer"),
    phase: fc.constantFrom(...RUN_PHASES),
    handlerName: name,
    retryOf: fc.option(choice),
    prepareResult: json,
    now: time,
  }),
  ({ workflow, type, phase, handlerName, retryOf, prepareResult, now }, model): BoundStep => {
    const workflowId = model.known.pick<WorkflowId>("workflow", workflow);
    const given = {
      sessionId: model.known.pick<SessionId>("session", workflow),
      workflowId,
      scriptId: model.state.workflows.get(workflowId)?.script ?? ("none" as HandlerRun["scriptId"]),
      handlerType: type,
      handlerName,
      trigger: "event",
      phase,
      retryOf: retryOf === null ? null : model.known.pick<RunId>("run", retryOf),
      attempt: 1 + (retryOf ?? 0),
      transientFailures: 0,
      mutationId: null,
      mutationOutcome: null,
      // What no JSON value is must be refused.
      prepareResult: prepareResult.value as HandlerRun["prepareResult"],
      inputState: { from: handlerName },
    };
    return {
      perform: ({ stores }, tx) => stores.handlerRuns.create(given, now, tx),
      settle: () => {
        const { runs, sessions, workflows, logs } = model.state;
        // Undefined and null are kept as nothing.
        if (prepareResult.refusedAs !== null && prepareResult.value !== undefined)
          return throws(prepareResult.refusedAs);
        const fits = type === "producer" ? phase === "executing" : phase !== "executing";
        if (!fits || phase === "committed") return throws("ConstraintViolationError", { kind: "check" });
        const isTaken = [...runs.values()].some((run) => run.workflowId === workflowId && run.status === "active");
        if (isTaken) return throws("ConstraintViolationError", { kind: "unique" });
        if (!workflows.has(workflowId) || !sessions.has(given.sessionId))
          return throws("ConstraintViolationError", { kind: "foreign key" });
        return learns((run: HandlerRun) => {
          model.known.learn("run", run.id);
          const fresh = {
            ...given,
            id: run.id,
            status: "active" as const,
            outputState: null,
            error: null,
            errorType: null,
            startedAt: now,
            preparedAt: null,
            mutatingAt: null,
            mutatedAt: null,
            emittingAt: null,
            endedAt: null,
          };
          runs.set(run.id, {
            ...fresh,
            prepareResult: asStored(prepareResult.value ?? null) as HandlerRun["inputState"],
          });
          logs.set(run.id, []);
          return fresh;
        });
      },
    };
  },
);

const position = fc.record({ phase: fc.constantFrom(...RUN_PHASES), status: fc.constantFrom(...RUN_STATUSES) });

const move = steps(
  "transition",
  "write",
  fc.record({
    run: choice,
    // Mostly from where it is: else hardly anything would move.
    from: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: position }),
    to: position,
    outcome: sometimes(fc.constantFrom(...MUTATION_OUTCOMES)),
    outputState: sometimes(json),
    endedAt: sometimes(time),
  }),
  ({ run, from, to, outcome, outputState, endedAt }, model): BoundStep => {
    const id = model.known.pick<RunId>("run", run);
    const row = model.state.runs.get(id);
    const handlerType = row?.handlerType ?? "consumer";
    const expected: RunPosition = from ?? row ?? { phase: "preparing", status: "active" };
    const seen = { phase: expected.phase, status: expected.status };
    const patch: HandlerRunPatch = {
      ...to,
      ...(outcome !== undefined && { mutationOutcome: outcome }),
      ...(endedAt !== undefined && { endedAt }),
      // As above.
      ...(outputState !== undefined && { outputState: outputState.value as HandlerRun["outputState"] }),
    };
    return {
      perform: ({ stores }, tx) =>
        stores.handlerRuns.transition({ id, handlerType, handlerName: "h" }, seen, patch, tx),
      settle: () => {
        const actual = model.state.runs.get(id);
        if (!mayMove(handlerType, seen, to)) return throws("IllegalTransitionError", { from: at(seen), to: at(to) });
        const isGiven = outputState !== undefined && outputState.value !== undefined;
        if (isGiven && outputState.refusedAs !== null) return throws(outputState.refusedAs);
        if (!actual) return throws("NotFoundError", { table: "handler_runs", key: id });
        if (at(actual) !== at(seen))
          return throws("TransitionConflictError", { expected: at(seen), actual: at(actual) });
        const rivals = [...model.state.runs.values()].filter(
          (other) => other.workflowId === actual.workflowId && other.status === "active" && other.id !== id,
        );
        if (to.status === "active" && rivals.length > 0) return throws("ConstraintViolationError", { kind: "unique" });
        const { outputState: _given, ...plain } = patch;
        Object.assign(actual, plain, isGiven && { outputState: asStored(outputState.value) });
        return gives(undefined);
      },
    };
  },
);

const appendLogs = steps(
  "appendLogs",
  "write",
  fc.record({
    run: choice,
    lines: fc.array(
      fc.record({ at: time, level: fc.constantFrom("debug", "info", "warn", "error"), message: name, data: json }),
      { maxLength: 3 },
    ),
  }),
  ({ run, lines }, model): BoundStep => {
    const id = model.known.pick<RunId>("run", run);
    // As above.
    const logs = lines.map((line) => ({ ...line, data: line.data.value as HandlerRun["inputState"] }));
    return {
      perform: ({ stores }, tx) => stores.handlerRuns.appendLogs(id, logs, tx),
      settle: () => {
        // A log line's size is bounded by whoever writes it, not by the store.
        const first = lines.find(({ data }) => data.refusedAs === "NotSerialisableError" && data.value !== undefined);
        const own = model.state.logs.get(id);
        // Each line is written in turn, so whatever comes first is what is told.
        if (lines.length > 0 && !own && first !== lines[0])
          return throws("ConstraintViolationError", { kind: "foreign key" });
        if (first) return throws("NotSerialisableError");
        own?.push(...logs.map((line) => ({ ...line, data: asStored(line.data ?? null) as HandlerRun["inputState"] })));
        return gives(undefined);
      },
    };
  },
);

const readRun = steps("get, chain, retries and logs", "reads", choice, (run, model): BoundStep => {
  const id = model.known.pick<RunId>("run", run);
  return {
    perform: async ({ stores: { handlerRuns } }, tx) => ({
      run: await handlerRuns.find(id, tx),
      chain: sortedBy(await handlerRuns.listChain(id, tx), (one) => one.id),
      retries: await handlerRuns.listRetriesOf(id, tx),
      logs: await handlerRuns.listLogs(id, tx),
    }),
    settle: () => {
      const { runs, logs } = model.state;
      return gives({
        run: structuredClone(runs.get(id) ?? null),
        chain: sortedBy(chainOf(model.state, id), (one) => one.id),
        retries: sortedBy(
          [...runs.values()].filter((one) => one.retryOf === id),
          (one) => one.id,
        ),
        logs: logs.get(id) ?? [],
      });
    },
  };
});

const listRuns = steps(
  "list and page of runs",
  "reads",
  fc.record({
    workflow: sometimes(choice),
    statuses: sometimes(fc.subarray([...RUN_STATUSES])),
    handlerName: sometimes(name),
    limit: fc.integer({ min: 1, max: 3 }),
  }),
  ({ workflow, statuses, handlerName, limit }, model): BoundStep => {
    const filter = {
      ...(workflow !== undefined && { workflowId: model.known.pick<WorkflowId>("workflow", workflow) }),
      ...(statuses !== undefined && { statuses }),
      ...(handlerName !== undefined && { handlerName }),
    };
    return {
      perform: async ({ stores: { handlerRuns } }, tx) => ({
        first: await handlerRuns.list({ ...filter, limit }, tx),
        pages: await allPages((before) => handlerRuns.page({ ...filter, limit, ...before }, tx)),
        active: sortedBy(await handlerRuns.listActive(tx), (run) => run.id),
      }),
      settle: () => {
        const all = newestFirst(model.state.runs.values(), (run) => run.startedAt);
        const found = all.filter(
          (run) =>
            (filter.workflowId === undefined || run.workflowId === filter.workflowId) &&
            (statuses === undefined || statuses.includes(run.status)) &&
            (handlerName === undefined || run.handlerName === handlerName),
        );
        const active = all.filter((run) => run.status === "active");
        return gives({ first: found.slice(0, limit), pages: found, active: sortedBy(active, (run) => run.id) });
      },
    };
  },
);

const countRuns = steps(
  "countsBetween",
  "read",
  fc.record({ workflow: choice, from: time, until: time }),
  ({ workflow, from, until }, model): BoundStep => {
    const workflowId = model.known.pick<WorkflowId>("workflow", workflow);
    const platformId = (model.state.workflows.get(workflowId)?.platformId ?? "none") as never;
    return {
      perform: ({ stores }, tx) => stores.handlerRuns.countsBetween(platformId, from, until, tx),
      settle: () => {
        const own = [...model.state.runs.values()].filter(
          (run) =>
            model.state.workflows.get(run.workflowId)?.platformId === platformId &&
            run.startedAt >= from &&
            run.startedAt < until,
        );
        const byStatus: Record<string, number> = {};
        for (const { status } of own) byStatus[status] = (byStatus[status] ?? 0) + 1;
        return gives({ total: own.length, byStatus });
      },
    };
  },
);

const deleteRun = steps("delete run", "write", choice, (run, model): BoundStep => {
  const id = model.known.pick<RunId>("run", run);
  return {
    perform: ({ stores }, tx) => stores.handlerRuns.delete(id, tx),
    settle: () => {
      model.state.logs.delete(id);
      return gives(Number(model.state.runs.delete(id)));
    },
  };
});

const openSession = steps("create session", "write", fc.record({ workflow: choice, now: time }), (drawn, model) => {
  const workflowId = model.known.pick<WorkflowId>("workflow", drawn.workflow);
  return {
    perform: ({ stores }, tx) => stores.sessions.create({ workflowId, trigger: "event" }, drawn.now, tx),
    settle: () => {
      if (!model.state.workflows.has(workflowId)) return throws("ConstraintViolationError", { kind: "foreign key" });
      return learns(({ id }: Session) => {
        model.known.learn("session", id);
        const opened = { handlerRunCount: 0, result: null, error: null, startedAt: drawn.now, endedAt: null };
        model.state.sessions.set(id, { id, workflowId, trigger: "event", ...opened });
        return { ...model.state.sessions.get(id) };
      });
    },
  };
});

const endSession = steps(
  "end session",
  "write",
  fc.record({ session: choice, error: fc.option(name), now: time }),
  ({ session, error, now }, model) => {
    const id = model.known.pick<SessionId>("session", session);
    const outcome = { result: "completed", error, handlerRunCount: 3 };
    return {
      perform: ({ stores }, tx) => stores.sessions.end(id, outcome, now, tx),
      settle: () => {
        const row = model.state.sessions.get(id);
        if (!row) return throws("NotFoundError", { table: "sessions", key: id });
        Object.assign(row, outcome, { endedAt: now });
        return gives(undefined);
      },
    };
  },
);

const endSessions = steps("endAllOpen", "write", time, (now, model) => ({
  perform: ({ stores }, tx) => stores.sessions.endAllOpen("interrupted", now, tx),
  settle: () => {
    const open = [...model.state.sessions.values()].filter((session) => session.endedAt === null);
    for (const session of open) {
      const handlerRunCount = [...model.state.runs.values()].filter((run) => run.sessionId === session.id).length;
      Object.assign(session, { result: "interrupted", endedAt: now, handlerRunCount });
    }
    return gives(open.length);
  },
}));

export const runSteps = [
  create,
  create,
  move,
  move,
  move,
  appendLogs,
  readRun,
  listRuns,
  countRuns,
  deleteRun,
  openSession,
  endSession,
  endSessions,
] as const;
