/**
 * Runs workflows: one run at a time in each, many at once. Woken by publishes and by the agenda, it polls nothing.
 *
 * Invariants:
 * 1. A workflow has at most one session under way; triggers that come meanwhile are looked at before it ends.
 * 2. What it remembers (SchedulerStateManager, Agenda) changes only after the commit that makes it true.
 */
import {
  CorruptRowError,
  TransitionConflictError,
  type HandlerRun,
  type Mutation,
  type MutationId,
  type WorkflowId,
} from "@millrace/db";
import { WorkflowBusyError } from "../errors.ts";
import { deferForMissingCode, reportStuck, reportUnreadable } from "../execution/notices.ts";
import { persist } from "../handlers/persist.ts";
import type { RunReport } from "../handlers/run-handler.ts";
import type { Policy } from "../policy.ts";
import { subscribersOf } from "../workflow/handler-config.ts";
import type { RegisteredWorkflow, WorkflowRegistry } from "../workflow/workflow-registry.ts";
import type { Activity } from "./activity.ts";
import type { Agenda, AgendaSection } from "./agenda.ts";
import { findWork } from "./find-work.ts";
import type { Reconciler } from "./reconciler.ts";
import { keyOf, readDue, type DueKey } from "./due-key.ts";
import { SchedulerStateManager } from "./scheduler-state.ts";
import type { Work } from "./select-work.ts";
import { WorkPerformer, type OpenSession, type PerformerDependencies } from "./work-performer.ts";

export interface SchedulerDependencies extends PerformerDependencies {
  policy: Policy;
  reconciler: Reconciler;
  registry: WorkflowRegistry;
  agenda: Agenda;
  activity: Activity;
}

/** A session under way. */
interface Session extends OpenSession {
  runs: number;
  lastRun: HandlerRun | null;
}

/** How long a reconcile that this process can't make waits until it is looked at again, if nothing is deployed. */
const DEFERRED_RECONCILE_MS = 60 * 60 * 1_000;

export class WorkflowScheduler {
  readonly state = new SchedulerStateManager();
  private readonly agenda: AgendaSection<DueKey>;
  private readonly ready = new Set<WorkflowId>();
  private readonly sessions = new Map<WorkflowId, Promise<void>>();
  private readonly reconciling = new Set<Promise<void>>();
  private started = false;
  private readonly dependencies: SchedulerDependencies;
  private readonly performer: WorkPerformer;

  constructor(dependencies: SchedulerDependencies) {
    this.dependencies = dependencies;
    this.performer = new WorkPerformer(dependencies, this.state);
    this.agenda = dependencies.agenda.section((due: DueKey[]) => this.onDue(due));
    dependencies.activity.watch(() => this.isIdle);
  }

  /** Begins to run what is ready. */
  start(): void {
    this.started = true;
    this.pump();
  }

  /** Starts nothing any more; resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.started = false;
    this.agenda.close();
    while (this.sessions.size + this.reconciling.size > 0) {
      await Promise.allSettled([...this.sessions.values(), ...this.reconciling]);
    }
    // Nothing more will come of what is ready; who waits for the end of it waits no longer.
    this.ready.clear();
    this.dependencies.activity.changed();
  }

  /** Whether nothing runs and nothing is ready to. */
  private get isIdle(): boolean {
    return this.sessions.size === 0 && this.reconciling.size === 0 && this.ready.size === 0;
  }

  isRunning(workflowId: WorkflowId): boolean {
    return this.sessions.has(workflowId);
  }

  /** Resolves when what a workflow has under way now has ended. */
  async sessionEnd(workflowId: WorkflowId): Promise<void> {
    await this.sessions.get(workflowId);
  }

  /** Looks at a workflow as soon as there is room for it. */
  markReady(workflowId: WorkflowId): void {
    this.ready.add(workflowId);
    this.pump();
  }

  /** Events were published to these topics. */
  onPublish(workflow: RegisteredWorkflow, topics: ReadonlySet<string>): void {
    this.state.onEventPublish(workflow.id, subscribersOf(workflow.config, topics));
    this.markReady(workflow.id);
  }

