/**
 * What a person or a program may ask and decide about a database of workflows, with or without the engine that runs
 * them: the command line and the engine itself go through the same methods.
 */
import {
  createStores,
  DEFAULT_PLATFORM_ID,
  type AuditEntry,
  type AuditFilter,
  type Database,
  type Event,
  type EventFilter,
  type HandlerRun,
  type HandlerRunFilter,
  type Input,
  type InputFilter,
  type InputId,
  type Job,
  type JobExecution,
  type JsonValue,
  type Mutation,
  type MutationFilter,
  type MutationId,
  type Notification,
  type Platform,
  type PlatformId,
  type ReplayPhase,
  type RunId,
  type RunLog,
  type RunLogFilter,
  type RunLogLine,
  type Stores,
  type Topic,
  type Workflow,
} from "@millrace/db";
import type { AuditedAction } from "./audit.ts";
import { systemClock, type Clock } from "./clock.ts";
import { diagnose, type Diagnosis } from "./diagnosis.ts";
import { UnknownNameError } from "./errors.ts";
import { setWorkflowStatus } from "./execution/deployment.ts";
import { skipInput, type SkipResult } from "./execution/input-skip.ts";
import { LifecycleEmitter } from "./execution/lifecycle-events.ts";
import { MutationLedger } from "./execution/mutation-ledger.ts";
import { planReplay, redactPlan, type ReplayPlan } from "./execution/replay-plan.ts";
import { replayRun, type ReplayRequest } from "./execution/replay.ts";
import {
  Resolutions,
  type BulkResult,
  type BulkSelector,
  type Decider,
  type MutationVerdict,
} from "./execution/resolutions.ts";
import { TransitionApplier, type ExecutionDependencies } from "./execution/transition-applier.ts";
import { oneByEnding, oneByNameOrEnding } from "./find-by-ending.ts";
import { ActivityHistory, type ActivityOverTime, type ActivitySpan } from "./inspection/activity.ts";
import { listOpenAttention, type Attention } from "./inspection/open-attention.ts";
import { NO_CODE, type RunningCode } from "./inspection/inspected.ts";
import { Inspector } from "./inspection/inspector.ts";
import { summariseWorkflow, type WorkflowSummary } from "./inspection/workflow-status.ts";
import { listUpcomingRuns, type UpcomingRun } from "./inspection/upcoming-runs.ts";
import { offlineJobs } from "./jobs/offline-jobs.ts";
import type { Scheduler } from "./jobs/scheduler-port.ts";
import { resolvePolicy, type PolicyOptions } from "./policy.ts";
import { readWorkflowDetails, type WorkflowDetails } from "./workflow-details.ts";
import { ConfigCache } from "./workflow/config-cache.ts";
import { RowRedaction } from "./workflow/row-redaction.ts";

export type { Attention } from "./inspection/open-attention.ts";
export type { WorkflowSummary } from "./inspection/workflow-status.ts";

/** A run with what belongs to it. */
export interface RunDetails {
  run: HandlerRun;
  logs: RunLog[];
  mutation: Mutation | null;
  retriedBy: RunId | null;
}

export interface OperationsOptions {
  database: Database;
  policy?: PolicyOptions;
  clock?: Clock;
  /** Whether an engine of any process runs the database. Default: none does. */
  engineRuns?: () => boolean;
}

export class Operations {
  protected readonly stores: Stores;
  protected readonly execution: ExecutionDependencies;
  protected readonly applier: TransitionApplier;
  protected readonly ledger: MutationLedger;
  protected readonly configs = new ConfigCache();
  private readonly resolutions: Resolutions;
  private readonly activityHistory: ActivityHistory;
  private readonly engineRuns: () => boolean;

