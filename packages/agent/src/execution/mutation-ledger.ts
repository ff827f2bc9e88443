/**
 * The mutation ledger: what is known of each external action, one verb a transition, each one transaction.
 *
 * Invariants:
 * 1. A request is sent only after its row is `in_flight` on disk, with its parameters and its idempotency key.
 * 2. Nothing uncertain is sent again before a verdict: the connector's, or a person's.
 * 3. A verdict never changes silently: what a call gives after its verdict is noted and a person is told.
 */
import {
  IllegalTransitionError,
  NotSerialisableError,
  ValueTooLargeError,
  encodeJson,
  type HandlerRun,
  type JsonValue,
  type Mutation,
  type MutationId,
  type RunLog,
} from "@millrace/db";
import type { ReconcileAnswer } from "../connectors/define-connector.ts";
import { endedWithProcess } from "./crash-limit.ts";
import { crashesInARow } from "./crashes-in-a-row.ts";
import { ClockSteps } from "./clock-steps.ts";
import { weighAnswer, type ReconcileTerms } from "./reconcile.ts";
import { describeFailure } from "./run-status.ts";
import type { ExecutionDependencies, Step, TransitionApplier } from "./transition-applier.ts";
import type { RunEvent } from "./transitions.ts";
import { asSentence, describeUnknown } from "./unknown-outcome.ts";
import { NotResolvableError, type ClassifiedError } from "../errors.ts";

/** A checked call that a `mutate` handler has asked for. */
export interface MutationRequest {
  connector: string;
  operation: string;
  params: JsonValue;
  title: string;
}

/** What a call of a connector came to. */
export type CallOutcome =
  | { kind: "applied"; result: unknown }
  | { kind: "failed"; error: ClassifiedError }
  | { kind: "uncertain"; error: ClassifiedError };

export class MutationLedger {
  private readonly applier: TransitionApplier;
  private readonly dependencies: ExecutionDependencies;
  private readonly clockSteps: ClockSteps;

  constructor(dependencies: ExecutionDependencies, applier: TransitionApplier) {
    this.dependencies = dependencies;
    this.applier = applier;
    this.clockSteps = new ClockSteps(dependencies.clock);
  }

  /**
   * prepared → mutating: writes the row `in_flight`. The request may be sent when this has resolved.
   * @param takePrepared writes first what the run has prepared, where that is not done yet
   * @throws IllegalTransitionError, TransitionConflictError, and what `takePrepared` throws
   */
  start(
    run: HandlerRun,
    request: MutationRequest,
    logs: readonly RunLog[],
    takePrepared?: (step: Step) => Promise<RunEvent>,
  ): Promise<{ run: HandlerRun; mutation: Mutation }> {
    return this.applier.inOneTransaction("mutation.start", async (step) => {
      // A run that is not active has a row already, which waits for a person: that one is sent by `startApproved` alone.
      if (run.status !== "active")
        throw new IllegalTransitionError("handler_runs", run.id, `${run.phase}/${run.status}`, "mutation_started");
      const before = takePrepared ? [await takePrepared(step)] : [];
      const mutation = await this.createRow(step, run, request, "in_flight");
      const started = { type: "mutation_started", mutationId: mutation.id } as const;
      const changed = await this.applier.applyInTurn(step, run, [...before, started], logs);
      await this.applier.announceRow(step, mutation);
      return { run: changed, mutation };
    });
  }

  /** prepared → paused:approval: writes the row `pending`, with the very parameters that a person is to approve. */
  requestApproval(run: HandlerRun, request: MutationRequest, logs: readonly RunLog[]): Promise<HandlerRun> {
    return this.applier.inOneTransaction("mutation.requestApproval", async (step) => {
      const mutation = await this.createRow(step, run, request, "pending");
      await this.applier.announceRow(step, mutation);
      const message = `Approve "${mutation.title}" (${mutation.connector}.${mutation.operation})?`;
      return this.applier.apply(step, run, { type: "approval_requested", mutationId: mutation.id, message }, logs);
    });
  }

