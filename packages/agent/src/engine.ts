/**
 * The engine: composes stores, execution, handlers and scheduling, and is what a program or a host talks to.
 *
 * Invariants:
 * 1. One engine runs a database at a time (the database's ownership lock).
 * 2. What it acknowledges is on disk.
 */
import {
  CorruptRowError,
  DEFAULT_PLATFORM_ID,
  type InputId,
  type Mutation,
  type MutationId,
  type PlatformId,
  type PublishResult,
  type RunId,
  type WorkflowId,
} from "@millrace/db";
import { pino, type Logger } from "pino";
import type { EngineOptions, JobTargets, OutsideEvent } from "./engine-options.ts";
import { EngineStoppedError, UnknownNameError, WorkflowBusyError, WorkflowNotRunnableError } from "./errors.ts";
import { takeUnchanged, type DeploymentResult, type Unchanged } from "./execution/deployed-workflows.ts";
import { deploy } from "./execution/deployment.ts";
import { ExecutionModel } from "./execution/execution-model.ts";
import type { SkipResult } from "./execution/input-skip.ts";
import { LifecycleEmitter, type LifecycleEventName, type LifecycleListener } from "./execution/lifecycle-events.ts";
import { reportUnreadable } from "./execution/notices.ts";
import { recover, type RecoveryResult } from "./execution/recovery.ts";
import type { ReplayPlan } from "./execution/replay-plan.ts";
import type { ReplayRequest } from "./execution/replay.ts";
import type { BulkResult, BulkSelector, Decider, MutationVerdict } from "./execution/resolutions.ts";
import { previewHandler, type ConsumerPreview, type ProducerPreview } from "./handlers/preview.ts";
import { checkPublication } from "./handlers/publications.ts";
import { HandlerRunner } from "./handlers/run-handler.ts";
import type { RunningCode } from "./inspection/inspected.ts";
import type { JobHandler } from "./jobs/handler-registry.ts";
import { JobHost } from "./jobs/job-host.ts";
import type { Scheduler } from "./jobs/scheduler-port.ts";
import { EngineWorkflows } from "./jobs/workflow-target.ts";
import { Operations } from "./operations.ts";
import { Activity } from "./scheduling/activity.ts";
import { Agenda } from "./scheduling/agenda.ts";
import { loadWork } from "./scheduling/load-work.ts";
import { Reconciler } from "./scheduling/reconciler.ts";
import { WorkflowScheduler } from "./scheduling/workflow-scheduler.ts";
import { StallReports, type EventLoopReport } from "./stall/stall-reports.ts";
import { validateWorkflow } from "./workflow/validate-workflow.ts";
import { withConnectors, type WorkflowDefinition } from "./workflow/workflow-definition.ts";
import { WorkflowRegistry, type RegisteredWorkflow } from "./workflow/workflow-registry.ts";

export type { EngineOptions, JobTargets, OutsideEvent } from "./engine-options.ts";

/** Creates an engine; nothing runs before `start`. @throws PolicyError */
export function createEngine(options: EngineOptions): Engine {
  return new Engine(options);
}

export class Engine extends Operations {
  private readonly options: EngineOptions;
  private readonly logger: Logger;
  private readonly emitter: LifecycleEmitter;
  private readonly registry = new WorkflowRegistry();
  private readonly stopController = new AbortController();
  private readonly model: ExecutionModel;
  private readonly runner: HandlerRunner;
  private readonly scheduler: WorkflowScheduler;
  private readonly jobHost: JobHost;
  private readonly agenda: Agenda;
  private readonly activity = new Activity();
  private readonly stalls: StallReports;
  private state: "created" | "running" | "stopped" = "created";
  private hasStarted = false;
  private starting: Promise<unknown> | null = null;
  private stopping: Promise<void> | null = null;