  /** @throws PolicyError */
  constructor(
    { database, policy, clock = systemClock, engineRuns = () => false }: OperationsOptions,
    shared: Partial<ExecutionDependencies> = {},
    keepsDeclarations = false,
  ) {
    this.engineRuns = engineRuns;
    this.stores = createStores(database);
    this.execution = {
      database,
      stores: this.stores,
      clock,
      policy: resolvePolicy(policy),
      random: Math.random,
      emitter: new LifecycleEmitter(() => undefined),
      redaction: new RowRedaction(this.stores, keepsDeclarations),
      ...shared,
    };
    this.activityHistory = new ActivityHistory(this.stores);
    this.applier = new TransitionApplier(this.execution);
    this.ledger = new MutationLedger(this.execution, this.applier);
    this.resolutions = new Resolutions(this.execution, this.applier, this.ledger);
  }

  /** All that may be looked at on a platform (tenant). */
  inspect(platformId: PlatformId = DEFAULT_PLATFORM_ID): Inspector {
    const { stores, configs, runningCode: code, redaction } = this;
    return new Inspector({ stores, configs, code, redaction, platformId });
  }

  protected get redaction(): RowRedaction {
    return this.execution.redaction;
  }

  /** Gives what is said about a thing, which may be an output, without what connectors declare secret. */
  hideDeclared(value: JsonValue, about: AuditedAction["subject"]): Promise<JsonValue> {
    // What is no id of an output is not found.
    return this.redaction.anything(value, about?.type === "output" ? (about.id as MutationId) : null);
  }

  /** Here none: a database that nobody need run. */
  protected get runningCode(): RunningCode {
    return NO_CODE;
  }

  /** The jobs of the default platform. */
  get jobs(): Scheduler {
    return this.schedulerOf(DEFAULT_PLATFORM_ID);
  }

  /** The jobs of another platform (tenant), which is made if there is none of this name. */
  async jobsOf(platform: string): Promise<Scheduler> {
    const { id } = await this.stores.platforms.getOrCreate(platform, this.execution.clock.now());
    return this.schedulerOf(id);
  }

  /** The jobs of the platform of this id; here of a database that nobody need run. */
  schedulerOf(platformId: PlatformId): Scheduler {
    return offlineJobs(this.execution, this.applier, this.engineRuns)(platformId);
  }

  /** The platform (tenant) of this name. @throws UnknownNameError */
  async platformByName(name: string): Promise<Platform> {
    const platforms = await this.stores.platforms.list();
    const platform = platforms.find((known) => known.name === name);
    if (platform) return platform;
    throw new UnknownNameError(
      "platform",
      name,
      platforms.map((known) => known.name),
    );
  }

  /** What people did on a platform and what came of it, newest first. */
  audit(filter: AuditFilter = {}): Promise<AuditEntry[]> {
    return this.stores.audit.list(filter);
  }

  /** What runs next on a platform, soonest first, at most `limit` of it. */
  upcomingRuns(
    platformId: PlatformId,
    { withinMs, limit }: { withinMs: number; limit: number },
  ): Promise<UpcomingRun[]> {
    return listUpcomingRuns(this.stores, platformId, { until: this.execution.clock.now() + withinMs, limit });
  }

  /** How much was done on a platform lately. */
  activityOverTime(platformId: PlatformId, span: ActivitySpan): Promise<ActivityOverTime> {
    return this.activityHistory.read(platformId, span, this.execution.clock.now());
  }

  /** Every workflow at a glance, by name. */
  async status(): Promise<WorkflowSummary[]> {
    const { stores, configs } = this;
    const workflows = await stores.workflows.list();
    return Promise.all(workflows.map((workflow) => summariseWorkflow({ stores, configs }, workflow)));
  }

  /** Every workflow's row, by name. */
  workflows(): Promise<Workflow[]> {
    return this.stores.workflows.list();
  }

  /** @throws UnknownNameError */
  async workflowByName(name: string): Promise<Workflow> {
    const workflow = await this.stores.workflows.findByName(name);
    if (workflow) return workflow;
    throw new UnknownNameError(
      "workflow",
      name,
      (await this.stores.workflows.list()).map((known) => known.name),
    );
  }

