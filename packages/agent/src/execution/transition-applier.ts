/**
 * Applies what `transitions.ts` decides: the run's row by a guarded update, its events, its workflow and its
 * notifications, all in the caller's transaction. The only place where a run changes.
 */
import type {
  Database,
  HandlerRun,
  HandlerRunPatch,
  Mutation,
  RunLog,
  Stores,
  Transaction,
  WorkflowPatch,
} from "@millrace/db";
import type { Clock } from "../clock.ts";
import type { Policy } from "../policy.ts";
import type { RowRedaction } from "../workflow/row-redaction.ts";
import type { LifecycleEmitter, LifecycleEvent } from "./lifecycle-events.ts";
import { timeOfPhase } from "./phase-times.ts";
import { awaitsDisk, type TransactionName } from "./transaction-names.ts";
import { transition, type Decision, type RunEvent } from "./transitions.ts";

export interface ExecutionDependencies {
  database: Database;
  stores: Stores;
  clock: Clock;
  policy: Policy;
  /** A number in [0, 1). */
  random: () => number;
  emitter: LifecycleEmitter;
  /** Keeps what connectors declare secret out of what is said. */
  redaction: RowRedaction;
}

/** What one transaction of the execution model has at hand. */
export interface Step {
  tx: Transaction;
  /** The time of every row that this transaction writes. */
  now: number;
  /** Sends an event once the transaction is committed. */
  announce(event: LifecycleEvent): void;
}

export class TransitionApplier {
  private readonly dependencies: ExecutionDependencies;

  constructor(dependencies: ExecutionDependencies) {
    this.dependencies = dependencies;
  }

  /** Runs `work` in one transaction; what it announces is sent after the commit. */
  async inOneTransaction<T>(name: TransactionName, work: (step: Step) => Promise<T>): Promise<T> {
    const { database, clock, emitter } = this.dependencies;
    const announced: LifecycleEvent[] = [];
    const result = await database.transaction(
      (tx) => work({ tx, now: clock.now(), announce: (event) => announced.push(event) }),
      undefined,
      { name, awaitsDisk: awaitsDisk(name) },
    );
    for (const event of announced) emitter.emit(event);
    return result;
  }

  /** Runs `work` in a savepoint of a step's transaction: when it fails, only its own changes are undone. */
  async inSavepoint<T>(step: Step, work: (step: Step) => Promise<T>): Promise<T> {
    const announced: LifecycleEvent[] = [];
    const result = await this.dependencies.database.transaction(
      (tx) => work({ tx, now: step.now, announce: (event) => announced.push(event) }),
      step.tx,
    );
    for (const event of announced) step.announce(event);
    return result;
  }

  /**
   * Moves a run by an event; gives the run as it is then.
   * @throws IllegalTransitionError, TransitionConflictError when the run has been moved by someone else
   */
  apply(step: Step, run: HandlerRun, event: RunEvent, logs: readonly RunLog[] = []): Promise<HandlerRun> {
    return this.applyInTurn(step, run, [event], logs);
  }

  /**
   * Moves a run by several events, one after another, and writes where it has come to once.
   * @throws as `apply` does
   */
  async applyInTurn(
    step: Step,
    run: HandlerRun,
    events: readonly RunEvent[],
    logs: readonly RunLog[] = [],
  ): Promise<HandlerRun> {
    const { stores, policy, random } = this.dependencies;
    const { tx, now } = step;
    const decisions: Decision[] = [];
    const stages: HandlerRun[] = [];
    let patch: HandlerRunPatch | undefined;
    for (const event of events) {
      const before = stages.at(-1) ?? run;
      const decision = transition(before, event, { now, policy, random: random() });
      decisions.push(decision);
      if (!decision.patch) continue;
      const moved = { ...decision.patch, ...timeOfPhase(before, decision.patch.phase, now) };
      patch = { ...patch, ...moved };
      stages.push({ ...before, ...moved });
    }
    if (patch) await stores.handlerRuns.transition(run, run, patch, tx);
    if (logs.length > 0) await stores.handlerRuns.appendLogs(run.id, logs, tx);
    for (const decision of decisions) await this.applyEffects(step, run, decision);
    for (const stage of stages) step.announce({ name: "run:changed", args: [stage] });
    return stages.at(-1) ?? run;
  }

  /** Announces a row of the ledger as it is now, without its secrets; gives it with them. */
  async announceMutation(step: Step, id: Mutation["id"]): Promise<Mutation> {
    const mutation = await this.dependencies.stores.mutations.get(id, step.tx);
    await this.announceRow(step, mutation);
    return mutation;
  }

  /** Announces a row of the ledger without its secrets. */
  async announceRow(step: Step, mutation: Mutation): Promise<void> {
    const shown = await this.dependencies.redaction.mutation(mutation, step.tx);
    step.announce({ name: "mutation:changed", args: [shown] });
  }

  /** Does what follows from a decision for the run's events, its workflow and the people. */
  private async applyEffects(step: Step, run: HandlerRun, decision: Decision): Promise<void> {
    const { events } = this.dependencies.stores;
    const { tx, now } = step;
    if (decision.events === "release") await events.release(run.id, now, tx);
    if (decision.events === "consume") await events.consume(run.id, now, tx);
    if (decision.events === "reopen") await events.reopen(run.id, now, tx);
    if (decision.events === "hold") await events.hold(run.id, now, tx);
    await this.applyToWorkflow(step, run, decision);
    await this.applyNotifications(step, run, decision);
  }

  private async applyToWorkflow({ tx, now }: Step, run: HandlerRun, decision: Decision): Promise<void> {
    const { retry, workflowError } = decision;
    const patch: WorkflowPatch = {
      ...(workflowError !== undefined && { error: workflowError }),
      ...(retry === "clear" && { pendingRetryRunId: null, retryAt: null }),
      ...(typeof retry === "object" && { pendingRetryRunId: run.id, retryAt: retry.at }),
    };
    if (Object.keys(patch).length === 0) return;
    await this.dependencies.stores.workflows.update(run.workflowId, patch, now, tx);
  }

  private async applyNotifications(step: Step, run: HandlerRun, decision: Decision): Promise<void> {
    const { notifications } = this.dependencies.stores;
    const { tx, now } = step;
    if (decision.settleNotifications) await notifications.resolveMatching({ runId: run.id }, now, tx);
    if (!decision.notify) return;
    const created = await notifications.create(
      {
        workflowId: run.workflowId,
        runId: run.id,
        mutationId: run.mutationId ?? decision.patch?.mutationId ?? null,
        ...decision.notify,
      },
      now,
      tx,
    );
    step.announce({ name: "notification:created", args: [created] });
  }
}
