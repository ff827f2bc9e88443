/**
 * What a person or a program may ask and decide about a database of workflows, with or without the engine that runs
 * them: the command line and the engine itself go through the same methods.
 */
import {
  createStores,
  type Database,
  type HandlerRun,
  type HandlerRunFilter,
  type Input,
  type InputFilter,
  type InputId,
  type Job,
  type Mutation,
  type MutationFilter,
  type MutationId,
  type Notification,
  type RunId,
  type RunLog,
  type Stores,
  type Workflow,
  type WorkflowStatus,
} from "@millrace/db";
import { systemClock, type Clock } from "./clock.ts";
import { AmbiguousIdError, UnknownNameError } from "./errors.ts";
import { setWorkflowStatus } from "./execution/deployment.ts";
import { skipInput, type SkipResult } from "./execution/input-skip.ts";
import { LifecycleEmitter } from "./execution/lifecycle-events.ts";
import { MutationLedger } from "./execution/mutation-ledger.ts";
import {
  Resolutions,
  type BulkResult,
  type BulkSelector,
  type Decider,
  type MutationVerdict,
} from "./execution/resolutions.ts";
import { TransitionApplier, type ExecutionDependencies } from "./execution/transition-applier.ts";
import { resolvePolicy, type PolicyOptions } from "./policy.ts";
import { ConfigCache } from "./workflow/config-cache.ts";

/** A workflow at a glance. */
export interface WorkflowSummary {
  id: Workflow["id"];
  name: string;
  /** The user's intent. */
  status: WorkflowStatus;
  /** Why it needs attention; null if all is well. */
  error: string | null;
  /** The version that runs, for example `1.2`; null before the first deploy. */
  version: string | null;
  /** Pending events by topic. */
  pending: Record<string, number>;
  /** When each scheduled producer is due next, in Unix milliseconds. */
  schedules: { producer: string; nextRunAt: number; lastRunAt: number | null }[];
  /** When each consumer that asked for it is woken, in Unix milliseconds. */
  wakes: { consumer: string; wakeAt: number }[];
  /** When a failed run is tried again, in Unix milliseconds; null if none is. */
  retryAt: number | null;
  openNotifications: number;
}

/** A run with what belongs to it. */
export interface RunDetails {
  run: HandlerRun;
  logs: RunLog[];
  mutation: Mutation | null;
  retriedBy: RunId | null;
}

/** Something that needs a person: a workflow, or a job. */
export interface Attention {
  notification: Notification;
  /** The workflow's name; null where it is about a job. */
  workflow: string | null;
  job: Job | null;
  mutation: Mutation | null;
}

export interface OperationsOptions {
  database: Database;
  policy?: PolicyOptions;
  clock?: Clock;
}

export class Operations {
  protected readonly stores: Stores;
  protected readonly execution: ExecutionDependencies;
  protected readonly applier: TransitionApplier;
  protected readonly ledger: MutationLedger;
  protected readonly configs = new ConfigCache();
  private readonly resolutions: Resolutions;

  /** @throws PolicyError */
  constructor(
    { database, policy, clock = systemClock }: OperationsOptions,
    shared: Partial<ExecutionDependencies> = {},
  ) {
    this.stores = createStores(database);
    this.execution = {
      database,
      stores: this.stores,
      clock,
      policy: resolvePolicy(policy),
      random: Math.random,
      emitter: new LifecycleEmitter(() => undefined),
      ...shared,
    };
    this.applier = new TransitionApplier(this.execution);
    this.ledger = new MutationLedger(this.execution, this.applier);
    this.resolutions = new Resolutions(this.execution, this.applier, this.ledger);
  }