  /** @throws WorkflowBusyError */
  queueProducers(workflow: RegisteredWorkflow, producers: readonly string[]): void {
    if (this.isRunning(workflow.id)) throw new WorkflowBusyError(workflow.name);
    for (const producer of producers) this.state.setProducerQueued(workflow.id, producer);
    this.markReady(workflow.id);
  }

  noteSchedule(workflowId: WorkflowId, producer: string, at: number): void {
    this.noteDue(keyOf("schedule", workflowId, producer), at);
  }

  dropSchedule(workflowId: WorkflowId, producer: string): void {
    this.agenda.delete(keyOf("schedule", workflowId, producer));
    this.state.onProducerCommit(workflowId, producer);
  }

  noteWake(workflowId: WorkflowId, consumer: string, at: number): void {
    const key = keyOf("wake", workflowId, consumer);
    if (at > 0) this.noteDue(key, at);
    else this.agenda.delete(key);
  }

  noteRetry(workflowId: WorkflowId, at: number): void {
    this.noteDue(keyOf("retry", workflowId), at);
  }

  /** Follows a mutation whose outcome is unknown. */
  noteMutation(mutation: Mutation): void {
    const key = keyOf("reconcile", mutation.id);
    if (mutation.status === "needs_reconcile" && mutation.nextReconcileAt !== null)
      this.noteDue(key, mutation.nextReconcileAt);
    else this.agenda.delete(key);
  }

  private noteDue(key: DueKey, at: number): void {
    this.agenda.set(key, at, key);
  }

