/** What people decide, and what comes over an engine: verdicts, approvals, skips, replays, deploys, the end of its process. */
import type { InputId, MutationId, ReplayPhase, RunId } from "@millrace/db";
import * as fc from "fast-check";
import { gives, stepsOf, throws, type BoundStep } from "./batches.ts";
import { choice } from "./drawn-values.ts";
import { definitionOf, VERSIONS, type Version } from "./execution-ground.ts";
import {
  abort,
  declareUncertain,
  dueNow,
  isRetryable,
  release,
  settleApplied,
  settleNotApplied,
  settleNotices,
  withdraw,
} from "./execution-rules.ts";
import {
  activeRun,
  awaitsApproval,
  hasActed,
  heldBy,
  isForgone,
  isUnsettled,
  pickMutation,
  type ExecutionState,
  type ModelRun,
} from "./execution-state.ts";
import { nothing, nowOf, verbsOf } from "./run-verb-steps.ts";

const steps = stepsOf<ExecutionState>();
const STRANGER = "no such id";

const waiting = ({ pending, runs }: ExecutionState) => (pending === null ? undefined : runs.get(pending));

const resolve = steps(
  "resolve",
  "write",
  fc.record({ mutation: choice, verdict: fc.constantFrom("happened", "did_not_happen", "skip", "try_again") }),
  ({ mutation: drawn, verdict }, { state }): BoundStep => {
    const mutation = drawn === 59 ? undefined : pickMutation(state, drawn);
    const id = mutation?.id ?? (STRANGER as MutationId);
    let now = 0;
    return {
      perform: async (real) => {
        now = nowOf(real);
        await verbsOf(real).engine.resolveMutation(id, { verdict, by: "somebody" });
      },
      settle: () => {
        const run = mutation && state.runs.get(mutation.run);
        if (!mutation || !run) return throws("NotFoundError", { table: "mutations" });
        if (!isUnsettled(mutation)) return throws("NotResolvableError");
        if (verdict === "happened") settleApplied(state, run, mutation, now);
        if (verdict === "did_not_happen") settleNotApplied(state, run, mutation, "person", now);
        if (verdict === "skip") {
          // It stays unknown, and no longer matters.
          Object.assign(mutation, { status: "indeterminate", resolvedAt: now, nextReconcileAt: null });
          run.mutationOutcome = "skipped";
          dueNow(state, run, now);
        }
        if (verdict === "try_again") {
          const anew = { reconcileAttempts: 0, notAppliedCount: 0, uncertainSince: now, nextReconcileAt: now };
          Object.assign(mutation, anew, { status: "needs_reconcile" });
          dueNow(state, run, now);
          state.retryAt = null;
        }
        mutation.resolution = verdict;
        return gives(undefined);
      },
    };
  },
);

const approve = steps(
  "approve",
  "write",
  fc.record({ mutation: choice, approved: fc.boolean() }),
  ({ mutation: drawn, approved }, { state }): BoundStep => {
    const mutation = pickMutation(state, drawn);
    if (!mutation) return nothing;
    let now = 0;
    return {
      perform: async (real) => {
        now = nowOf(real);
        await verbsOf(real).engine.approve(mutation.id, { approved, by: "somebody" });
      },
      settle: () => {
        const run = state.runs.get(mutation.run);
        const waits = mutation.status === "pending" && mutation.approvedAt === null && run && awaitsApproval(run);
        if (!waits) return throws("NotResolvableError");
        if (approved) mutation.approvedAt = now;
        else {
          Object.assign(mutation, { status: "failed", resolvedAt: now });
          run.mutationOutcome = "skipped";
        }
        dueNow(state, run, now);
        return gives(undefined);
      },
    };
  },
);

const retry = steps("retry", "reads", fc.constant(null), (_drawn, { state }): BoundStep => {
  let now = 0;
  return {
    perform: async (real) => {
      now = nowOf(real);
      await verbsOf(real).engine.retry("letters", { by: "somebody" });
    },
    settle: () => {
      const run = waiting(state);
      if (!run || !isRetryable(run)) return throws("NotResolvableError");
      dueNow(state, run, now);
      return gives(undefined);
    },
  };
});

