/**
 * Takes one run from its start to its end: producer, or prepare → mutate → next. Decides nothing about states: each
 * step asks the execution model or the ledger for one transition and goes on from what it gives.
 */
import {
  DatabaseError,
  ReservationConflictError,
  TransitionConflictError,
  type HandlerRun,
  type Mutation,
  type RunId,
  type RunLog,
  type WorkflowId,
} from "@millrace/db";
import type { Logger } from "pino";
import type { MutationOperation } from "../connectors/define-connector.ts";
import { ClassifiedError, InternalError, LogicError, MillraceError } from "../errors.ts";
import type { ExecutionModel, PreparedOutput, ProducerResult } from "../execution/execution-model.ts";
import type { CallOutcome, MutationLedger } from "../execution/mutation-ledger.ts";
import { describeFailure } from "../execution/run-status.ts";
import type { Step } from "../execution/transition-applier.ts";
import type { ConsumerDefinition } from "../workflow/workflow-definition.ts";
import { nextRunAfter } from "../workflow/producer-schedule.ts";
import { secretsOfAllCalls, secretsOfCall } from "../workflow/row-redaction.ts";
import type { RegisteredWorkflow } from "../workflow/workflow-registry.ts";
import { callMutation } from "./call-connector.ts";
import { captureMutation } from "./consumer/mutate.ts";
import { outcomeOf, runNext } from "./consumer/next.ts";
import { restorePrepared, runPrepare, storePrepared } from "./consumer/prepare.ts";
import { persist } from "./persist.ts";
import { runProducer } from "./producer.ts";
import { RunLogBuffer } from "./run-log.ts";
import { RunSecrets } from "./run-secrets.ts";
import { succeedsThisTurn } from "./this-turn.ts";
import {
  classifyStoreError,
  codeOf,
  RunInterruptedError,
  type HandlerDependencies,
  type RunScope,
} from "./run-scope.ts";

export interface RunnerDependencies extends HandlerDependencies {
  model: ExecutionModel;
  ledger: MutationLedger;
  logger: Logger;
  /** Aborts when the engine stops without waiting any longer. */
  stopSignal: AbortSignal;
  /** A call came back after its outcome had been declared uncertain; its workflow may go on now. */
  onLateOutcome: (workflowId: WorkflowId) => void;
}

/** What a run came to. */
export interface RunReport {
  run: HandlerRun;
  /** How many events it reserved. */
  reserved: number;
  /** The topics to which it published. */
  publishedTopics: ReadonlySet<string>;
  /** The wake time that it left, 0 for none; null when it did not get as far. */
  wakeAt: number | null;
  /** When its schedule is due next; null when there is none, or it was not advanced. */
  nextRunAt: number | null;
}

/** A run under way: what is known of it so far. */
interface Progress extends RunReport {
  publishedTopics: Set<string>;
}

export class HandlerRunner {
  private readonly dependencies: RunnerDependencies;
  private readonly controllers = new Map<RunId, AbortController>();

  constructor(dependencies: RunnerDependencies) {
    this.dependencies = dependencies;
  }

  /** Ends the handlers of a run that has been aborted. */
  interrupt(id: RunId): void {
    this.controllers.get(id)?.abort(new RunInterruptedError());
  }

  /** Runs a producer. @param nextDueAt when its schedule was due, in Unix milliseconds; null without a schedule */
  runProducer(workflow: RegisteredWorkflow, run: HandlerRun, nextDueAt: number | null): Promise<RunReport> {
    return this.supervise(workflow, run, async (scope, progress) => {
      const output = await runProducer(scope);
      const schedule = nextDueAt === null ? null : this.nextSchedule(workflow, run, nextDueAt);
      const committed = await this.write(scope, (logs) =>
        this.dependencies.model.commitProducer(progress.run, { ...output, schedule, logs }),
      );
      progress.run = committed.run;
      progress.publishedTopics = new Set(output.publications.map(({ topic }) => topic));
      progress.nextRunAt = committed.nextRunAt;
    });
  }