  private onDue(keys: readonly DueKey[]): void {
    for (const key of keys) {
      const due = readDue(key);
      switch (due.kind) {
        case "wake":
          this.state.setConsumerDirty(due.workflowId, due.handler, "wake");
          this.ready.add(due.workflowId);
          break;
        case "schedule":
          this.state.setProducerQueued(due.workflowId, due.handler, "schedule");
          this.ready.add(due.workflowId);
          break;
        case "retry":
          this.ready.add(due.workflowId);
          break;
        case "reconcile":
          this.startReconcile(due.mutationId);
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
    this.dependencies.activity.changed();
  }

  private onSessionEnd(id: WorkflowId): void {
    this.sessions.delete(id);
    this.pump();
  }

  private async runSession(id: WorkflowId): Promise<void> {
    const session: Session = { id: null, runs: 0, lastRun: null };
    const { policy } = this.dependencies;
    try {
      while (this.started) {
        this.ready.delete(id);
        if (session.runs >= policy.scheduling.maxRunsPerSession) {
          this.ready.add(id);
          break;
        }
        const step = await persist(this.dependencies, () => this.nextStep(id));
        if (!step) break;
        if (!(await this.perform(step.workflow, step.work, session))) break;
      }
    } catch (error) {
      // Someone else has decided about it since it was looked at.
      if (error instanceof TransitionConflictError) this.ready.add(id);
      else await this.onStuck(id, error);
    }
    await this.endSession(session);
  }

  /** The workflow's rows are as the last commit left them; recovery takes them up at the next start. */
  private async onStuck(id: WorkflowId, error: unknown): Promise<void> {
    const { clock, policy, logger } = this.dependencies;
    logger.fatal({ err: error, workflowId: id }, "The engine could not go on with a workflow");
    if (!this.started) return;
    this.noteRetry(id, clock.now() + policy.retry.backoff.maxMs);
    try {
      await reportStuck(this.dependencies, id, error);
    } catch (second) {
      logger.error({ err: second, workflowId: id }, "Nobody could be told about it");
    }
  }

  private async endSession({ id, runs, lastRun }: Session): Promise<void> {
    if (id === null) return;
    const { model, logger } = this.dependencies;
    try {
      await persist(this.dependencies, () =>
        model.endSession(id, sessionResult(lastRun), lastRun?.error ?? null, runs),
      );
    } catch (error) {
      logger.error({ err: error, session: id }, "A session could not be ended; the next start ends it");
    }
  }

  private async nextStep(id: WorkflowId): Promise<{ workflow: RegisteredWorkflow; work: Work } | null> {
    const { stores, clock, registry } = this.dependencies;
    const row = await stores.workflows.getReadiness(id);
    // Only now: a deploy may have come while it was read.
    const workflow = registry.find(id);
    if (!workflow) {
      await deferForMissingCode(this.dependencies, await stores.workflows.get(id));
      return null;
    }
    const choice = await findWork({ stores, clock, state: this.state }, row, workflow);
    if (choice.kind === "wait") this.noteRetry(id, choice.until);
    return choice.kind === "run" && this.started ? { workflow, work: choice.work } : null;
  }

  /** Gives whether there may be more to do. */
  private async perform(workflow: RegisteredWorkflow, work: Work, session: Session): Promise<boolean> {
    const outcome = await this.performer.perform(workflow, work, session);
    if (outcome === "given up") return true;
    if (outcome === "deferred") return false;
    session.runs += 1;
    session.lastRun = outcome.run;
    await this.afterRun(workflow, outcome);
    return true;
  }

  /** What follows from a run for what the scheduler remembers. */
  private async afterRun(ran: RegisteredWorkflow, report: RunReport): Promise<void> {
    const { run, wakeAt, reserved, publishedTopics } = report;
    const { state } = this;
    // A deploy during the run may have changed who subscribes to what, and when.
    const workflow = this.dependencies.registry.find(ran.id) ?? ran;
    if (publishedTopics.size > 0) state.onEventPublish(workflow.id, subscribersOf(workflow.config, publishedTopics));
    if (wakeAt !== null) this.noteWake(workflow.id, run.handlerName, wakeAt);
    const nextRunAt = workflow === ran ? report.nextRunAt : await this.performer.dueAt(workflow, run.handlerName);
    if (nextRunAt !== null) this.noteSchedule(workflow.id, run.handlerName, nextRunAt);
    if (run.status === "committed") {
      if (run.handlerType === "producer") state.onProducerCommit(workflow.id, run.handlerName);
      else state.onConsumerCommit(workflow.id, run.handlerName, reserved > 0);
    } else if (run.handlerType === "consumer") {
      // Its events may be free again; and one that was aborted before it had prepared may have been woken without any.
      const trigger = run.status === "aborted" && wakeAt === null ? "wake" : "event";
      state.setConsumerDirty(workflow.id, run.handlerName, trigger);
    }
    if (run.status === "paused:reconciliation" && run.mutationId !== null) {
      const { mutationId } = run;
      this.noteMutation(await persist(this.dependencies, () => this.dependencies.stores.mutations.get(mutationId)));
    }
  }

  private startReconcile(id: MutationId): void {
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
        await persist(this.dependencies, async () =>
          deferForMissingCode(this.dependencies, await stores.workflows.get(mutation.workflowId)),
        );
        this.noteMutation({ ...mutation, nextReconcileAt: clock.now() + DEFERRED_RECONCILE_MS });
        return;
      }
      this.noteMutation(mutation);
      this.ready.add(mutation.workflowId);
    } catch (error) {
      logger.error({ err: error, mutation: id }, "A mutation could not be reconciled; it is asked about again later");
      const at = clock.now() + policy.reconcile.backoff.maxMs;
      this.noteDue(keyOf("reconcile", id), at);
      if (error instanceof CorruptRowError) await this.tellUnreadable(id, error);
    }
  }

  private async tellUnreadable(id: MutationId, error: CorruptRowError): Promise<void> {
    const { stores, logger } = this.dependencies;
    try {
      const mutation = await stores.mutations.findListed(id);
      if (mutation) await reportUnreadable(this.dependencies, mutation.workflowId, error);
    } catch (second) {
      logger.error({ err: second, mutation: id }, "Nobody could be told about it");
    }
  }
}

function sessionResult(lastRun: HandlerRun | null): "completed" | "failed" | "suspended" {
  if (lastRun?.status === "committed" || lastRun?.status === "aborted") return "completed";
  return lastRun?.status === "failed:logic" || lastRun?.status === "failed:internal" ? "failed" : "suspended";
}
