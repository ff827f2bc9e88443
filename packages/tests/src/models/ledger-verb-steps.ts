/** The verbs of the mutation ledger: calls, what they come to, and what connectors answer about them. */
import { InternalError, LogicError, NetworkError } from "@millrace/agent";
import type { HandlerRun, Mutation, RunId } from "@millrace/db";
import * as fc from "fast-check";
import { gives, learns, stepsOf, throws, type BoundStep } from "./batches.ts";
import { choice } from "./drawn-values.ts";
import {
  declareIndeterminate,
  declareUncertain,
  fail,
  refuse,
  settleApplied,
  settleNotApplied,
  weigh,
} from "./execution-rules.ts";
import {
  awaitsApproval,
  isUnsettled,
  pickMutation,
  type ExecutionState,
  type ModelMutation,
} from "./execution-state.ts";
import { moved, note, nothing, nowOf, onRun, verbsOf } from "./run-verb-steps.ts";

const steps = stepsOf<ExecutionState>();

const request = (amount: number) => ({
  connector: "bank",
  operation: "send",
  params: { amount },
  title: `Send ${amount}`,
});
const amount = fc.constantFrom(1, 2);

/** Takes a new row of the ledger into the model. */
function enter(
  state: ExecutionState,
  run: HandlerRun,
  mutation: Pick<Mutation, "id" | "idempotencyKey">,
  now: number,
  sent: boolean,
) {
  state.mutations.set(mutation.id, {
    id: mutation.id,
    run: run.id,
    status: sent ? "in_flight" : "pending",
    key: mutation.idempotencyKey,
    approvedAt: null,
    sentAt: sent ? now : null,
    createdAt: now,
    uncertainSince: null,
    reconcileAttempts: 0,
    notAppliedCount: 0,
    nextReconcileAt: null,
    resolution: null,
    resolvedAt: null,
    late: null,
  });
}

const start = onRun("start mutation", amount, ({ state }, seen, drawn) => ({
  ask: (real) => verbsOf(real).ledger.start(seen, request(drawn), []),
  settle: (now) => {
    const refusal = refuse(state, seen, ["prepared/active"]);
    if (refusal) return refusal;
    return learns(({ run, mutation }: { run: HandlerRun; mutation: Mutation }) => {
      enter(state, seen, mutation, now, true);
      Object.assign(state.runs.get(seen.id) ?? {}, { phase: "mutating", mutationId: mutation.id, endedAt: null });
      return { run: note(state, run), mutation };
    });
  },
}));

const requestApproval = onRun("requestApproval", amount, ({ state }, seen, drawn) => ({
  ask: (real) => verbsOf(real).ledger.requestApproval(seen, request(drawn), []),
  settle: (now) => {
    const refusal = refuse(state, seen, ["prepared/active"]);
    if (refusal) return refusal;
    return learns((run: HandlerRun) => {
      const id = run.mutationId;
      if (id === null) throw new Error("It waits for the approval of nothing.");
      enter(state, seen, { id, idempotencyKey: "" }, now, false);
      const patch = { status: "paused:approval", mutationId: id, endedAt: now };
      Object.assign(state.runs.get(seen.id) ?? {}, patch);
      Object.assign(state, { pending: seen.id, retryAt: null });
      state.notices.push({ kind: "approval", run: seen.id, mutation: id });
      return note(state, run);
    });
  },
}));

const startApproved = steps("startApproved", "reads", choice, (drawn, { state }): BoundStep => {
  const waiting = state.pending === null ? undefined : state.runs.get(state.pending);
  const mutation = waiting?.mutationId ? state.mutations.get(waiting.mutationId) : pickMutation(state, drawn);
  if (!mutation) return nothing;
  let now = 0;
  return {
    perform: async (real) => {
      const run = await real.stores.handlerRuns.get(mutation.run);
      now = nowOf(real);
      return verbsOf(real).ledger.startApproved(run, mutation.id);
    },
    settle: () => {
      const run = state.runs.get(mutation.run);
      if (mutation.approvedAt === null) return throws("NotResolvableError");
      if (mutation.status !== "pending") return throws("TransitionConflictError", { table: "mutations" });
      if (!run || !awaitsApproval(run)) return throws("IllegalTransitionError", { table: "handler_runs" });
      Object.assign(mutation, { status: "in_flight", sentAt: now });
      Object.assign(run, { phase: "mutating", status: "active", endedAt: null });
      Object.assign(state, { pending: null, retryAt: null });
      return learns(({ run: started, mutation: row }: { run: HandlerRun; mutation: Mutation }) => ({
        run: note(state, started),
        mutation: row,
      }));
    },
  };
});

const outcome = fc.constantFrom("applied", "failed", "uncertain", "rate limit");

function callOutcome(kind: "applied" | "failed" | "uncertain" | "rate limit") {
  if (kind === "applied") return { kind, result: { ok: true } } as const;
  if (kind === "failed") return { kind, error: new LogicError("no") } as const;
  if (kind === "uncertain") return { kind, error: new InternalError("who knows") } as const;
  return { kind: "failed", error: new NetworkError("never sent", { effect: "none" }) } as const;
}