const skipInput = steps(
  "skipInput",
  "write",
  fc.constantFrom("one", "two", "three"),
  (external, { state }): BoundStep => {
    const id = state.inputs.get(external)?.id ?? (STRANGER as InputId);
    let now = 0;
    return {
      perform: async (real) => {
        now = nowOf(real);
        const { skipped, events, abortedRuns, completingRuns } = await verbsOf(real).engine.skipInput(id);
        return { skipped, events, aborted: abortedRuns, completing: completingRuns };
      },
      settle: () => {
        const input = state.inputs.get(external);
        if (!input) return throws("NotFoundError", { table: "inputs" });
        if (input.skipped) return gives({ skipped: false, events: 0, aborted: [], completing: [] });
        input.skipped = true;
        const own = [...state.events.values()].filter((event) => event.inputs.has(external));
        const forgone = own.filter((event) => event.status === "pending" && isForgone(state, event));
        for (const event of forgone) Object.assign(event, { status: "skipped", updatedAt: now });
        const holders = new Set(own.flatMap(({ status, holder }) => (status === "reserved" && holder ? [holder] : [])));
        const result: { aborted: RunId[]; completing: RunId[] } = { aborted: [], completing: [] };
        for (const holder of holders)
          (endForInput(state, holder, now) ? result.aborted : result.completing).push(holder);
        return gives({ skipped: true, events: forgone.length, ...result });
      },
    };
  },
);

/** What has not acted is aborted; what has completes. */
function endForInput(state: ExecutionState, id: RunId, now: number): boolean {
  const run = state.runs.get(id);
  if (!run || hasActed(run)) return false;
  const isBefore = run.phase === "preparing" || run.phase === "prepared";
  if (!isBefore || !(run.status === "active" || run.status === "paused:approval")) return false;
  abort(state, run, now);
  withdraw(state, run);
  return true;
}

const restart = steps("restart", "reads", fc.constant(null), (_drawn, { state }): BoundStep => {
  let now = 0;
  return {
    perform: async (real) => {
      now = nowOf(real);
      await verbsOf(real).restart();
    },
    settle: () => {
      state.aliveSince = now;
      const run = activeRun(state);
      const mutation = run?.mutationId ? state.mutations.get(run.mutationId) : undefined;
      if (run?.phase === "mutating" && mutation) declareUncertain(state, run, mutation, null, now);
      else if (run) {
        Object.assign(run, { status: "crashed", endedAt: now });
        if (!hasActed(run)) release(state, run, now);
        Object.assign(state, { pending: run.id, retryAt: now });
      }
      return gives(undefined);
    },
  };
});

const hasHandler = (version: Version, { handlerType, handlerName }: ModelRun) => {
  const { producers, consumers } = VERSIONS[version];
  const names: readonly string[] = handlerType === "producer" ? producers : consumers;
  return names.includes(handlerName);
};

/** Gives up what a workflow waits for, unless it has acted. */
function giveUp(state: ExecutionState, run: ModelRun, now: number): boolean {
  if (run.phase === "committed") return withdrawReplay(state, run, now);
  if (awaitsApproval(run)) {
    Object.assign(run, { status: "aborted", endedAt: now });
    release(state, run, now);
  } else if (!isRetryable(run) || hasActed(run)) return false;
  Object.assign(state, { pending: null, retryAt: null, error: false });
  settleNotices(state, run);
  withdraw(state, run);
  return true;
}

function withdrawReplay(state: ExecutionState, run: ModelRun, now: number): boolean {
  if (state.replay?.run !== run.id) return false;
  state.replay = null;
  for (const event of heldBy(state, run.id)) Object.assign(event, { status: "consumed", updatedAt: now });
  Object.assign(state, { pending: null, retryAt: null });
  return true;
}

const giveUpWaiting = steps("giveUp", "reads", fc.constant(null), (_drawn, { state }): BoundStep => {
  const run = waiting(state);
  if (!run) return nothing;
  let now = 0;
  return {
    perform: async (real) => {
      now = nowOf(real);
      return verbsOf(real).model.giveUp(await real.stores.handlerRuns.get(run.id));
    },
    settle: () => gives(giveUp(state, run, now)),
  };
});

const deploy = steps("deploy", "reads", fc.constantFrom<Version[]>(0, 1, 2), (version, { state }): BoundStep => {
  let now = 0;
  return {
    perform: (real) => {
      now = nowOf(real);
      return verbsOf(real).engine.deploy(definitionOf(version));
    },
    settle: () => {
      const isNew = version !== state.version;
      state.version = version;
      const run = waiting(state);
      if (!isNew || !run) return gives(undefined);
      if (!hasHandler(version, run)) giveUp(state, run, now);
      else if (run.status === "failed:logic" || run.status === "crashed") dueNow(state, run, now);
      return gives(undefined);
    },
  };
});

