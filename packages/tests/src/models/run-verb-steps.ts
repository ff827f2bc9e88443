/** The verbs of the execution model: the life of a run from its start to its end. */
import type { EventId, HandlerRun } from "@millrace/db";
import * as fc from "fast-check";
import { gives, learns, stepsOf, throws, type BoundStep, type Real } from "./batches.ts";
import { choice } from "./drawn-values.ts";
import { abort, fail, failuresBefore, refuse, type DrawnFailure } from "./execution-rules.ts";
import {
  activeRun,
  awaitsApproval,
  hasActed,
  heldBy,
  isForgone,
  pickSeen,
  type ExecutionState,
  type ModelRun,
} from "./execution-state.ts";
import type { Verbs } from "./verbs.ts";

const steps = stepsOf<ExecutionState>();

export function verbsOf({ verbs }: Real): Verbs {
  if (!verbs) throw new Error("There is no engine here.");
  return verbs;
}

/** Where a command makes no sense it does nothing. */
export const nothing: BoundStep = { perform: async () => undefined, settle: () => gives(undefined) };

export const nowOf = (real: Real) => verbsOf(real).clock.now();

/** Gives out a run as it is now. */
export function note(state: ExecutionState, run: HandlerRun): HandlerRun {
  state.seen.push(run);
  return run;
}

const messageId = fc.constantFrom("a", "b", "c", "it's 😀");
const topic = fc.constantFrom("mail", "row");
const publication = fc.record({ topic, messageId });
type Publication = typeof publication extends fc.Arbitrary<infer Drawn> ? Drawn : never;

/** By (topic, message id): new, replaced while it is pending, else unchanged. */
function publish(
  state: ExecutionState,
  { topic: name, messageId: id }: Publication,
  inputs: readonly string[],
  now: number,
) {
  const key = `${name}/${id}`;
  const existing = state.events.get(key);
  if (existing && existing.status !== "pending") return "unchanged";
  const event = existing ?? { status: "pending" as const, holder: null, inputs: new Set<string>(), updatedAt: now };
  if (existing) existing.updatedAt = Math.max(now, existing.updatedAt + 1);
  for (const input of inputs) event.inputs.add(input);
  state.events.set(key, event);
  if (inputs.length > 0 && isForgone(state, event)) Object.assign(event, { status: "skipped", updatedAt: now });
  return existing ? "replaced" : "created";
}

async function asPublications({ stores }: Real, drawn: readonly Publication[], workflowId: HandlerRun["workflowId"]) {
  const topics = await stores.topics.list(workflowId);
  return drawn.flatMap(({ topic: name, messageId: id }) => {
    const found = topics.find((one) => one.name === name);
    return found ? [{ topic: name, topicId: found.id, messageId: id, payload: {} }] : [];
  });
}

const publishFromOutside = steps(
  "publishFromOutside",
  "reads",
  fc.record({ publication, input: fc.constantFrom("one", "two", "three"), keepsPending: fc.boolean() }),
  ({ publication: drawn, input, keepsPending }, model): BoundStep => {
    let now = 0;
    return {
      perform: async (real) => {
        const [workflow] = await real.stores.workflows.list();
        if (!workflow) throw new Error("The workflow is gone.");
        const [given] = await asPublications(real, [drawn], workflow.id);
        if (!given) throw new Error("The topic is gone.");
        const description = { source: "s", type: "t", externalId: input, title: input };
        now = nowOf(real);
        const { outcome } = await verbsOf(real).model.publishFromOutside(workflow.id, given, description, keepsPending);
        const inputs = await real.stores.inputs.list({ limit: 100 });
        return { outcome, id: inputs.find(({ externalId }) => externalId === input)?.id ?? null };
      },
      settle: () =>
        learns(({ id }: { id: never }) => {
          const { state } = model;
          if (keepsPending && state.events.has(`${drawn.topic}/${drawn.messageId}`))
            return { outcome: "unchanged", id: state.inputs.get(input)?.id ?? null };
          if (!state.inputs.has(input)) state.inputs.set(input, { id, skipped: false });
          return { outcome: publish(state, drawn, [input], now), id: state.inputs.get(input)?.id };
        }),
    };
  },
);

