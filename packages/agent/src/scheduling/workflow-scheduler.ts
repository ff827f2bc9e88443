/**
 * Runs workflows: one run at a time in each, many at once. Woken by publishes and by the agenda, it polls nothing.
 *
 * Invariants:
 * 1. A workflow has at most one session under way; triggers that come meanwhile are looked at before it ends.
 * 2. What it remembers (SchedulerStateManager, Agenda) changes only after the commit that makes it true.
 */
import type { HandlerRun, Mutation, MutationId, SessionId, Stores, WorkflowId } from "@millrace/db";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { WorkflowBusyError } from "../errors.ts";
import { awaitsApproval } from "../execution/transitions.ts";
import type { ExecutionModel } from "../execution/execution-model.ts";
import { persist, type PersistDependencies } from "../handlers/persist.ts";
import type { HandlerRunner, RunReport } from "../handlers/run-handler.ts";
import type { Policy } from "../policy.ts";
import type { RegisteredWorkflow, WorkflowRegistry } from "../workflow/workflow-registry.ts";
import { Agenda } from "./agenda.ts";
import { deferForMissingCode } from "../execution/missing-code.ts";
import type { Reconciler } from "./reconciler.ts";
import { SchedulerStateManager } from "./scheduler-state.ts";
import { selectContinuation, selectWork, type Work } from "./select-work.ts";

export interface SchedulerDependencies extends PersistDependencies {
  stores: Stores;
  clock: Clock;
  policy: Policy;
  logger: Logger;
  model: ExecutionModel;
  runner: HandlerRunner;
  reconciler: Reconciler;
  registry: WorkflowRegistry;
}

/** What can become due. */
type Due =
  | { kind: "wake"; workflowId: WorkflowId; consumer: string }
  | { kind: "schedule"; workflowId: WorkflowId; producer: string }
  | { kind: "retry"; workflowId: WorkflowId }
  | { kind: "reconcile"; mutationId: MutationId };

/** A session under way. */
interface Session {
  id: SessionId | null;
  trigger: string;
  runs: number;
  lastRun: HandlerRun | null;
}

/** How long a reconcile that this process can't make waits until it is looked at again, if nothing is deployed. */
const DEFERRED_RECONCILE_MS = 60 * 60 * 1_000;

export class WorkflowScheduler {
  readonly state = new SchedulerStateManager();
  private readonly agenda: Agenda<Due>;
  private readonly ready = new Set<WorkflowId>();
  private readonly sessions = new Map<WorkflowId, Promise<void>>();
  private readonly reconciling = new Set<Promise<void>>();
  private readonly idleListeners: (() => void)[] = [];
  private started = false;
  private readonly dependencies: SchedulerDependencies;

  constructor(dependencies: SchedulerDependencies) {
    this.dependencies = dependencies;
    this.agenda = new Agenda(dependencies.clock, (due) => this.onDue(due));
  }

  /** Begins to run what is ready. */
  start(): void {
    this.started = true;
    this.agenda.start();
    this.pump();
  }

  /** Starts nothing any more; resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.started = false;
    this.agenda.stop();
    while (this.sessions.size + this.reconciling.size > 0) {
      await Promise.allSettled([...this.sessions.values(), ...this.reconciling]);
    }
  }

  /** Whether nothing runs and nothing is ready to. */
  get isIdle(): boolean {
    const { nextAt } = this.agenda;
    const due = nextAt !== null && nextAt <= this.dependencies.clock.now();
    return this.sessions.size === 0 && this.reconciling.size === 0 && this.ready.size === 0 && !due;
  }

  /** When something is due next, in Unix milliseconds; null when nothing is. */
  get nextDueAt(): number | null {
    return this.agenda.nextAt;
  }

  /** Resolves when nothing runs and nothing is ready to. */
  async whenIdle(): Promise<void> {
    while (!this.isIdle) await new Promise<void>((resolve) => this.idleListeners.push(resolve));
  }