const recordOutcome = steps(
  "recordOutcome",
  "reads",
  fc.record({ run: choice, mutation: choice, outcome, canReconcile: fc.boolean() }),
  ({ run: drawn, mutation: which, outcome: kind, canReconcile }, { state }): BoundStep => {
    const mutation = pickMutation(state, which);
    const seen = state.seen.findLast(({ id, phase }) => id === mutation?.run && (drawn >= 50 || phase === "mutating"));
    if (!mutation || !seen) return nothing;
    let now = 0;
    return {
      perform: async (real) => {
        now = nowOf(real);
        // As the call began: whoever made it knows nothing of what came since.
        const row = { ...(await real.stores.mutations.get(mutation.id)), status: "in_flight" as const };
        const terms = { canReconcile, settleMs: 0 };
        return (await verbsOf(real).ledger.recordOutcome(seen, row, callOutcome(kind), terms)).run;
      },
      settle: () => {
        if (mutation.status !== "in_flight") return throws("TransitionConflictError", { table: "mutations" });
        const refusal = refuse(state, seen, ["mutating/active"]);
        const run = state.runs.get(seen.id);
        if (refusal || !run) return refusal ?? gives(undefined);
        if (kind === "applied") {
          mutation.status = "applied";
          return moved(state, seen, { phase: "mutated", mutationOutcome: "applied" });
        }
        if (kind === "uncertain") {
          declareUncertain(state, run, mutation, "InternalError", now);
          if (!canReconcile) declareIndeterminate(state, run, mutation);
          return moved(state, seen, {});
        }
        mutation.status = "failed";
        const status = kind === "failed" ? "failed:logic" : "paused:transient";
        const errorType = kind === "failed" ? "LogicError" : "NetworkError";
        fail(state, run, { status, errorType, message: "", retryAfterMs: null }, now);
        return moved(state, seen, {});
      },
    };
  },
);

/** A verb on a mutation by its id, of which nothing but what follows from it is of interest. */
function onMutation<Drawn>(
  title: string,
  drawn: fc.Arbitrary<Drawn>,
  ask: (ledger: ReturnType<typeof verbsOf>["ledger"], id: Mutation["id"], values: Drawn) => Promise<unknown>,
  settle: (state: ExecutionState, mutation: ModelMutation, values: Drawn, now: number) => void,
  isMeant: (mutation: ModelMutation) => boolean = () => true,
) {
  return steps(title, "write", fc.record({ mutation: choice, drawn }), (values, { state }): BoundStep => {
    const mutation = pickMutation(state, values.mutation);
    if (!mutation || !isMeant(mutation)) return nothing;
    let now = 0;
    return {
      perform: async (real) => {
        now = nowOf(real);
        await ask(verbsOf(real).ledger, mutation.id, values.drawn);
      },
      settle: () => {
        settle(state, mutation, values.drawn, now);
        return gives(undefined);
      },
    };
  });
}

function runOf(state: ExecutionState, id: RunId) {
  const run = state.runs.get(id);
  if (!run) throw new Error("A mutation without its run.");
  return run;
}

function noteLate(state: ExecutionState, mutation: ModelMutation, late: ModelMutation["late"]): void {
  mutation.late = late;
  state.notices.push({ kind: "late_outcome", run: null, mutation: mutation.id });
}

function asAnswer(outcomeWord: "applied" | "not_applied" | "retry" | "inconclusive") {
  if (outcomeWord === "applied") return { outcome: outcomeWord, result: { ok: true } } as const;
  if (outcomeWord === "not_applied") return { outcome: outcomeWord } as const;
  return { outcome: outcomeWord, reason: "it's 😀" } as const;
}

const recordAnswer = onMutation(
  "recordAnswer",
  fc.record({
    answer: fc.constantFrom("applied", "not_applied", "not_applied", "retry", "inconclusive"),
    settleMs: fc.constantFrom(0, 60_000),
  }),
  (ledger, id, { answer, settleMs }) => ledger.recordAnswer(id, asAnswer(answer), { canReconcile: true, settleMs }),
  (state, mutation, { answer, settleMs }, now) => {
    if (mutation.status === "needs_reconcile")
      weigh(state, runOf(state, mutation.run), mutation, answer, settleMs, now);
    // A verdict does not change, and that it happened all the same is not lost.
    else if (mutation.status === "failed" && answer === "applied") noteLate(state, mutation, "applied");
  },
);

const recordLateOutcome = onMutation(
  "recordLateOutcome",
  outcome,
  (ledger, id, kind) => ledger.recordLateOutcome(id, callOutcome(kind)),
  (state, mutation, kind, now) => {
    noteLate(state, mutation, kind === "rate limit" ? "failed" : kind);
    if (!isUnsettled(mutation)) return;
    const run = runOf(state, mutation.run);
    if (kind === "applied") settleApplied(state, run, mutation, now);
    else if (kind !== "uncertain") settleNotApplied(state, run, mutation, "connector", now);
  },
  // A call is late once its outcome was declared uncertain.
  (mutation) => mutation.uncertainSince !== null,
);

export const callVerbs = { start, requestApproval, startApproved, recordOutcome };

export const ledgerVerbs = [
  start,
  start,
  start,
  requestApproval,
  requestApproval,
  startApproved,
  recordOutcome,
  recordOutcome,
  recordOutcome,
  recordAnswer,
  recordAnswer,
  recordLateOutcome,
] as const;