  constructor(options: EngineOptions) {
    const logger = options.logger ?? pino({ enabled: false });
    const emitter = new LifecycleEmitter((error, name) =>
      logger.error({ err: error, event: name }, "A listener failed"),
    );
    super(options, { emitter, random: options.random ?? Math.random }, true);
    this.options = options;
    this.logger = logger;
    this.emitter = emitter;
    this.model = new ExecutionModel(this.execution, this.applier);
    this.agenda = new Agenda(this.execution.clock);
    this.activity.watch(() => !this.agenda.hasDue);
    this.stalls = new StallReports({
      ...this.execution,
      applier: this.applier,
      logger,
      usesThread: options.watchThread ?? false,
      expiredLeases: () => this.jobHost.expiredLeases,
    });
    const shared = {
      ...this.execution,
      logger,
      loopWatch: this.stalls.watch,
      agenda: this.agenda,
      activity: this.activity,
      applier: this.applier,
      ledger: this.ledger,
      model: this.model,
      registry: this.registry,
      stopSignal: this.stopController.signal,
    };
    this.runner = new HandlerRunner({ ...shared, onLateOutcome: (workflowId) => this.scheduler.markReady(workflowId) });
    this.scheduler = new WorkflowScheduler({ ...shared, runner: this.runner, reconciler: new Reconciler(shared) });
    const workflows = new EngineWorkflows({
      ...shared,
      scheduler: this.scheduler,
      publish: async (workflow, topic, event) => ({ ...(await this.publish(workflow, topic, event)) }),
      assertRunnable: (workflow) => this.assertRunnable(workflow),
    });
    this.jobHost = new JobHost(shared, {
      workflows,
      agentRunner: options.agentRunner,
      handlers: options.jobHandlers ?? [],
      isRunning: () => this.state === "running",
    });
  }

  protected override get runningCode(): RunningCode {
    return this.registry;
  }

  /** Jobs can be scheduled before `start`; nothing runs before it. */
  override schedulerOf(platformId: PlatformId): Scheduler {
    return this.jobHost.scheduler(platformId);
  }

  /** Adds a function that jobs run; those that wait for it go on. @throws DuplicateHandlerError */
  registerJobHandler(handler: JobHandler): Promise<void> {
    return this.jobHost.register(handler);
  }

  /** What the jobs of a platform can run here. The workflows are the default platform's, and so are their targets. */
  jobTargets(platformId: PlatformId): JobTargets {
    const workflows = platformId === DEFAULT_PLATFORM_ID ? this.registry.targets() : [];
    return { ...this.jobHost.handlers(), workflows };
  }

  /**
   * Recovers what an earlier engine left, deploys the workflows, and begins to run.
   * @throws DatabaseOwnedError when another engine runs this database
   */
  start(): Promise<RecoveryResult> {
    if (this.state !== "created") return Promise.reject(new EngineStoppedError());
    this.state = "running";
    const starting = this.startOnce();
    // Who stops the engine meanwhile waits for the end of this, however it ends.
    this.starting = Promise.allSettled([starting]);
    return starting;
  }

  private async startOnce(): Promise<RecoveryResult> {
    this.execution.database.acquireOwnership();
    const { unreadable, ...recovered } = await recover(this.execution, this.applier, this.ledger);
    await this.deployAll((this.options.workflows ?? []).map((definition) => this.complete(definition)));
    await this.refresh();
    this.assertRunning();
    this.agenda.start();
    this.scheduler.start();
    const lostExecutions = await this.jobHost.start();
    for (const { workflowId, error } of unreadable) await reportUnreadable(this.noticing, workflowId, error);
    this.hasStarted = true;
    this.logger.info({ ...recovered, lostExecutions, workflows: this.registry.size }, "engine started");
    return recovered;
  }

  /** Deploys what is not deployed as it is. */
  private async deployAll(definitions: readonly WorkflowDefinition[]): Promise<void> {
    const changed = new Set(definitions);
    await takeUnchanged(this.stores, definitions, (definition, unchanged) => {
      // Somebody may have deployed another version since it was read.
      if (this.registry.findByName(definition.name) || !changed.delete(definition)) return;
      this.register(definition, unchanged);
      this.emitter.emit({ name: "workflow:changed", args: [unchanged.workflow] });
    });
    await Promise.all([...changed].map((definition) => this.deployReadable(definition)));
  }

  /** One workflow whose row can't be read keeps no other from running: a person is told. */
  private async deployReadable(definition: WorkflowDefinition): Promise<void> {
    try {
      await this.deployCompleted(definition);
    } catch (error) {
      const workflow = error instanceof CorruptRowError && (await this.stores.workflows.findByName(definition.name));
      if (!workflow) throw error;
      await reportUnreadable(this.noticing, workflow.id, error);
    }
  }