  isRunning(workflowId: WorkflowId): boolean {
    return this.sessions.has(workflowId);
  }

  /** Looks at a workflow as soon as there is room for it. */
  markReady(workflowId: WorkflowId): void {
    this.ready.add(workflowId);
    this.pump();
  }

  /** Events were published to these topics. */
  onPublish(workflow: RegisteredWorkflow, topics: ReadonlySet<string>): void {
    this.state.onEventPublish(workflow.id, subscribersOf(workflow, topics));
    this.markReady(workflow.id);
  }

  /** @throws WorkflowBusyError */
  queueProducers(workflow: RegisteredWorkflow, producers: readonly string[]): void {
    if (this.isRunning(workflow.id)) throw new WorkflowBusyError(workflow.name);
    for (const producer of producers) this.state.setProducerQueued(workflow.id, producer);
    this.markReady(workflow.id);
  }

  noteSchedule(workflowId: WorkflowId, producer: string, at: number): void {
    this.agenda.set(`schedule ${workflowId} ${producer}`, at, { kind: "schedule", workflowId, producer });
  }

  dropSchedule(workflowId: WorkflowId, producer: string): void {
    this.agenda.delete(`schedule ${workflowId} ${producer}`);
    this.state.onProducerCommit(workflowId, producer);
  }

  noteWake(workflowId: WorkflowId, consumer: string, at: number): void {
    const key = `wake ${workflowId} ${consumer}`;
    if (at > 0) this.agenda.set(key, at, { kind: "wake", workflowId, consumer });
    else this.agenda.delete(key);
  }

  noteRetry(workflowId: WorkflowId, at: number): void {
    this.agenda.set(`retry ${workflowId}`, at, { kind: "retry", workflowId });
  }

  /** Follows a mutation whose outcome is unknown. */
  noteMutation(mutation: Mutation): void {
    const key = reconcileKey(mutation.id);
    if (mutation.status === "needs_reconcile" && mutation.nextReconcileAt !== null) {
      this.agenda.set(key, mutation.nextReconcileAt, { kind: "reconcile", mutationId: mutation.id });
    } else {
      this.agenda.delete(key);
    }
  }

  private onDue(items: readonly Due[]): void {
    for (const item of items) {
      switch (item.kind) {
        case "wake":
          this.state.setConsumerDirty(item.workflowId, item.consumer, "wake");
          this.ready.add(item.workflowId);
          break;
        case "schedule":
          this.state.setProducerQueued(item.workflowId, item.producer, "schedule");
          this.ready.add(item.workflowId);
          break;
        case "retry":
          this.ready.add(item.workflowId);
          break;
        case "reconcile":
          this.startReconcile(item.mutationId);
      }
    }
    this.pump();
  }

  private pump(): void {
    if (!this.started) return;
    for (const id of this.ready) {
      if (this.sessions.size >= this.dependencies.policy.scheduling.maxConcurrentWorkflows) break;
      if (this.sessions.has(id)) continue;
      this.ready.delete(id);
      this.sessions.set(
        id,
        this.runSession(id).finally(() => this.onSessionEnd(id)),
      );
    }
    if (this.isIdle) for (const resolve of this.idleListeners.splice(0)) resolve();
  }

  private onSessionEnd(id: WorkflowId): void {
    this.sessions.delete(id);
    this.pump();
  }

  private async runSession(id: WorkflowId): Promise<void> {
    const session: Session = { id: null, trigger: "", runs: 0, lastRun: null };
    const { policy, logger } = this.dependencies;
    try {
      while (this.started) {
        this.ready.delete(id);
        if (session.runs >= policy.scheduling.maxRunsPerSession) {
          this.ready.add(id);
          break;
        }
        const step = await this.nextStep(id);
        if (!step) break;
        await this.perform(step.workflow, step.work, session);
      }
    } catch (error) {
      // Its rows are as the last commit left them; recovery takes it up at the next start.
      logger.fatal({ err: error, workflowId: id }, "The engine could not go on with a workflow");
    }
    await this.endSession(session);
  }