  /** Runs a consumer from `prepare`. @param wakeAt the wake time that is stored for it, 0 for none */
  runConsumer(workflow: RegisteredWorkflow, run: HandlerRun, wakeAt: number): Promise<RunReport> {
    return this.supervise(workflow, run, async (scope, progress) => {
      const consumer = consumerOf(workflow, run);
      const output = await runPrepare(scope, consumer);
      if (output.wakeAt.warning !== null) scope.log.add("warn", output.wakeAt.warning);
      const { prepared, reserved } = output;
      const result = {
        prepareResult: storePrepared(prepared),
        reserved,
        wakeAt: output.wakeAt.at,
        previousWakeAt: wakeAt,
      };
      let mutation: Mutation | null = null;
      if (reserved.size === 0) await this.recordPrepared(scope, progress, result);
      else mutation = await this.mutate(scope, progress, consumer, prepared, result);
      if (progress.run.status === "active") await this.emit(scope, progress, consumer, prepared, mutation);
    });
  }

  /** Runs `next` for a run that continues one whose mutation was applied or skipped. */
  continueConsumer(workflow: RegisteredWorkflow, run: HandlerRun): Promise<RunReport> {
    return this.supervise(workflow, run, async (scope, progress) => {
      const { mutationId } = run;
      const mutation = mutationId && (await this.persist(() => this.dependencies.stores.mutations.get(mutationId)));
      progress.reserved = 1;
      await this.emit(scope, progress, consumerOf(workflow, run), restorePrepared(run), mutation);
    });
  }

  /** Sends the mutation that a person has approved, and goes on. */
  runApproved(
    workflow: RegisteredWorkflow,
    paused: HandlerRun,
    mutation: Mutation,
    operation: MutationOperation,
  ): Promise<RunReport> {
    return this.supervise(workflow, paused, async (scope, progress) => {
      const started = await this.persist(() => this.dependencies.ledger.startApproved(paused, mutation.id));
      progress.run = started.run;
      progress.reserved = 1;
      const sent = await this.send(scope, progress, operation, started.mutation);
      if (progress.run.status !== "active") return;
      await this.emit(scope, progress, consumerOf(workflow, paused), restorePrepared(paused), sent);
    });
  }

  private async recordPrepared(scope: RunScope, progress: Progress, result: PreparedOutput): Promise<void> {
    const { model } = this.dependencies;
    const record = (logs: readonly RunLog[]) => model.recordPrepared(progress.run, { ...result, logs });
    notePrepared(progress, await this.write(scope, record), result);
  }

  /** Gives the mutation, or null when none was made; afterwards the run is active only if it goes on to `next`. */
  private async mutate(
    scope: RunScope,
    progress: Progress,
    consumer: ConsumerDefinition,
    prepared: ReturnType<typeof restorePrepared>,
    result: PreparedOutput,
  ): Promise<Mutation | null> {
    const captured = await this.capture(scope, progress, consumer, prepared, result);
    return captured && this.send(scope, progress, captured.operation, captured.mutation);
  }

  /** Takes a run that has prepared to the call that `mutate` has made; gives null when none is to be sent now. */
  private async capture(
    scope: RunScope,
    progress: Progress,
    consumer: ConsumerDefinition,
    prepared: ReturnType<typeof restorePrepared>,
    result: PreparedOutput,
  ): Promise<{ operation: MutationOperation; mutation: Mutation } | null> {
    const { ledger, model } = this.dependencies;
    try {
      const captured = await captureMutation(scope, consumer, prepared);
      if (captured && !captured.needsApproval) {
        const { request, operation } = captured;
        const { run } = progress;
        const takePrepared = (step: Step) => model.takePrepared(step, run, result);
        const started = await this.write(scope, (logs) => ledger.start(run, request, logs, takePrepared));
        notePrepared(progress, started.run, result);
        return { operation, mutation: started.mutation };
      }
      await this.recordPrepared(scope, progress, result);
      if (captured)
        progress.run = await this.write(scope, (logs) => ledger.requestApproval(progress.run, captured.request, logs));
      return null;
    } catch (error) {
      // What is wrong with the call is no fault of `prepare`, whose result is kept.
      if (isFaultOfCall(error) && progress.run.phase === "preparing")
        await this.recordPrepared(scope, progress, result);
      throw error;
    }
  }