  /** paused:approval → mutating, once a person has approved: the row goes `in_flight` as it is. */
  startApproved(run: HandlerRun, mutationId: MutationId): Promise<{ run: HandlerRun; mutation: Mutation }> {
    return this.applier.inOneTransaction("mutation.startApproved", async (step) => {
      const { mutations } = this.dependencies.stores;
      const { approvedAt } = await mutations.get(mutationId, step.tx);
      if (approvedAt === null) throw new NotResolvableError(`Mutation ${mutationId} has not been approved.`);
      await mutations.transition(mutationId, "pending", { status: "in_flight", sentAt: step.now }, step.now, step.tx);
      const changed = await this.applier.apply(step, run, { type: "mutation_started", mutationId });
      return { run: changed, mutation: await this.applier.announceMutation(step, mutationId) };
    });
  }

  /** Records what the call came to; when it is uncertain, the connector is to be asked at once. */
  recordOutcome(
    run: HandlerRun,
    mutation: Mutation,
    outcome: CallOutcome,
    terms: ReconcileTerms,
  ): Promise<{ run: HandlerRun; mutation: Mutation }> {
    return this.applier.inOneTransaction("mutation.recordOutcome", async (step) => {
      if (outcome.kind === "applied") return this.recordApplied(step, run, mutation, outcome.result);
      const changed = await this.applyTrouble(step, run, mutation, outcome, terms);
      return { run: changed, mutation: await this.applier.announceMutation(step, mutation.id) };
    });
  }

  /** Takes the connector's answer about an uncertain mutation. */
  recordAnswer(mutationId: MutationId, answer: ReconcileAnswer, terms: ReconcileTerms): Promise<Mutation> {
    return this.applier.inOneTransaction("mutation.recordAnswer", async (step) => {
      const { mutations, handlerRuns } = this.dependencies.stores;
      const mutation = await mutations.get(mutationId, step.tx);
      const run = await handlerRuns.get(mutation.handlerRunId, step.tx);
      if (mutation.status === "needs_reconcile") await this.applyAnswer(step, run, mutation, answer, terms);
      // Somebody has settled it while the connector was asked; that it happened all the same must not be lost.
      else if (mutation.status === "failed" && answer.outcome === "applied")
        await this.noteLateOutcome(step, run, mutation, { kind: "applied", result: answer.result });
      else return mutation;
      return this.applier.announceMutation(step, mutationId);
    });
  }

  /**
   * Notes what a call gave after its outcome had been declared uncertain. While nobody has decided, a definite answer
   * of the call itself is the verdict; afterwards it changes nothing, and a person is told.
   */
  recordLateOutcome(mutationId: MutationId, outcome: CallOutcome): Promise<void> {
    return this.applier.inOneTransaction("mutation.recordLateOutcome", async (step) => {
      const { mutations, handlerRuns } = this.dependencies.stores;
      const mutation = await mutations.get(mutationId, step.tx);
      const run = await handlerRuns.get(mutation.handlerRunId, step.tx);
      await this.noteLateOutcome(step, run, mutation, outcome);
      if (isOpen(mutation)) await this.settleByLateOutcome(step, run, mutation, outcome);
      await this.applier.announceMutation(step, mutationId);
    });
  }

  /** The mutation happened: the run continues in `next`. */
  async settleApplied(step: Step, run: HandlerRun, mutation: Mutation, result: unknown, by: string): Promise<void> {
    const patch = { ...this.storableResult(result, mutation), status: "applied" as const, ...settledBy(by, step.now) };
    await this.dependencies.stores.mutations.transition(mutation.id, mutation.status, patch, step.now, step.tx);
    await this.applier.apply(step, run, { type: "found_applied" });
  }

  /** The mutation did not happen: its events are free for a fresh run. */
  async settleNotApplied(
    step: Step,
    run: HandlerRun,
    mutation: Mutation,
    by: { kind: "connector" | "person"; name: string },
  ): Promise<void> {
    const patch = { status: "failed" as const, ...settledBy(by.name, step.now) };
    await this.dependencies.stores.mutations.transition(mutation.id, mutation.status, patch, step.now, step.tx);
    const crashes = endedWithProcess(run) ? await crashesInARow(this.dependencies.stores, run, step.tx) : 0;
    await this.applier.apply(step, run, { type: "found_not_applied", by: by.kind, crashes });
  }