  /** All that there is to see of a workflow. @throws UnknownNameError */
  async workflowDetails(name: string): Promise<WorkflowDetails> {
    const workflow = await this.workflowByName(name);
    return readWorkflowDetails(this.stores, workflow, this.configs.get(workflow));
  }

  /** What is not as it should be. @param engineRuns whether an engine runs the database */
  diagnose(engineRuns: boolean): Promise<Diagnosis> {
    const { clock, policy } = this.execution;
    return diagnose(this.stores, { now: clock.now(), policy: policy.jobs, engineRuns });
  }

  /** Runs, newest first. */
  async runs(filter: HandlerRunFilter = {}): Promise<HandlerRun[]> {
    return this.redaction.runs(await this.stores.handlerRuns.list(filter));
  }

  /** @throws NotFoundError */
  async run(id: RunId): Promise<RunDetails> {
    const run = await this.stores.handlerRuns.get(id);
    const [logs, mutation, [retry]] = await Promise.all([
      this.stores.handlerRuns.listLogs(id),
      run.mutationId === null ? null : this.stores.mutations.get(run.mutationId),
      this.stores.handlerRuns.listRetriesOf(id),
    ]);
    return {
      run: await this.redaction.run(run),
      logs: await this.redaction.dataOfRun(run, logs),
      mutation: mutation && (await this.redaction.mutation(mutation)),
      retriedBy: retry?.id ?? null,
    };
  }

  /** The run whose id is this or ends so. @throws UnknownNameError, AmbiguousIdError */
  findRun(ending: string): Promise<HandlerRun> {
    return oneByEnding("run", ending, (filter) => this.runs(filter));
  }

  /** Log lines of runs: the last ones, or those behind a position; in the order in which they were kept. */
  runLogs(filter: RunLogFilter = {}): Promise<RunLogLine[]> {
    return this.stores.runLogs.list(filter);
  }

  /** The position of the last log line of all: what comes later is behind it. */
  runLogPosition(): Promise<number> {
    return this.stores.runLogs.lastPosition();
  }

  /** Events, newest first. */
  async events(filter: EventFilter = {}): Promise<Event[]> {
    return this.redaction.events(await this.stores.events.list(filter));
  }

  /** A workflow's topics. */
  topics(id: Workflow["id"]): Promise<Topic[]> {
    return this.stores.topics.list(id);
  }

  /** A platform's job with this key or name, or whose id is this or ends so. @throws UnknownNameError, AmbiguousIdError */
  findJob(name: string, platformId: PlatformId = DEFAULT_PLATFORM_ID): Promise<Job> {
    const { jobs } = this.stores;
    return oneByNameOrEnding(
      "job",
      name,
      (filter) => jobs.list({ ...filter, platformId }),
      async (limit) => {
        const keyed = await jobs.findByKey(platformId, name);
        if (keyed) return [keyed];
        return (await jobs.list({ platformId, text: name, limit: 1_000 }))
          .filter((job) => job.name === name)
          .slice(0, limit);
      },
    );
  }

  /** A platform's execution whose id is this or ends so. @throws UnknownNameError, AmbiguousIdError */
  findExecution(ending: string, platform: PlatformId = DEFAULT_PLATFORM_ID): Promise<JobExecution> {
    return oneByEnding("execution", ending, async ({ idEnding, limit }) =>
      (await this.stores.jobHistory.listByIdEnding(idEnding, limit)).filter(
        ({ platformId }) => platformId === platform,
      ),
    );
  }

  /** Inputs, newest first. */
  inputs(filter: InputFilter = {}): Promise<Input[]> {
    return this.stores.inputs.list(filter);
  }

  /** The input whose id is this or ends so. @throws UnknownNameError, AmbiguousIdError */
  findInput(ending: string): Promise<Input> {
    return oneByEnding("input", ending, (filter) => this.stores.inputs.list(filter));
  }