  private get noticing() {
    return { applier: this.applier, stores: this.stores, logger: this.logger };
  }

  /** Starts nothing any more, waits for what runs up to the policy's grace, interrupts the rest; recovery takes that up. */
  stop(): Promise<void> {
    this.stopping ??= this.stopOnce();
    return this.stopping;
  }

  private async stopOnce(): Promise<void> {
    const wasRunning = this.state === "running";
    this.state = "stopped";
    if (!wasRunning) return;
    await this.starting;
    const { clock, policy } = this.execution;
    const cancel = clock.setTimer(policy.stop.graceMs, () => {
      this.logger.warn("what is still running is interrupted");
      this.stopController.abort();
    });
    await Promise.all([this.scheduler.stop(), this.jobHost.stop()]);
    await this.stalls.watch.close();
    cancel();
    this.stopController.abort();
    this.logger.info("engine stopped");
  }

  /** Deploys a workflow, or a new version of it. The same code again changes nothing. @throws WorkflowDefinitionError */
  async deploy(definition: WorkflowDefinition): Promise<void> {
    this.assertRunning();
    const { workflow } = await this.deployCompleted(this.complete(definition));
    // What was deferred because this code was missing can be asked about now.
    for (const mutation of await this.stores.mutations.listReconciling()) {
      if (mutation.workflowId === workflow.id) this.scheduler.noteMutation(mutation);
    }
    this.wake(workflow.id);
    await this.jobHost.refresh();
  }

  private async deployCompleted(definition: WorkflowDefinition): Promise<DeploymentResult> {
    const result = await deploy(this.execution, this.applier, definition);
    const { workflow, config } = result;
    this.register(definition, result);
    for (const producer of result.removedSchedules) this.scheduler.dropSchedule(workflow.id, producer);
    for (const { producerName, nextRunAt } of result.schedules)
      this.scheduler.noteSchedule(workflow.id, producerName, nextRunAt);
    if (result.isNewVersion) this.scheduler.state.initializeForWorkflow(workflow.id, Object.keys(config.consumers));
    return result;
  }

  /** Checks a workflow, which may have been made by hand, and gives it the connectors of the engine. */
  private complete(definition: WorkflowDefinition): WorkflowDefinition {
    return withConnectors(validateWorkflow(definition), this.options.connectors);
  }

  private register(definition: WorkflowDefinition, { workflow, config, scriptId, topicIds }: Unchanged): void {
    const { id, name } = workflow;
    this.configs.invalidate(id);
    this.redaction.forget(id);
    this.registry.add({ id, name, definition, config, scriptId, topicIds, connectors: definition.connectors });
  }

  /**
   * Publishes an event from outside; resolves when it is on disk. Published again by (topic, message id), it replaces
   * a pending event (unless that is to be kept) and changes nothing else.
   * @throws UnknownNameError, SchemaError, LogicError
   */
  async publish(workflowName: string, topic: string, event: OutsideEvent): Promise<PublishResult> {
    const workflow = this.registered(workflowName);
    const { messageId } = event;
    const publication = await checkPublication(workflow, { topic, messageId, payload: event.payload });
    const input = event.input ?? { source: "publish", type: topic, externalId: messageId, title: messageId };
    const result = await this.model.publishFromOutside(workflow.id, publication, input, event.keepsPending);
    // A deploy meanwhile may have changed who subscribes to it.
    const subscribed = this.registry.find(workflow.id) ?? workflow;
    if (result.outcome !== "unchanged") this.scheduler.onPublish(subscribed, new Set([topic]));
    return result;
  }

  /**
   * Runs producers of a workflow now: those named, or all.
   * @throws UnknownNameError; WorkflowBusyError while a run is active; WorkflowNotRunnableError when it waits
   */
  async runNow(workflowName: string, producers?: readonly string[]): Promise<void> {
    const workflow = this.registered(workflowName);
    const known = Object.keys(workflow.definition.producers);
    for (const name of producers ?? []) if (!known.includes(name)) throw new UnknownNameError("producer", name, known);
    await this.assertRunnable(workflow);
    if (this.scheduler.isRunning(workflow.id)) throw new WorkflowBusyError(workflowName);
    this.scheduler.queueProducers(workflow, producers ?? known);
  }