  private async endSession({ id, runs, lastRun }: Session): Promise<void> {
    if (id === null) return;
    const result = lastRun?.status === "committed" || lastRun?.status === "aborted" ? "completed" : "suspended";
    try {
      await this.dependencies.model.endSession(id, result, lastRun?.error ?? null, runs);
    } catch (error) {
      this.dependencies.logger.error(
        { err: error, session: id },
        "A session could not be ended; the next start ends it",
      );
    }
  }

  private async nextStep(id: WorkflowId): Promise<{ workflow: RegisteredWorkflow; work: Work } | null> {
    const { stores, registry, clock } = this.dependencies;
    const row = await stores.workflows.find(id);
    if (!row) return null;
    const workflow = registry.find(id);
    if (!workflow) {
      await deferForMissingCode(this.dependencies, row);
      return null;
    }
    const choice = selectContinuation(row, clock.now());
    if (choice?.kind === "run") return { workflow, work: choice.work };
    if (choice?.kind === "wait") this.noteRetry(id, choice.until);
    if (choice) return null;
    const work = await this.selectHandler(workflow);
    return work && { workflow, work };
  }

  private async selectHandler(workflow: RegisteredWorkflow): Promise<Work | null> {
    const dirty = this.state.getDirtyConsumers(workflow.id);
    const consumers = await Promise.all(
      dirty.map(async (consumer) => ({
        ...consumer,
        oldestPendingAt: await this.oldestPendingAt(workflow, consumer.name),
      })),
    );
    for (const { name, trigger, oldestPendingAt } of consumers) {
      if (trigger === "event" && oldestPendingAt === null) this.state.clearConsumer(workflow.id, name);
    }
    return selectWork(consumers, this.state.getQueuedProducers(workflow.id));
  }

  private async oldestPendingAt(workflow: RegisteredWorkflow, consumer: string): Promise<number | null> {
    const topicIds = (workflow.config.consumers[consumer]?.subscribe ?? []).flatMap(
      (topic) => workflow.topicIds.get(topic) ?? [],
    );
    const times = await Promise.all(
      topicIds.map((topicId) => this.dependencies.stores.events.oldestPendingAt(workflow.id, topicId)),
    );
    const found = times.filter((time) => time !== null);
    return found.length > 0 ? Math.min(...found) : null;
  }

  private async perform(workflow: RegisteredWorkflow, work: Work, session: Session): Promise<void> {
    const report =
      work.kind === "retry"
        ? await this.performRetry(workflow, work, session)
        : await this.performHandler(workflow, work, session);
    if (!report) return;
    const { run } = report;
    session.runs += 1;
    session.lastRun = run;
    await this.afterRun(workflow, report);
  }

  private async performHandler(
    workflow: RegisteredWorkflow,
    work: Exclude<Work, { kind: "retry" }>,
    session: Session,
  ): Promise<RunReport> {
    const { runner } = this.dependencies;
    if (work.kind === "consumer") this.state.onConsumerStart(workflow.id, work.name);
    const { run, wakeAt } = await this.startRun(workflow, work.kind, work.name, work.trigger, session, null);
    return work.kind === "consumer"
      ? runner.runConsumer(workflow, run, wakeAt)
      : runner.runProducer(workflow, run, await this.dueAt(workflow, work.name));
  }

  private async performRetry(
    workflow: RegisteredWorkflow,
    { runId }: Extract<Work, { kind: "retry" }>,
    session: Session,
  ): Promise<RunReport> {
    const { stores, runner } = this.dependencies;
    const old = await stores.handlerRuns.get(runId);
    if (old.handlerType === "consumer") this.state.onConsumerStart(workflow.id, old.handlerName);
    if (awaitsApproval(old) && old.mutationId !== null) {
      return runner.runApproved(workflow, old, await stores.mutations.get(old.mutationId));
    }
    const { run, wakeAt } = await this.startRun(workflow, old.handlerType, old.handlerName, "retry", session, old);
    if (run.handlerType === "producer")
      return runner.runProducer(workflow, run, await this.dueAt(workflow, run.handlerName));
    return run.phase === "emitting"
      ? runner.continueConsumer(workflow, run)
      : runner.runConsumer(workflow, run, wakeAt);
  }