  /** Every workflow at a glance, by name. */
  async status(): Promise<WorkflowSummary[]> {
    return Promise.all((await this.stores.workflows.list()).map((workflow) => this.summarise(workflow)));
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

  /** Runs, newest first. */
  runs(filter: HandlerRunFilter = {}): Promise<HandlerRun[]> {
    return this.stores.handlerRuns.list(filter);
  }

  /** @throws NotFoundError */
  async run(id: RunId): Promise<RunDetails> {
    const run = await this.stores.handlerRuns.get(id);
    const [logs, mutation, [retry]] = await Promise.all([
      this.stores.handlerRuns.listLogs(id),
      run.mutationId === null ? null : this.stores.mutations.get(run.mutationId),
      this.stores.handlerRuns.listRetriesOf(id),
    ]);
    return { run, logs, mutation, retriedBy: retry?.id ?? null };
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
  outputs(filter: MutationFilter = {}): Promise<Mutation[]> {
    return this.stores.mutations.list(filter);
  }

  /** The mutation whose id is this or ends so. @throws UnknownNameError, AmbiguousIdError */
  findMutation(ending: string): Promise<Mutation> {
    return oneByEnding("mutation", ending, (filter) => this.stores.mutations.list(filter));
  }

  /** What needs a person, oldest first. */
  async needsAttention(): Promise<Attention[]> {
    const [notifications, workflows] = await Promise.all([
      this.stores.notifications.listOpen(),
      this.stores.workflows.list(),
    ]);
    const names = new Map(workflows.map(({ id, name }) => [id, name]));
    return Promise.all(
      notifications.map(async (notification) => {
        const { workflowId, jobId, mutationId } = notification;
        const mutation = mutationId === null ? null : await this.stores.mutations.find(mutationId);
        const job = jobId === null ? null : await this.stores.jobs.find(jobId);
        return { notification, workflow: workflowId && (names.get(workflowId) ?? workflowId), job, mutation };
      }),
    );
  }

  /** Settles a mutation whose outcome is unknown. @throws NotFoundError, NotResolvableError */
  resolveMutation(id: MutationId, verdict: MutationVerdict): Promise<Mutation> {
    return this.resolutions.resolve(id, verdict);
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
  approve(id: MutationId, decision: Decider & { approved?: boolean }): Promise<Mutation> {
    return this.resolutions.approve(id, { approved: true, ...decision });
  }

  /** Skips an input: nothing more is done because of it. @throws NotFoundError */
  skipInput(id: InputId): Promise<SkipResult> {
    return skipInput(this.execution, this.applier, id);
  }

  /** Tries a workflow's failed run again now. @throws UnknownNameError, NotResolvableError */
  async retry(workflowName: string, decider: Decider): Promise<HandlerRun> {
    return this.resolutions.retry((await this.workflowByName(workflowName)).id, decider);
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

  private async summarise(workflow: Workflow): Promise<WorkflowSummary> {
    const { id, name, status, error, retryAt } = workflow;
    const { topics } = this.configs.get(workflow);
    const [counts, schedules, states, notifications, script] = await Promise.all([
      this.stores.events.countPendingByTopic(id, topics),
      this.stores.producerSchedules.getForWorkflow(id),
      this.stores.handlerStates.getForWorkflow(id),
      this.stores.notifications.listOpen(id),
      workflow.activeScriptId === null ? null : this.stores.scripts.get(workflow.activeScriptId),
    ]);
    return {
      id,
      name,
      status,
      error,
      retryAt,
      version: script && `${script.major}.${script.minor}`,
      pending: Object.fromEntries(counts),
      schedules: schedules.map(({ producerName, nextRunAt, lastRunAt }) => ({
        producer: producerName,
        nextRunAt,
        lastRunAt,
      })),
      wakes: states
        .filter(({ wakeAt }) => wakeAt > 0)
        .map(({ handlerName, wakeAt }) => ({ consumer: handlerName, wakeAt })),
      openNotifications: notifications.length,
    };
  }
}

/** Finds a row by the ending of its id, which is how people name one. */
async function oneByEnding<Row extends { id: string }>(
  kind: string,
  ending: string,
  list: (filter: { idEnding: string; limit: number }) => Promise<Row[]>,
): Promise<Row> {
  const idEnding = ending.toLowerCase();
  const found = /^[0-9a-f-]+$/.test(idEnding) ? await list({ idEnding, limit: 2 }) : [];
  const [row] = found;
  if (!row) throw new UnknownNameError(kind, ending);
  if (found.length > 1)
    throw new AmbiguousIdError(
      kind,
      ending,
      found.map(({ id }) => id),
    );
  return row;
}