  override async resume(workflowName: string): Promise<void> {
    await super.resume(workflowName);
    this.wake((await this.workflowByName(workflowName)).id);
  }

  override async resolveMutation(id: MutationId, verdict: MutationVerdict): Promise<Mutation> {
    return this.follow(await super.resolveMutation(id, verdict));
  }

  override async resolveMutations(
    selector: BulkSelector,
    verdict: MutationVerdict,
    options: { dryRun?: boolean } = {},
  ): Promise<BulkResult> {
    const result = await super.resolveMutations(selector, verdict, options);
    for (const id of result.resolved) this.follow(await this.stores.mutations.get(id));
    return result;
  }

  override async approve(id: MutationId, decision: Decider & { approved?: boolean }): Promise<Mutation> {
    return this.follow(await super.approve(id, decision));
  }

  override async skipInput(id: InputId): Promise<SkipResult> {
    const result = await super.skipInput(id);
    for (const runId of result.abortedRuns) this.runner.interrupt(runId);
    this.wake((await this.stores.inputs.get(id)).workflowId);
    return result;
  }

  override async retry(workflowName: string, decider: Decider) {
    const run = await super.retry(workflowName, decider);
    this.wake(run.workflowId);
    return run;
  }

  override async replayRun(id: RunId, request: ReplayRequest): Promise<ReplayPlan> {
    const plan = await super.replayRun(id, request);
    this.wake(plan.run.workflowId);
    return plan;
  }

  /** Shows what a producer, or a consumer's prepare and mutate, would do now, and does nothing. @throws UnknownNameError, ClassifiedError */
  preview(workflowName: string, handler: string): Promise<ProducerPreview | ConsumerPreview> {
    const { logger, stalls, execution } = this;
    return previewHandler({ ...execution, logger, loopWatch: stalls.watch }, this.registered(workflowName), handler);
  }

  /** Looks into the database for what another process has changed there (a person's decision on the command line). */
  async refresh(): Promise<void> {
    await loadWork(this.stores, this.registry, this.scheduler);
    await this.jobHost.refresh();
  }

  /** Adds a listener; gives a function that removes it. */
  on<Name extends LifecycleEventName>(name: Name, listener: LifecycleListener<Name>): () => void {
    return this.emitter.on(name, listener);
  }

  /** Resolves when nothing runs and nothing is ready to run; what is due later does not count. */
  whenIdle(): Promise<void> {
    return this.activity.whenIdle();
  }

  /** Whether its start is over, and its end has not begun. */
  get isRunning(): boolean {
    return this.state === "running" && this.hasStarted;
  }

  /** Whether nothing runs and nothing is ready to run. */
  get isIdle(): boolean {
    return this.activity.isIdle;
  }

  /** How often the event loop of this process stood still while handlers ran, and what ran. */
  get eventLoop(): EventLoopReport {
    return this.stalls.health;
  }

  /** When something is due next, in Unix milliseconds; null when nothing is. */
  get nextDueAt(): number | null {
    return this.agenda.nextAt;
  }

  private follow(mutation: Mutation): Mutation {
    this.scheduler.noteMutation(mutation);
    this.wake(mutation.workflowId);
    return mutation;
  }

  private wake(workflowId: WorkflowId): void {
    const workflow = this.registry.find(workflowId);
    if (workflow) this.scheduler.onPublish(workflow, new Set(workflow.config.topics));
    else this.scheduler.markReady(workflowId);
  }

  private registered(name: string): RegisteredWorkflow {
    this.assertRunning();
    const workflow = this.registry.findByName(name);
    if (workflow) return workflow;
    throw new UnknownNameError("workflow", name, this.registry.names());
  }

  private async assertRunnable({ id, name }: RegisteredWorkflow): Promise<void> {
    const { status, error } = await this.stores.workflows.get(id);
    if (status !== "active") throw new WorkflowNotRunnableError(`Workflow "${name}" is ${status}. Resume it first.`);
    if (error !== null) throw new WorkflowNotRunnableError(`Workflow "${name}" needs attention first: ${error}`);
  }

  private assertRunning(): void {
    if (this.state !== "running") throw new EngineStoppedError();
  }
}