  /** Declares an outcome unknown to the machine: the workflow stops and a person is asked. */
  async declareIndeterminate(step: Step, run: HandlerRun, mutation: Mutation, reason: string): Promise<void> {
    const patch = {
      status: "indeterminate" as const,
      error: reason,
      nextReconcileAt: null,
      resolution: null,
      resolvedBy: null,
      resolvedAt: null,
    };
    await this.dependencies.stores.mutations.transition(mutation.id, mutation.status, patch, step.now, step.tx);
    const message = describeUnknown(await this.dependencies.redaction.mutation(mutation, step.tx), reason);
    await this.applier.apply(step, run, { type: "mutation_indeterminate", message });
  }

  /** Declares the outcome of a call in flight uncertain. */
  async declareUncertain(
    step: Step,
    run: HandlerRun,
    mutation: Mutation,
    { reason, errorType }: { reason: string; errorType: string | null },
    terms: ReconcileTerms,
  ): Promise<HandlerRun> {
    const { now, tx } = step;
    const patch = { status: "needs_reconcile" as const, error: reason, uncertainSince: now, nextReconcileAt: now };
    await this.dependencies.stores.mutations.transition(mutation.id, mutation.status, patch, now, tx);
    const paused = await this.applier.apply(step, run, { type: "mutation_uncertain", reason, errorType });
    if (!terms.canReconcile) {
      const uncertain = { ...mutation, ...patch };
      await this.declareIndeterminate(
        step,
        paused,
        uncertain,
        `${asSentence(reason)} The operation can't be asked what became of it.`,
      );
    }
    return paused;
  }

  private async settleByLateOutcome(
    step: Step,
    run: HandlerRun,
    mutation: Mutation,
    outcome: CallOutcome,
  ): Promise<void> {
    const by = "late answer";
    if (outcome.kind === "applied") await this.settleApplied(step, run, mutation, outcome.result, by);
    if (outcome.kind === "failed") await this.settleNotApplied(step, run, mutation, { kind: "connector", name: by });
  }

  /** Writes down what came late, and tells a person. */
  private async noteLateOutcome(
    step: Step,
    { workflowId }: HandlerRun,
    mutation: Mutation,
    outcome: CallOutcome,
  ): Promise<void> {
    const { mutations, notifications } = this.dependencies.stores;
    const { tx, now } = step;
    const { id: mutationId, title, resolution, status } = mutation;
    await mutations.annotate(mutationId, { lateOutcome: this.describeLateOutcome(outcome, mutation, now) }, now, tx);
    const when = isOpen(mutation)
      ? "before anybody had decided about it"
      : `after it had been settled as ${resolution ?? status}: compare the two`;
    const message = `"${title}" was answered late (${outcome.kind}), ${when}.`;
    const notice = { workflowId, runId: null, mutationId, kind: "late_outcome" as const, message };
    step.announce({ name: "notification:created", args: [await notifications.create(notice, now, tx)] });
  }

  private async recordApplied(
    step: Step,
    run: HandlerRun,
    mutation: Mutation,
    result: unknown,
  ): Promise<{ run: HandlerRun; mutation: Mutation }> {
    const { mutations } = this.dependencies.stores;
    const { now, tx } = step;
    const patch = { ...this.storableResult(result, mutation), status: "applied" as const };
    await mutations.transition(mutation.id, "in_flight", patch, now, tx);
    const changed = await this.applier.apply(step, run, { type: "mutation_applied" });
    const applied = { ...mutation, ...patch, updatedAt: now };
    await this.applier.announceRow(step, applied);
    return { run: changed, mutation: applied };
  }

  private async applyTrouble(
    step: Step,
    run: HandlerRun,
    mutation: Mutation,
    outcome: Exclude<CallOutcome, { kind: "applied" }>,
    terms: ReconcileTerms,
  ): Promise<HandlerRun> {
    const { mutations } = this.dependencies.stores;
    const { now, tx } = step;
    switch (outcome.kind) {
      case "failed": {
        await mutations.transition(
          mutation.id,
          "in_flight",
          { status: "failed", error: outcome.error.message },
          now,
          tx,
        );
        return this.applier.apply(step, run, { type: "mutation_failed", failure: describeFailure(outcome.error) });
      }
      case "uncertain": {
        const { message: reason, name: errorType } = outcome.error;
        return this.declareUncertain(step, run, mutation, { reason, errorType }, terms);
      }
    }
  }

