/** Composes what jobs need: handlers, execution, dispatch, maintenance; and gives each platform its scheduler. */
import type { PlatformId } from "@millrace/db";
import { JobIntake } from "../execution/job-intake.ts";
import { JobModel } from "../execution/job-model.ts";
import { JobOutcomes } from "../execution/job-outcomes.ts";
import { JobRecovery } from "../execution/job-recovery.ts";
import { JobRegistration } from "../execution/job-registration.ts";
import { JobTriggers } from "../execution/job-triggers.ts";
import type { ExecutionDependencies } from "../execution/transition-applier.ts";
import { HandlerRegistry, type AgentRunner, type JobHandler, type WorkflowTarget } from "./handler-registry.ts";
import { JobDispatcher, type DispatcherDependencies } from "./job-dispatcher.ts";
import { JobScheduler } from "./job-scheduler.ts";
import { Maintenance } from "./maintenance.ts";

export interface JobHostOptions {
  workflows: WorkflowTarget;
  agentRunner: AgentRunner | undefined;
  handlers: readonly JobHandler[];
  isRunning: () => boolean;
}

export class JobHost {
  private readonly registry: HandlerRegistry;
  private readonly dispatcher: JobDispatcher;
  private readonly maintenance: Maintenance;
  private readonly schedulers = new Map<PlatformId, JobScheduler>();
  private readonly createScheduler: (platformId: PlatformId) => JobScheduler;

  constructor(
    dependencies: ExecutionDependencies &
      Omit<DispatcherDependencies, "intake" | "jobModel" | "outcomes" | "recovery" | "handlers" | "workerId">,
    options: JobHostOptions,
  ) {
    const { applier } = dependencies;
    const handlers = new HandlerRegistry(options);
    for (const handler of options.handlers) handlers.register(handler);
    const jobModel = new JobModel(dependencies, applier);
    const intake = new JobIntake(dependencies, applier);
    const recovery = new JobRecovery(dependencies, applier, jobModel);
    const outcomes = new JobOutcomes(jobModel);
    this.registry = handlers;
    const workerId = dependencies.database.newId();
    this.dispatcher = new JobDispatcher({ ...dependencies, intake, jobModel, outcomes, recovery, handlers, workerId });
    this.maintenance = new Maintenance(dependencies);
    const shared = {
      ...dependencies,
      jobModel,
      handlers,
      registration: new JobRegistration(dependencies, applier),
      triggers: new JobTriggers(dependencies, applier),
      signals: this.dispatcher,
      isRunning: options.isRunning,
    };
    this.createScheduler = (platformId) => new JobScheduler(shared, platformId);
  }

  /** The scheduler of a platform. */
  scheduler(platformId: PlatformId): JobScheduler {
    let scheduler = this.schedulers.get(platformId);
    if (!scheduler) {
      scheduler = this.createScheduler(platformId);
      this.schedulers.set(platformId, scheduler);
    }
    return scheduler;
  }

  /** The functions that jobs can run, and whether they can run agents. */
  handlers(): { functions: string[]; agents: boolean } {
    return { functions: this.registry.functionNames(), agents: this.registry.hasAgents };
  }

  /** @throws DuplicateHandlerError */
  async register(handler: JobHandler): Promise<void> {
    this.registry.register(handler);
    await this.dispatcher.onHandlersChanged();
  }

  /** How many executions run here whose leases have expired. */
  get expiredLeases(): number {
    return this.dispatcher.expiredLeases;
  }

  /** Takes up what an earlier engine left, and begins. Gives how many executions were found under way. */
  async start(): Promise<number> {
    const lost = await this.dispatcher.start();
    await this.maintenance.start();
    return lost;
  }

  /** Looks at what another process may have changed, or at work whose code has come. */
  refresh(): Promise<void> {
    return this.dispatcher.refresh();
  }

  async stop(): Promise<void> {
    await Promise.all([this.dispatcher.stop(), this.maintenance.stop()]);
  }
}