const start = steps(
  "startRun",
  "reads",
  fc.record({
    handler: fc.constantFrom("poll", "work", "digest"),
    continues: fc.oneof({ weight: 5, arbitrary: fc.constant("what waits") }, { weight: 1, arbitrary: choice }),
  }),
  ({ handler, continues }, model): BoundStep => {
    const { state } = model;
    const waiting = state.pending === null ? undefined : state.runs.get(state.pending);
    // Who asks has looked at the workflow before, and mostly leaves alone what needs a person.
    if (waiting && continues === "what waits" && state.retryAt === null) return nothing;
    const other = typeof continues === "number" ? pickSeen(state, continues)?.id : undefined;
    const retryId = continues === "what waits" ? (waiting?.id ?? null) : (other ?? null);
    const before = retryId === null ? undefined : state.runs.get(retryId);
    const handlerName = before?.handlerName ?? handler;
    const handlerType = before?.handlerType ?? (handler === "poll" ? "producer" : "consumer");
    let now = 0;
    return {
      perform: async (real) => {
        const [workflow] = await real.stores.workflows.list();
        if (!workflow?.activeScriptId) throw new Error("The workflow is gone.");
        const retryOf = retryId === null ? null : await real.stores.handlerRuns.get(retryId);
        now = nowOf(real);
        const asked = { workflowId: workflow.id, scriptId: workflow.activeScriptId, sessionId: null, trigger: "test" };
        return (await verbsOf(real).model.startRun({ ...asked, handlerType, handlerName, retryOf })).run;
      },
      settle: () => {
        if (state.pending !== retryId) return throws("TransitionConflictError", { table: "workflows" });
        const isUndecided = before?.status === "paused:reconciliation" && !hasActed(before);
        if (before && (isUndecided || awaitsApproval(before))) return throws("IllegalTransitionError");
        if (activeRun(state)) return throws("ConstraintViolationError", { kind: "unique" });
        return learns((run: HandlerRun) => {
          begin(state, { id: run.id, handlerName, handlerType }, before, now);
          return note(state, run);
        });
      },
    };
  },
);

function begin(
  state: ExecutionState,
  own: Pick<ModelRun, "id" | "handlerName" | "handlerType">,
  before: ModelRun | undefined,
  now: number,
): void {
  const replay = state.replay && state.replay.run === before?.id ? state.replay : null;
  const continued = replay && replay.from !== "emitting" ? undefined : before;
  const acted = continued !== undefined && hasActed(continued);
  state.runs.set(own.id, {
    ...own,
    phase: acted ? "emitting" : own.handlerType === "producer" ? "executing" : "preparing",
    status: "active",
    attempt: (continued?.attempt ?? 0) + 1,
    transientFailures: continued ? failuresBefore(continued) : 0,
    retryOf: continued?.id ?? null,
    mutationId: acted ? continued.mutationId : null,
    mutationOutcome: acted ? continued.mutationOutcome : null,
    errorType: null,
    endedAt: null,
  });
  const taken = new Set<string>();
  if (before && hasActed(before)) {
    for (const [key, event] of state.events) {
      if (event.holder !== before.id || event.status !== "reserved") continue;
      Object.assign(event, { holder: own.id, updatedAt: now });
      taken.add(key);
    }
  }
  state.reserved.set(own.id, taken);
  if (replay) state.replay = null;
  Object.assign(state, { pending: null, retryAt: null });
}

const prepare = steps(
  "recordPrepared",
  "reads",
  fc.record({
    run: choice,
    events: fc.uniqueArray(fc.record({ topic, messageId }), { maxLength: 3, selector: keyOf }),
  }),
  ({ run, events }, model): BoundStep => {
    const seen = pickSeen(model.state, run);
    if (!seen || seen.handlerType === "producer") return nothing;
    const keys = events.map(keyOf).filter((key) => model.state.events.has(key));
    let now = 0;
    return {
      perform: async (real) => {
        const rows = await asPublications(real, events, seen.workflowId);
        const found = await Promise.all(
          rows.map((row) => real.stores.events.findByMessageId(row.topicId, row.messageId)),
        );
        const reserved = new Map<EventId, number>(
          found.flatMap((row) => (row ? [[row.id, row.updatedAt] as const] : [])),
        );
        now = nowOf(real);
        const prepared = { prepareResult: { data: null }, reserved, wakeAt: 0, previousWakeAt: 0, logs: [] };
        return verbsOf(real).model.recordPrepared(seen, prepared);
      },
      settle: () => {
        const { state } = model;
        const isTaken = keys.some((key) => state.events.get(key)?.status !== "pending");
        if (isTaken) return throws("ReservationConflictError");
        const refusal = refuse(state, seen, ["preparing/active"]);
        if (refusal) return refusal;
        for (const key of keys) {
          Object.assign(state.events.get(key) ?? {}, { status: "reserved", holder: seen.id, updatedAt: now });
          state.reserved.get(seen.id)?.add(key);
        }
        return moved(state, seen, { phase: "prepared" });
      },
    };
  },
);

function keyOf({ topic: name, messageId: id }: Publication): string {
  return `${name}/${id}`;
}

/** The run has moved, and is given as it is then. */
export function moved(state: ExecutionState, seen: HandlerRun, patch: Partial<ModelRun>) {
  Object.assign(state.runs.get(seen.id) ?? {}, patch);
  return learns((run: HandlerRun) => note(state, run));
}

