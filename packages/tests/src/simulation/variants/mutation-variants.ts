/** The mutation ledger broken: what is known of each external action. */
import type { Variant } from "./variant.ts";

const ledger = "agent/src/execution/mutation-ledger.ts";
const reconcile = "agent/src/execution/reconcile.ts";
const recovery = "agent/src/execution/recovery.ts";
const resolutions = "agent/src/execution/resolutions.ts";
const callConnector = "agent/src/handlers/call-connector.ts";
const runHandler = "agent/src/handlers/run-handler.ts";
const transitions = "agent/src/execution/transitions.ts";

export const mutationVariants: readonly Variant[] = [
  {
    name: "in flight written after the call",
    breaks: "The request is sent first, and its row is written afterwards.",
    seed: 1,
    edits: [
      {
        file: runHandler,
        find: `        const started = await this.write(scope, (logs) => ledger.start(run, request, logs, takePrepared));`,
        replace: `        const unwritten = { ...request, idempotencyKey: progress.run.id } as Mutation;
        const outcome = await this.call(scope, operation, unwritten, () => undefined);
        const started = await this.write(scope, (logs) => ledger.start(run, request, logs, takePrepared));
        const terms = { canReconcile: operation.reconcile !== undefined, settleMs: operation.settleMs ?? 0 };
        const recorded = await this.persist(() => ledger.recordOutcome(started.run, started.mutation, outcome, terms));
        notePrepared(progress, recorded.run, result);
        if (recorded) return null;`,
      },
    ],
  },
  {
    name: "blind retry after a crash",
    breaks: "A call that was in flight when the process died is taken for one that did not happen.",
    seed: 20,
    edits: [
      {
        file: recovery,
        find: "await ledger.declareUncertain(step, run, mutation, { reason: IN_FLIGHT_REASON, errorType: null }, terms);",
        replace: `const paused = await ledger.declareUncertain(step, run, mutation, { reason: IN_FLIGHT_REASON, errorType: null }, terms);
    const by = { kind: "connector", name: "recovery" } as const;
    await ledger.settleNotApplied(step, paused, { ...mutation, status: "needs_reconcile" }, by);`,
      },
    ],
  },
  {
    name: "uncertain taken for failed",
    breaks: "A call without an answer counts as one that did not happen.",
    seed: 1,
    edits: [
      {
        file: callConnector,
        find: 'return { kind: error.effect === "none" ? "failed" : "uncertain", error };',
        replace: 'return { kind: "failed", error };',
      },
    ],
  },
  {
    name: "uncertain taken for applied",
    breaks: "A call without an answer counts as one that happened.",
    seed: 1,
    edits: [
      {
        file: callConnector,
        find: 'return { kind: error.effect === "none" ? "failed" : "uncertain", error };',
        replace: 'return error.effect === "none" ? { kind: "failed", error } : { kind: "applied", result: null };',
      },
    ],
  },
  {
    name: "settle window ignored",
    breaks: "That nothing is to be seen is believed before the other side has had time to show it.",
    seed: 1,
    edits: [{ file: reconcile, find: "if (now < settledAt) return askAt(mutation, 0, settledAt, now);", replace: "" }],
  },
  {
    name: "settle window from the sending",
    breaks: "The settle window counts from when the request was sent, not from when it was given up.",
    seed: 1,
    edits: [
      {
        file: reconcile,
        find: "const givenUpAt = mutation.uncertainSince ?? mutation.sentAt ?? mutation.createdAt;",
        replace: "const givenUpAt = mutation.sentAt ?? mutation.createdAt;",
      },
    ],
  },
  {
    name: "applied recorded apart from its run",
    breaks: "The row says that the call happened in another transaction than the one that moves the run.",
    seed: 1,
    edits: [
      {
        file: ledger,
        find: `    await mutations.transition(mutation.id, "in_flight", patch, now, tx);
    const changed`,
        replace: `    setImmediate(() => {
      const write = this.applier.inOneTransaction("mutation.recordOutcome", (own) =>
        mutations.transition(mutation.id, "in_flight", patch, own.now, own.tx),
      );
      write.catch(() => undefined);
    });
    const changed`,
      },
    ],
  },
  {
    name: "new key for a repetition",
    breaks: "A call that is made again after an uncertain outcome carries a new idempotency key.",
    seed: 1,
    edits: [{ file: ledger, find: "return same ? previous.idempotencyKey : run.id;", replace: "return run.id;" }],
  },
  {
    name: "did not happen taken for happened",
    breaks: "A person says that a call did not happen, and it counts as done.",
    seed: 1,
    edits: [
      {
        file: resolutions,
        find: 'await this.ledger.settleNotApplied(step, run, mutation, { kind: "person", name: by });',
        replace: "await this.ledger.settleApplied(step, run, mutation, result, by);",
      },
    ],
  },
  {
    name: "happened taken for did not happen",
    breaks: "A person says that a call happened, and it is made again.",
    seed: 10,
    edits: [
      {
        file: resolutions,
        find: "await this.ledger.settleApplied(step, run, mutation, result, by);",
        replace: 'await this.ledger.settleNotApplied(step, run, mutation, { kind: "person", name: by });',
      },
    ],
  },
  {
    name: "late success taken for a failure",
    breaks: "A call that answers late that it is done counts as one that did not happen.",
    seed: 20,
    edits: [
      {
        file: ledger,
        find: 'if (outcome.kind === "applied") await this.settleApplied(step, run, mutation, outcome.result, by);',
        replace:
          'if (outcome.kind === "applied") await this.settleNotApplied(step, run, mutation, { kind: "connector", name: by });',
      },
    ],
  },
  {
    name: "skipped outcome forgotten",
    breaks: "A person says that an outcome no longer matters, and the run does not remember it.",
    seed: 3,
    edits: [
      {
        file: transitions,
        find: 'return { patch: { ...stay, mutationOutcome: "skipped" }, events: "keep", ...dueNow };',
        replace: 'return { patch: null, events: "keep", ...dueNow };',
      },
    ],
  },
  {
    name: "indeterminate without a notice",
    breaks: "Nobody is told of an outcome that the machine can't find out.",
    seed: 1,
    edits: [
      {
        file: transitions,
        find: `        workflowError: event.message,
        notify: { kind: "indeterminate", message: event.message },`,
        replace: "        workflowError: event.message,",
      },
    ],
  },
  {
    name: "sent without approval",
    breaks: "A call that a person must approve is made at once.",
    seed: 3,
    edits: [{ file: runHandler, find: "if (captured && !captured.needsApproval) {", replace: "if (captured) {" }],
  },
  {
    name: "outcome given up when the disk is full",
    breaks: "What is known of a call is not written again when the database could not take it.",
    seed: 27,
    edits: [
      {
        file: "agent/src/handlers/persist.ts",
        find: "if (stopSignal.aborted || !PASSING.some((type) => error instanceof type)) throw error;",
        replace: "if (stopSignal.aborted || PASSING.length > 0) throw error;",
      },
    ],
  },
];