  private async startRun(
    workflow: RegisteredWorkflow,
    handlerType: HandlerRun["handlerType"],
    handlerName: string,
    trigger: string,
    session: Session,
    retryOf: HandlerRun | null,
  ): Promise<{ run: HandlerRun; wakeAt: number }> {
    const { id: workflowId, scriptId } = workflow;
    const start = { workflowId, scriptId, handlerType, handlerName, trigger, sessionId: session.id, retryOf };
    const started = await persist(this.dependencies, () => this.dependencies.model.startRun(start));
    session.id = started.run.sessionId;
    return started;
  }

  /** What follows from a run for what the scheduler remembers. */
  private async afterRun(workflow: RegisteredWorkflow, report: RunReport): Promise<void> {
    const { run, wakeAt, nextRunAt, reserved, publishedTopics } = report;
    const { state } = this;
    if (publishedTopics.size > 0) state.onEventPublish(workflow.id, subscribersOf(workflow, publishedTopics));
    if (wakeAt !== null) this.noteWake(workflow.id, run.handlerName, wakeAt);
    if (nextRunAt !== null) this.noteSchedule(workflow.id, run.handlerName, nextRunAt);
    if (run.status === "committed") {
      if (run.handlerType === "producer") state.onProducerCommit(workflow.id, run.handlerName);
      else state.onConsumerCommit(workflow.id, run.handlerName, reserved > 0);
    } else if (run.handlerType === "consumer") {
      // Its events may be free again.
      state.setConsumerDirty(workflow.id, run.handlerName, "event");
    }
    if (run.status === "paused:reconciliation" && run.mutationId !== null) {
      this.noteMutation(await this.dependencies.stores.mutations.get(run.mutationId));
    }
  }

  private async dueAt(workflow: RegisteredWorkflow, producer: string): Promise<number | null> {
    const schedules = await this.dependencies.stores.producerSchedules.getForWorkflow(workflow.id);
    return schedules.find(({ producerName }) => producerName === producer)?.nextRunAt ?? null;
  }

  private startReconcile(id: MutationId): void {
    if (!this.started) return;
    const asking = this.reconcile(id).finally(() => {
      this.reconciling.delete(asking);
      this.pump();
    });
    this.reconciling.add(asking);
  }

  private async reconcile(id: MutationId): Promise<void> {
    const { reconciler, stores, clock, policy, logger } = this.dependencies;
    try {
      const result = await reconciler.runOnce(id);
      if (!result) return;
      const { mutation } = result;
      if (result.kind === "deferred") {
        await deferForMissingCode(this.dependencies, await stores.workflows.get(mutation.workflowId));
        this.noteMutation({ ...mutation, nextReconcileAt: clock.now() + DEFERRED_RECONCILE_MS });
        return;
      }
      this.noteMutation(mutation);
      this.ready.add(mutation.workflowId);
    } catch (error) {
      logger.error({ err: error, mutation: id }, "A mutation could not be reconciled; it is asked about again later");
      const at = clock.now() + policy.reconcile.backoff.maxMs;
      this.agenda.set(reconcileKey(id), at, { kind: "reconcile", mutationId: id });
    }
  }
}

const reconcileKey = (id: MutationId) => `reconcile ${id}`;

function subscribersOf(workflow: RegisteredWorkflow, topics: ReadonlySet<string>): string[] {
  return Object.entries(workflow.config.consumers)
    .filter(([, { subscribe }]) => subscribe.some((topic) => topics.has(topic)))
    .map(([name]) => name);
}