  /** Outputs, which are the mutations of the ledger, newest first. */
  async outputs(filter: MutationFilter = {}): Promise<Mutation[]> {
    return this.redaction.mutations(await this.stores.mutations.list(filter));
  }

  /** The mutation whose id is this or ends so. @throws UnknownNameError, AmbiguousIdError */
  findMutation(ending: string): Promise<Mutation> {
    return oneByEnding("mutation", ending, (filter) => this.outputs(filter));
  }

  /** What needs a person, oldest first. */
  needsAttention(): Promise<Attention[]> {
    return listOpenAttention(this.stores, this.redaction);
  }

  /** Settles a mutation whose outcome is unknown. @throws NotFoundError, NotResolvableError */
  async resolveMutation(id: MutationId, verdict: MutationVerdict): Promise<Mutation> {
    return this.redaction.mutation(await this.resolutions.resolve(id, verdict));
  }

  /** Settles all uncertain mutations of a connector in a time span; `dryRun` only says which they are. */
  async resolveMutations(
    selector: BulkSelector,
    verdict: MutationVerdict,
    options: { dryRun?: boolean } = {},
  ): Promise<BulkResult> {
    if (!options.dryRun) return this.resolutions.resolveMatching(selector, verdict);
    const matched = (await this.resolutions.matching(selector)).map(({ id }) => id);
    return { matched, resolved: [], refused: [] };
  }

  /** Approves (or rejects) the very parameters of a mutation that waits for it. @throws NotFoundError, NotResolvableError */
  async approve(id: MutationId, decision: Decider & { approved?: boolean }): Promise<Mutation> {
    return this.redaction.mutation(await this.resolutions.approve(id, { approved: true, ...decision }));
  }

  /** Skips an input: nothing more is done because of it. @throws NotFoundError */
  skipInput(id: InputId): Promise<SkipResult> {
    return skipInput(this.execution, this.applier, id);
  }

  /** Tries a workflow's failed run again now. @throws UnknownNameError, NotResolvableError */
  async retry(workflowName: string, decider: Decider): Promise<HandlerRun> {
    return this.resolutions.retry((await this.workflowByName(workflowName)).id, decider);
  }

  /** What replaying a past run would do now, which effects it would repeat, and why it can't be done. @throws NotFoundError */
  async planReplay(id: RunId, { from }: { from: ReplayPhase }): Promise<ReplayPlan> {
    return redactPlan(await planReplay(this.stores, id, from), this.redaction);
  }

  /**
   * Sets the replay of a past run going, once every effect that it would repeat is named in `cross`.
   * @throws NotFoundError, ReplayRefusedError, EffectCrossingError, StaleReplayError
   */
  async replayRun(id: RunId, request: ReplayRequest): Promise<ReplayPlan> {
    return redactPlan(await replayRun(this.execution, this.applier, id, request), this.redaction);
  }

  /** Lets a workflow start no more runs. @throws UnknownNameError */
  async pause(workflowName: string): Promise<void> {
    await setWorkflowStatus(this.execution, this.applier, await this.workflowByName(workflowName), "paused");
  }

  /** Lets a paused workflow go on. @throws UnknownNameError */
  async resume(workflowName: string): Promise<void> {
    await setWorkflowStatus(this.execution, this.applier, await this.workflowByName(workflowName), "active");
  }

  /** The open notification whose id is this or ends so. @throws UnknownNameError, AmbiguousIdError */
  findOpenNotification(ending: string): Promise<Notification> {
    return oneByEnding("open notification", ending, async ({ idEnding }) =>
      (await this.stores.notifications.listOpen()).filter(({ id }) => id.endsWith(idEnding)),
    );
  }

  /** Closes a notification that a person has read. @throws NotFoundError */
  async dismiss(id: Notification["id"]): Promise<void> {
    await this.stores.notifications.resolve(id, this.execution.clock.now());
  }
}