  private async send(
    scope: RunScope,
    progress: Progress,
    operation: MutationOperation,
    mutation: Mutation,
  ): Promise<Mutation> {
    learnSecrets(scope, mutation);
    let late: (outcome: CallOutcome) => void = () => undefined;
    const lateOutcome = new Promise<CallOutcome>((resolve) => (late = resolve));
    const outcome = hideIn(scope, await this.call(scope, operation, mutation, late));
    const terms = { canReconcile: operation.reconcile !== undefined, settleMs: operation.settleMs ?? 0 };
    const recorded = await this.persist(() =>
      this.dependencies.ledger.recordOutcome(progress.run, mutation, outcome, terms),
    );
    progress.run = recorded.run;
    // Only now, so that a late answer never overtakes the record of why it is late.
    if (outcome.kind === "uncertain")
      void lateOutcome.then((answer) => this.recordLate(scope, mutation, hideIn(scope, answer)));
    const { id, connector, status } = recorded.mutation;
    const ids = { workflow: scope.workflow.name, run: scope.run.id, mutation: id };
    this.dependencies.logger.info({ ...ids, connector, operation: mutation.operation, status }, "mutation recorded");
    return recorded.mutation;
  }

  private async call(
    scope: RunScope,
    operation: MutationOperation,
    mutation: Mutation,
    onLateOutcome: (outcome: CallOutcome) => void,
  ): Promise<CallOutcome> {
    const call = `${mutation.connector}.${mutation.operation}, called by `;
    const span = this.dependencies.loopWatch.begin(codeOf(scope, call));
    try {
      return await callMutation(this.dependencies, operation, mutation, scope.signal, onLateOutcome);
    } finally {
      span.end();
    }
  }

  private async emit(
    scope: RunScope,
    progress: Progress,
    consumer: ConsumerDefinition,
    prepared: ReturnType<typeof restorePrepared>,
    mutation: Mutation | null,
  ): Promise<void> {
    const { model } = this.dependencies;
    const { run } = progress;
    if (mutation) learnSecrets(scope, mutation);
    const outcome = outcomeOf({ ...run, mutationOutcome: run.mutationOutcome ?? "none" }, mutation);
    const next = runNext(scope, consumer, prepared, outcome);
    const isQuick = await succeedsThisTurn(next);
    // `next` can be run again, so it need not wait for this step; what commits it comes after it.
    if (!isQuick && run.phase !== "emitting") progress.run = await this.persist(() => model.beginEmitting(run));
    const { publications, state } = await next;
    progress.run = await this.write(scope, (logs) =>
      progress.run.phase === "emitting"
        ? model.commitConsumer(progress.run, { publications, state, logs })
        : model.emitAndCommit(progress.run, { publications, state, logs }),
    );
    progress.publishedTopics = new Set(publications.map(({ topic }) => topic));
  }

  /** Gives the run its scope and its end, whatever happens in between. */
  private async supervise(
    workflow: RegisteredWorkflow,
    run: HandlerRun,
    work: (scope: RunScope, progress: Progress) => Promise<void>,
  ): Promise<RunReport> {
    const { stopSignal, clock, policy, logger } = this.dependencies;
    const controller = new AbortController();
    this.controllers.set(run.id, controller);
    const onStop = () => controller.abort(new RunInterruptedError());
    if (stopSignal.aborted) onStop();
    stopSignal.addEventListener("abort", onStop, { once: true });
    const runLogger = logger.child({ workflow: workflow.name, handler: run.handlerName, run: run.id });
    const secrets = new RunSecrets(secretsOfAllCalls(workflow.config.secrets));
    secrets.learnNamed([run.inputState, run.prepareResult]);
    const log = new RunLogBuffer(() => clock.now(), runLogger, policy.handler.maxLogLines, secrets);
    const scope: RunScope = { ...this.dependencies, workflow, run, log, secrets, signal: controller.signal };
    const progress: Progress = { run, reserved: 0, publishedTopics: new Set(), wakeAt: null, nextRunAt: null };
    try {
      await work(scope, progress);
    } catch (error) {
      // A handler that has taken too long, and what it still waits for, are told to stop.
      controller.abort(new RunInterruptedError());
      await this.endWithError(scope, progress, secrets.error(classifyStoreError(error)), runLogger);
    } finally {
      this.controllers.delete(run.id);
      stopSignal.removeEventListener("abort", onStop);
    }
    return progress;
  }

