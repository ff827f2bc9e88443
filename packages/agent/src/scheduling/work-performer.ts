/** Performs one piece of work: makes the run that it needs and takes it to its end. */
import type { HandlerRun, MutationId, SessionId, Stores } from "@millrace/db";
import type { ExecutionModel } from "../execution/execution-model.ts";
import { deferForMissingCode, type NoticeDependencies } from "../execution/notices.ts";
import { awaitsApproval } from "../execution/transitions.ts";
import { persist, type PersistDependencies } from "../handlers/persist.ts";
import type { HandlerRunner, RunReport } from "../handlers/run-handler.ts";
import { hasHandlerOf } from "../workflow/handler-config.ts";
import { findOperation, type RegisteredWorkflow } from "../workflow/workflow-registry.ts";
import type { SchedulerStateManager } from "./scheduler-state.ts";
import type { Work } from "./select-work.ts";

export interface PerformerDependencies extends PersistDependencies, NoticeDependencies {
  stores: Stores;
  model: ExecutionModel;
  runner: HandlerRunner;
}

/** A session: its first run opens it. */
export interface OpenSession {
  id: SessionId | null;
}

/** `given up`: its handler is gone. `deferred`: this process lacks the code of what was approved. */
export type Performance = RunReport | "given up" | "deferred";

export class WorkPerformer {
  private readonly dependencies: PerformerDependencies;
  private readonly state: SchedulerStateManager;

  constructor(dependencies: PerformerDependencies, state: SchedulerStateManager) {
    this.dependencies = dependencies;
    this.state = state;
  }

  perform(workflow: RegisteredWorkflow, work: Work, session: OpenSession): Promise<Performance> {
    return work.kind === "retry"
      ? this.performRetry(workflow, work, session)
      : this.performHandler(workflow, work, session);
  }

  /** When a producer's schedule is due; null when it has none. */
  async dueAt(workflow: RegisteredWorkflow, producer: string): Promise<number | null> {
    const { producerSchedules } = this.dependencies.stores;
    const schedules = await persist(this.dependencies, () => producerSchedules.getForWorkflow(workflow.id));
    return schedules.find(({ producerName }) => producerName === producer)?.nextRunAt ?? null;
  }

  private async performHandler(
    workflow: RegisteredWorkflow,
    { kind, name, trigger }: Exclude<Work, { kind: "retry" }>,
    session: OpenSession,
  ): Promise<RunReport> {
    const dueAt = kind === "producer" ? await this.dueAt(workflow, name) : null;
    const started = await this.startRun(workflow, kind, name, trigger, session, null);
    return this.runStarted(workflow, started, dueAt);
  }

  private async performRetry(
    workflow: RegisteredWorkflow,
    { runId }: Extract<Work, { kind: "retry" }>,
    session: OpenSession,
  ): Promise<Performance> {
    const { stores, model } = this.dependencies;
    const old = await persist(this.dependencies, () => stores.handlerRuns.get(runId));
    if (!hasHandlerOf(workflow.config, old) && (await persist(this.dependencies, () => model.giveUp(old))))
      return "given up";
    if (awaitsApproval(old) && old.mutationId !== null) return this.performApproved(workflow, old, old.mutationId);
    const dueAt = old.handlerType === "producer" ? await this.dueAt(workflow, old.handlerName) : null;
    const started = await this.startRun(workflow, old.handlerType, old.handlerName, "retry", session, old);
    return this.runStarted(workflow, started, dueAt);
  }

  private async performApproved(
    workflow: RegisteredWorkflow,
    run: HandlerRun,
    mutationId: MutationId,
  ): Promise<RunReport | "deferred"> {
    const { stores, runner } = this.dependencies;
    const mutation = await persist(this.dependencies, () => stores.mutations.get(mutationId));
    const operation = findOperation(workflow, mutation.connector, mutation.operation);
    if (operation?.kind === "mutation") return runner.runApproved(workflow, run, mutation, operation);
    await persist(this.dependencies, async () =>
      deferForMissingCode(this.dependencies, await stores.workflows.get(workflow.id)),
    );
    return "deferred";
  }

  private runStarted(
    workflow: RegisteredWorkflow,
    { run, wakeAt }: { run: HandlerRun; wakeAt: number },
    dueAt: number | null,
  ): Promise<RunReport> {
    const { runner } = this.dependencies;
    if (run.handlerType === "producer") return runner.runProducer(workflow, run, dueAt);
    if (run.phase === "emitting") return runner.continueConsumer(workflow, run);
    this.state.onConsumerStart(workflow.id, run.handlerName);
    return runner.runConsumer(workflow, run, wakeAt);
  }

  private async startRun(
    workflow: RegisteredWorkflow,
    handlerType: HandlerRun["handlerType"],
    handlerName: string,
    trigger: string,
    session: OpenSession,
    retryOf: HandlerRun | null,
  ): Promise<{ run: HandlerRun; wakeAt: number }> {
    const { id: workflowId, scriptId } = workflow;
    const start = { workflowId, scriptId, handlerType, handlerName, trigger, sessionId: session.id, retryOf };
    const started = await persist(this.dependencies, () => this.dependencies.model.startRun(start));
    session.id = started.run.sessionId;
    return started;
  }
}