/** A verb on a run as it was seen. */
export function onRun<Drawn>(
  title: string,
  drawn: fc.Arbitrary<Drawn>,
  build: (
    model: { state: ExecutionState },
    seen: HandlerRun,
    values: Drawn,
  ) => { ask: (real: Real) => Promise<unknown>; settle: (now: number) => ReturnType<BoundStep["settle"]> } | null,
) {
  return steps(title, "write", fc.record({ run: choice, drawn }), ({ run, drawn: values }, model): BoundStep => {
    const seen = pickSeen(model.state, run);
    const built = seen && build(model, seen, values);
    if (!built) return nothing;
    let now = 0;
    return {
      perform: (real) => {
        now = nowOf(real);
        return built.ask(real);
      },
      settle: () => built.settle(now),
    };
  });
}

const beginEmitting = onRun("beginEmitting", fc.constant(null), ({ state }, seen) => ({
  ask: (real) => verbsOf(real).model.beginEmitting(seen),
  settle: () =>
    refuse(state, seen, ["prepared/active", "mutated/active"]) ??
    moved(state, seen, { phase: "emitting", mutationOutcome: seen.mutationOutcome ?? "none" }),
}));

const commit = steps(
  "commit",
  "reads",
  fc.record({ run: choice, publications: fc.uniqueArray(publication, { maxLength: 2, selector: keyOf }) }),
  ({ run, publications: drawn }, model): BoundStep => {
    const { state } = model;
    const seen = pickSeen(state, run);
    if (!seen) return nothing;
    let now = 0;
    return {
      perform: async (real) => {
        const publications = await asPublications(real, drawn, seen.workflowId);
        now = nowOf(real);
        if (seen.handlerType === "consumer")
          return verbsOf(real).model.commitConsumer(seen, { logs: [], state: undefined, publications });
        const inputs = [{ source: "s", type: "t", externalId: "one", title: "one" }];
        const found = publications.map((one) => ({ ...one, inputs: [] }));
        const result = { logs: [], state: undefined, inputs: inputs.slice(1), publications: found, schedule: null };
        return (await verbsOf(real).model.commitProducer(seen, result)).run;
      },
      settle: () => {
        const refusal = refuse(state, seen, ["executing/active", "emitting/active"]);
        if (refusal) return refusal;
        const held = [...state.events.values()].filter((event) => event.holder === seen.id);
        const inputs = seen.handlerType === "consumer" ? [...new Set(held.flatMap((event) => [...event.inputs]))] : [];
        for (const one of drawn) publish(state, one, inputs, now);
        for (const event of heldBy(state, seen.id)) Object.assign(event, { status: "consumed", updatedAt: now });
        return moved(state, seen, { phase: "committed", status: "committed", endedAt: now });
      },
    };
  },
);

const failure: fc.Arbitrary<DrawnFailure> = fc.record({
  status: fc.constantFrom("paused:transient", "paused:transient", "paused:approval", "failed:logic", "failed:internal"),
  errorType: fc.constantFrom("NetworkError", "LogicError"),
  message: fc.constantFrom("it broke", "", "it's 😀"),
  retryAfterMs: fc.option(fc.constantFrom(1, 5_000_000)),
});

const NOT_MUTATING = ["executing", "preparing", "prepared", "mutated", "emitting"].map((phase) => `${phase}/active`);

const failRun = onRun("failRun", failure, ({ state }, seen, drawn) => ({
  ask: (real) => verbsOf(real).model.failRun(seen, drawn, []),
  settle: (now) => {
    const refusal = refuse(state, seen, NOT_MUTATING);
    if (refusal) return refusal;
    const run = state.runs.get(seen.id);
    if (run) fail(state, run, drawn, now);
    return moved(state, seen, {});
  },
}));

const abortRun = onRun("abortRun", fc.constant(null), ({ state }, seen) =>
  seen.status === "active"
    ? {
        ask: (real) => verbsOf(real).model.abortRun(seen, []),
        settle: (now) => {
          if (hasActed(seen)) return throws("IllegalTransitionError");
          const refusal = refuse(state, seen, ["preparing/active", "prepared/active"]);
          if (refusal) return refusal;
          const run = state.runs.get(seen.id);
          if (run) abort(state, run, now);
          return moved(state, seen, {});
        },
      }
    : null,
);

export const lifeVerbs = { publishFromOutside, start, prepare, beginEmitting, commit };

export const runVerbs = [
  publishFromOutside,
  publishFromOutside,
  start,
  start,
  start,
  start,
  prepare,
  prepare,
  prepare,
  beginEmitting,
  beginEmitting,
  commit,
  commit,
  commit,
  failRun,
  abortRun,
] as const;