  private async endWithError(scope: RunScope, progress: Progress, error: unknown, logger: Logger): Promise<void> {
    const { model, stores } = this.dependencies;
    const logs = scope.log.drain();
    if (error instanceof RunInterruptedError || error instanceof TransitionConflictError) {
      // Someone else has ended the run (its input was skipped), or the engine stops and recovery will take it up.
      logger.info({ reason: error.message }, "run interrupted");
      progress.run = await this.persist(() => stores.handlerRuns.get(progress.run.id));
    } else if (error instanceof ReservationConflictError) {
      logger.info({ reason: error.message }, "run given up: its events changed while it prepared");
      progress.run = await this.persist(() => model.abortRun(progress.run, logs));
    } else {
      const classified = error instanceof ClassifiedError ? error : unexpected(error);
      logger.warn({ err: error }, "run failed");
      progress.run = await this.persist(() => model.failRun(progress.run, describeFailure(classified), logs));
    }
  }

  private async recordLate(scope: RunScope, mutation: Mutation, outcome: CallOutcome): Promise<void> {
    try {
      await this.persist(() => this.dependencies.ledger.recordLateOutcome(mutation.id, outcome));
      this.dependencies.onLateOutcome(mutation.workflowId);
    } catch (error) {
      scope.log.add("error", `The late outcome of mutation ${mutation.id} could not be recorded`, error);
    }
  }

  private nextSchedule({ config }: RegisteredWorkflow, run: HandlerRun, dueAt: number): ProducerResult["schedule"] {
    const schedule = config.producers[run.handlerName]?.schedule;
    if (!schedule) return null;
    // A run by hand does not move a schedule that was not due yet; a firing that has come since has a run of its own.
    const nextRunAt = dueAt > run.startedAt ? dueAt : nextRunAfter(schedule, dueAt, this.dependencies.clock.now());
    return { ...schedule, nextRunAt };
  }

  /** Writes the log lines that are not yet in the database with a transition; they are kept when that fails. */
  private async write<T>({ log }: RunScope, transition: (logs: readonly RunLog[]) => Promise<T>): Promise<T> {
    const logs = log.drain();
    try {
      return await this.persist(() => transition(logs));
    } catch (error) {
      log.restore(logs);
      throw error;
    }
  }

  private persist<T>(write: () => Promise<T>): Promise<T> {
    return persist(this.dependencies, write);
  }
}

/** Whether a call could not be made for what it is, and not because the run was ended meanwhile or the database refused. */
function isFaultOfCall(error: unknown): boolean {
  const cause = classifyStoreError(error);
  return cause instanceof ClassifiedError || !(cause instanceof MillraceError || cause instanceof DatabaseError);
}

/** The run has come to `prepared`, or further: what it reserves and when it wakes counts from here. */
function notePrepared(progress: Progress, run: HandlerRun, { reserved, wakeAt }: PreparedOutput): void {
  progress.run = run;
  progress.reserved = reserved.size;
  progress.wakeAt = wakeAt;
}

function learnSecrets({ workflow, secrets }: RunScope, mutation: Mutation): void {
  secrets.learn([mutation.params, mutation.result], secretsOfCall(workflow.config.secrets, mutation));
  secrets.learnNamed([mutation.params, mutation.result]);
}

/** What a connector says of a failure may quote what it was sent; its result is what `next` works with. */
function hideIn({ secrets }: RunScope, outcome: CallOutcome): CallOutcome {
  return outcome.kind === "applied" ? outcome : { ...outcome, error: secrets.error(outcome.error) };
}

function unexpected(error: unknown): InternalError {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new InternalError(`The run could not go on: ${message}`, { cause: error });
}

/** @throws LogicError when the code has no such consumer */
function consumerOf(workflow: RegisteredWorkflow, run: HandlerRun): ConsumerDefinition {
  const consumer = workflow.definition.consumers[run.handlerName];
  if (!consumer) {
    throw new LogicError(
      `Workflow "${workflow.name}" has no consumer "${run.handlerName}" any more. Deploy a version that has it.`,
    );
  }
  return consumer;
}