  private async applyAnswer(
    step: Step,
    run: HandlerRun,
    mutation: Mutation,
    answer: ReconcileAnswer,
    terms: ReconcileTerms,
  ): Promise<void> {
    const { policy, random, stores } = this.dependencies;
    const { steadySince } = this.clockSteps;
    const verdict = weighAnswer(mutation, answer, terms, { now: step.now, policy, random: random(), steadySince });
    switch (verdict.kind) {
      case "applied":
        return this.settleApplied(step, run, mutation, verdict.result, "reconcile");
      case "not_applied":
        return this.settleNotApplied(step, run, mutation, { kind: "connector", name: "reconcile" });
      case "indeterminate":
        return this.declareIndeterminate(step, run, mutation, verdict.reason);
      case "ask_again":
        return stores.mutations.transition(mutation.id, "needs_reconcile", verdict.patch, step.now, step.tx);
    }
  }

  private async createRow(
    step: Step,
    run: HandlerRun,
    request: MutationRequest,
    status: "pending" | "in_flight",
  ): Promise<Mutation> {
    const { mutation } = await this.dependencies.stores.mutations.create(
      {
        ...request,
        handlerRunId: run.id,
        workflowId: run.workflowId,
        idempotencyKey: await this.idempotencyKey(step, run, request),
        sentAt: status === "in_flight" ? step.now : null,
        status,
      },
      step.now,
      step.tx,
    );
    return mutation;
  }

  /**
   * A repetition of a call whose outcome was uncertain carries its key, so that the other side can tell that both are
   * one. After a definite failure, or with other parameters, the key is new: the old one stands for the failed call.
   */
  private async idempotencyKey({ tx }: Step, run: HandlerRun, request: MutationRequest): Promise<string> {
    const { handlerRuns, mutations } = this.dependencies.stores;
    let previousId = run.retryOf;
    while (previousId !== null) {
      const previous = await mutations.findByRun(previousId, tx);
      if (previous) {
        const same =
          previous.uncertainSince !== null &&
          previous.connector === request.connector &&
          previous.operation === request.operation &&
          JSON.stringify(previous.params) === JSON.stringify(request.params);
        return same ? previous.idempotencyKey : run.id;
      }
      previousId = (await handlerRuns.get(previousId, tx)).retryOf;
    }
    return run.id;
  }

  private describeLateOutcome(outcome: CallOutcome, mutation: Mutation, at: number): JsonValue {
    if (outcome.kind !== "applied") return { at, kind: outcome.kind, error: outcome.error.message };
    const { result, error } = this.storableResult(outcome.result, mutation);
    return { at, kind: outcome.kind, ...(error === null ? { result } : { error }) };
  }

  /** The effect is there even if its result can't be stored; then the row says why it has none. */
  private storableResult(result: unknown, mutation: Mutation): { result: JsonValue | null; error: string | null } {
    if (result === undefined) return { result: null, error: null };
    try {
      const text = encodeJson(
        result,
        `result of ${mutation.connector}.${mutation.operation}`,
        this.dependencies.database.limits.stateBytes,
      );
      // encodeJson accepts JSON values only.
      return { result: JSON.parse(text) as JsonValue, error: null };
    } catch (error) {
      if (error instanceof NotSerialisableError || error instanceof ValueTooLargeError)
        return { result: null, error: error.message };
      throw error;
    }
  }
}

/** Whether the outcome is unknown and nobody has decided about it. */
export function isOpen(mutation: Pick<Mutation, "status" | "resolvedAt">): boolean {
  return mutation.status === "needs_reconcile" || (mutation.status === "indeterminate" && mutation.resolvedAt === null);
}

function settledBy(by: string, now: number) {
  return { resolvedBy: by, resolvedAt: now, nextReconcileAt: null };
}