const replay = steps(
  "replay",
  "reads",
  fc.record({
    run: choice,
    from: fc.constantFrom<ReplayPhase[]>("preparing", "emitting", "executing"),
    cross: fc.boolean(),
  }),
  ({ run: drawn, from, cross }, { state }): BoundStep => {
    const committed = [...state.runs.values()].filter(({ phase }) => phase === "committed");
    const all = drawn < 50 && committed.length > 0 ? committed : [...state.runs.values()];
    const run = all[drawn % Math.max(1, all.length)];
    if (!run) return nothing;
    const keys = eventsAgain(state, run, from);
    const effects = from === "preparing" ? effectsOf(state, run, keys) : [];
    let now = 0;
    return {
      perform: async (real) => {
        now = nowOf(real);
        await verbsOf(real).engine.replayRun(run.id, { from, by: "somebody", cross: cross ? effects : [] });
      },
      settle: () => {
        if (isReplayRefused(state, run, from, keys)) return throws("ReplayRefusedError");
        if (!cross && effects.length > 0) return throws("EffectCrossingError");
        for (const event of from === "executing" ? [] : heldBy(state, run.id, "consumed")) {
          if (from === "emitting") Object.assign(event, { status: "reserved", updatedAt: now });
          else if (!isForgone(state, event)) Object.assign(event, { status: "pending", holder: null, updatedAt: now });
        }
        Object.assign(state, { pending: run.id, retryAt: now, replay: { run: run.id, from } });
        for (const key of keys) state.replayed.add(key);
        return gives(undefined);
      },
    };
  },
);

function eventsAgain(state: ExecutionState, run: ModelRun, from: ReplayPhase): string[] {
  if (run.handlerType !== "consumer" || from === "executing") return [];
  return [...(state.reserved.get(run.id) ?? [])].filter((key) => {
    const event = state.events.get(key);
    if (event?.holder !== run.id || event.status !== "consumed") return false;
    return from === "emitting" || !isForgone(state, event);
  });
}

/** What has happened, or may have, for the events that are handled again, whichever run did it. */
function effectsOf(state: ExecutionState, run: ModelRun, keys: readonly string[]): MutationId[] {
  const handlers = [...state.reserved].flatMap(([id, own]) => (keys.some((key) => own.has(key)) ? [id] : []));
  return [...state.mutations.values()]
    .filter((mutation) => handlers.includes(mutation.run) || mutation.run === run.id)
    .filter(({ status, late }) => late === "applied" || (status !== "failed" && status !== "pending"))
    .map(({ id }) => id);
}

function isReplayRefused(state: ExecutionState, run: ModelRun, from: ReplayPhase, keys: readonly string[]): boolean {
  if ((run.handlerType === "producer") !== (from === "executing")) return true;
  if (!hasHandler(state.version, run) || run.phase !== "committed") return true;
  if (from === "emitting" && !hasActed(run)) return true;
  if (activeRun(state) || state.pending !== null || state.error) return true;
  if (from === "preparing") return keys.length === 0;
  if (from === "executing") return false;
  const handled = [...(state.reserved.get(run.id) ?? [])].flatMap((key) => state.events.get(key) ?? []);
  return (
    handled.length === 0 ||
    handled.some((event) => event.holder !== run.id) ||
    handled.every((event) => isForgone(state, event))
  );
}

const DAY = 86_400_000;
const timePasses = steps(
  "time passes",
  "reads",
  fc.constantFrom(1, 1_000, 5_000, 70_000, 3_600_000, DAY, -3_600_000),
  (span): BoundStep => ({
    perform: async (real) => {
      const { clock } = verbsOf(real);
      clock.jumpTo(Math.max(0, clock.now() + span));
    },
    settle: () => gives(undefined),
  }),
);

export const decisions = { resolve, approve, retry, replay };

export const personVerbs = [
  resolve,
  resolve,
  approve,
  approve,
  retry,
  skipInput,
  restart,
  giveUpWaiting,
  deploy,
  replay,
  timePasses,
  timePasses,
] as const;
