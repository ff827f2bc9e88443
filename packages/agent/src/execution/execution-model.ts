/**
 * The life of a run, one verb a transition, each one database transaction that leaves all rows consistent.
 * A crash between any two of them leaves a state that recovery.ts understands.
 */
import { IllegalTransitionError, TransitionConflictError } from "@millrace/db";
import type {
  EventId,
  HandlerRun,
  HandlerType,
  Input,
  InputId,
  JsonValue,
  PublishResult,
  RunId,
  RunLog,
  ScriptId,
  SessionId,
  TopicId,
  WorkflowId,
} from "@millrace/db";
import type { ScheduleConfig } from "../workflow/handler-config.ts";
import type { InputDescription } from "../workflow/types.ts";
import { missedTicks } from "../workflow/producer-schedule.ts";
import { isSameSchedule } from "./deployed-workflows.ts";
import { giveUpRun } from "./giving-up.ts";
import { beginReplay, findReplayOf, startsAfresh } from "./replay-start.ts";
import type { Failure } from "./run-status.ts";
import { collapseReason, decideProducerTick } from "./tick-decisions.ts";
import { awaitsApproval, continuesAfterMutation, transientFailuresBefore, type RunEvent } from "./transitions.ts";
import type { ExecutionDependencies, Step, TransitionApplier } from "./transition-applier.ts";

export interface RunStart {
  workflowId: WorkflowId;
  scriptId: ScriptId;
  handlerType: HandlerType;
  handlerName: string;
  /** What made it run: `event`, `schedule`, `wake`, `retry`, `manual` … */
  trigger: string;
  /** The open session, or null to open one with this run. */
  sessionId: SessionId | null;
  /** The ended run that this one continues. */
  retryOf: HandlerRun | null;
}

/** An event that a handler has published, before it is written. */
export interface PendingPublication {
  topic: string;
  topicId: TopicId;
  messageId: string;
  /** Becomes JSON when it is written. */
  payload: unknown;
}

export interface ProducerPublication extends PendingPublication {
  /** Positions in the list of registered inputs. */
  inputs: readonly number[];
}

/** What a handler leaves when it returns. */
interface HandlerResult {
  logs: readonly RunLog[];
  /** The next state, which becomes JSON when it is written; undefined keeps what is there. */
  state: unknown;
}

export interface ProducerResult extends HandlerResult {
  inputs: readonly InputDescription[];
  publications: readonly ProducerPublication[];
  /** The schedule that it ran by, and when that is due next; null for a producer without one. */
  schedule: (ScheduleConfig & { nextRunAt: number }) | null;
}

export interface ConsumerResult extends HandlerResult {
  publications: readonly PendingPublication[];
}

/** What `prepare` has come to. */
export interface PreparedOutput {
  prepareResult: JsonValue;
  /** The events to reserve, and as of which `updatedAt` each was seen. */
  reserved: ReadonlyMap<EventId, number>;
  /** 0 for none. */
  wakeAt: number;
  previousWakeAt: number;
}

export interface PreparedRun extends PreparedOutput {
  logs: readonly RunLog[];
}

/** Who publishes or registers: a run, or nobody inside (`id: null`). */
type Origin = Pick<HandlerRun, "workflowId"> & { id: RunId | null };

export class ExecutionModel {
  private readonly applier: TransitionApplier;
  private readonly dependencies: ExecutionDependencies;

  constructor(dependencies: ExecutionDependencies, applier: TransitionApplier) {
    this.dependencies = dependencies;
    this.applier = applier;
  }

  /**
   * Creates an active run; one that continues another takes over its mutation and its reservations.
   * @throws TransitionConflictError when the workflow waits for another run; IllegalTransitionError when that run waits
   *   for a decision about its mutation
   */
  startRun(start: RunStart): Promise<{ run: HandlerRun; wakeAt: number }> {
    return this.applier.inOneTransaction("run.start", async (step) => {
      const { stores } = this.dependencies;
      const { tx, now } = step;
      const { workflowId, handlerName, retryOf } = start;
      await this.expectToContinue(step, workflowId, retryOf);
      if (retryOf) assertDecided(retryOf);
      const replay = retryOf && (await findReplayOf(stores, retryOf, tx));
      const trigger = replay ? `replay:${replay.runId}` : start.trigger;
      const state = await stores.handlerStates.find({ workflowId, handlerName }, tx);
      const sessionId = start.sessionId ?? (await stores.sessions.create({ workflowId, trigger }, now, tx)).id;
      const inherited = this.inherit(replay && startsAfresh(replay) ? { ...start, retryOf: null } : start);
      const run = await stores.handlerRuns.create(
        { ...start, trigger, sessionId, ...inherited, inputState: state?.state ?? null },
        now,
        tx,
      );
      if (retryOf) await this.takeOver(step, retryOf, run);
      if (replay) await beginReplay(stores, step, replay, run);
      step.announce({ name: "run:started", args: [run] });
      return { run, wakeAt: state?.wakeAt ?? 0 };
    });
  }

  /** preparing → prepared: reserves the events. @throws ReservationConflictError when one is not as it was seen */
  recordPrepared(run: HandlerRun, prepared: PreparedRun): Promise<HandlerRun> {
    return this.applier.inOneTransaction("run.recordPrepared", async (step) =>
      this.applier.apply(step, run, await this.takePrepared(step, run, prepared), prepared.logs),
    );
  }

  /**
   * Writes what a run has prepared, its logs excepted, in the transaction that takes it further; gives the event that this
   * is for the run. @throws ReservationConflictError
   */
  async takePrepared(step: Step, run: HandlerRun, prepared: PreparedOutput): Promise<RunEvent> {
    const { events, handlerStates } = this.dependencies.stores;
    const { tx, now } = step;
    const { wakeAt, reserved, prepareResult } = prepared;
    if (reserved.size > 0) await events.reserve(reserved, run.id, run.attempt, now, tx);
    if (wakeAt !== prepared.previousWakeAt) await handlerStates.saveWakeAt(run, wakeAt, run.id, now, tx);
    return { type: "prepared", prepareResult };
  }

  /** prepared | mutated → emitting. */
  beginEmitting(run: HandlerRun): Promise<HandlerRun> {
    return this.applier.inOneTransaction("run.beginEmitting", (step) =>
      this.applier.apply(step, run, { type: "emit_started" }),
    );
  }

  /** emitting → committed: consumes the reserved events, publishes, and saves the state. */
  commitConsumer(run: HandlerRun, result: ConsumerResult): Promise<HandlerRun> {
    return this.applier.inOneTransaction("run.commitConsumer", (step) => this.commitEmitted(step, run, result));
  }

  /** prepared | mutated → emitting → committed, for a run whose `next` has returned before its emitting was written down. */
  emitAndCommit(run: HandlerRun, result: ConsumerResult): Promise<HandlerRun> {
    return this.applier.inOneTransaction("run.emitAndCommit", (step) =>
      this.commitEmitted(step, run, result, [{ type: "emit_started" }]),
    );
  }

  /**
   * executing → committed: registers the inputs, publishes, saves the state and advances the schedule.
   * Gives when that is due next; null when there is none, or a deploy has changed it meanwhile.
   */
  commitProducer(run: HandlerRun, result: ProducerResult): Promise<{ run: HandlerRun; nextRunAt: number | null }> {
    return this.applier.inOneTransaction("run.commitProducer", async (step) => {
      const inputIds = await this.registerInputs(step, run, result.inputs);
      for (const publication of result.publications) {
        const ids = publication.inputs.flatMap((position) => inputIds[position] ?? []);
        await this.publish(step, run, publication, ids);
      }
      const nextRunAt = await this.advanceSchedule(step, run, result.schedule);
      return { run: await this.commit(step, run, result), nextRunAt };
    });
  }

  /** Ends a run with a failure; what follows is decided by its class and by how far the run came. */
  failRun(run: HandlerRun, failure: Failure, logs: readonly RunLog[]): Promise<HandlerRun> {
    return this.applier.inOneTransaction("run.fail", (step) =>
      this.applier.apply(step, run, { type: "failed", failure }, logs),
    );
  }

  /** Ends a run that has not acted, because an input behind its events was skipped; its other events are free again. */
  abortRun(run: HandlerRun, logs: readonly RunLog[]): Promise<HandlerRun> {
    return this.applier.inOneTransaction("run.abort", (step) =>
      this.applier.apply(step, run, { type: "input_skipped" }, logs),
    );
  }

  /** Publishes an event that no run has published, and registers the input that it comes from. */
  publishFromOutside(
    workflowId: WorkflowId,
    publication: PendingPublication,
    input: InputDescription,
    keepsPending = false,
  ): Promise<PublishResult> {
    return this.applier.inOneTransaction("event.publish", async (step) => {
      const { topicId, messageId } = publication;
      const { events } = this.dependencies.stores;
      const known = keepsPending ? await events.findByMessageId(topicId, messageId, step.tx) : null;
      if (known) return { id: known.id, outcome: "unchanged" };
      const origin = { workflowId, id: null };
      const registered = await this.registerInput(step, origin, input);
      return this.publish(step, origin, publication, [registered.id], registered.status === "active");
    });
  }

  /** Gives up an ended run whose handler is gone; false when it has acted, so that its `next` is owed. */
  giveUp(run: HandlerRun): Promise<boolean> {
    const { stores } = this.dependencies;
    return this.applier.inOneTransaction("run.giveUp", (step) => giveUpRun(stores, this.applier, step, run));
  }

  /** Ends a session. */
  async endSession(id: SessionId, result: string, error: string | null, handlerRunCount: number): Promise<void> {
    await this.applier.inOneTransaction("session.end", ({ tx, now }) =>
      this.dependencies.stores.sessions.end(id, { result, error, handlerRunCount }, now, tx),
    );
  }

  /** A schedule that was changed or removed during the run stays as the deploy has left it. */
  private async advanceSchedule(step: Step, run: HandlerRun, ran: ProducerResult["schedule"]): Promise<number | null> {
    if (!ran) return null;
    const { workflowId, handlerName } = run;
    const { tx, now } = step;
    const { producerSchedules } = this.dependencies.stores;
    const stored = (await producerSchedules.getForWorkflow(workflowId, tx)).find(
      (row) => row.producerName === handlerName && isSameSchedule(row, ran),
    );
    if (!stored) return null;
    if (stored.nextRunAt <= run.startedAt) await this.noteTick(step, run, ran, stored.nextRunAt);
    await producerSchedules.advance(workflowId, handlerName, { lastRunAt: now, nextRunAt: ran.nextRunAt }, tx);
    return ran.nextRunAt;
  }

  /** The decision log: this run is the tick that was due, and those that came since have collapsed into it. */
  private async noteTick(step: Step, run: HandlerRun, ran: ScheduleConfig, scheduledAt: number): Promise<void> {
    const { stores, policy } = this.dependencies;
    const producer = { workflowId: run.workflowId, producerName: run.handlerName };
    const fired = { decision: "fired", scheduledAt, count: 1, reason: null, runId: run.id } as const;
    await decideProducerTick(stores, step, producer, fired);
    const { count, more } = missedTicks(ran, scheduledAt, step.now, policy.jobs.maxTicksAtOnce);
    if (count === 0) return;
    const reason = collapseReason(count, more);
    await decideProducerTick(stores, step, producer, { ...fired, decision: "coalesced", count, reason });
  }

  private async commitEmitted(
    step: Step,
    run: HandlerRun,
    result: ConsumerResult,
    before: readonly RunEvent[] = [],
  ): Promise<HandlerRun> {
    const { events } = this.dependencies.stores;
    const inputIds = result.publications.length > 0 ? await events.inputsOfRun(run.id, step.tx) : [];
    for (const publication of result.publications) await this.publish(step, run, publication, inputIds);
    return this.commit(step, run, result, before);
  }

  /** @param before what has become of the run before that and is not written yet */
  private async commit(
    step: Step,
    run: HandlerRun,
    { state, logs }: HandlerResult,
    before: readonly RunEvent[] = [],
  ): Promise<HandlerRun> {
    const { tx, now } = step;
    if (state !== undefined) await this.dependencies.stores.handlerStates.saveState(run, state, run.id, now, tx);
    // The store has refused a state that is no JSON value, on the line above.
    const outputState = (state ?? null) as JsonValue;
    return this.applier.applyInTurn(step, run, [...before, { type: "committed", outputState }], logs);
  }

  private inherit({ handlerType, retryOf }: RunStart) {
    const fresh = { mutationId: null, mutationOutcome: null, prepareResult: null };
    const start = handlerType === "producer" ? ("executing" as const) : ("preparing" as const);
    if (!retryOf) return { ...fresh, phase: start, retryOf: null, attempt: 1, transientFailures: 0 };
    const { mutationId, mutationOutcome, prepareResult } = retryOf;
    const continued = continuesAfterMutation(retryOf);
    return {
      ...(continued ? { mutationId, mutationOutcome, prepareResult } : fresh),
      phase: continued ? ("emitting" as const) : start,
      retryOf: retryOf.id,
      attempt: retryOf.attempt + 1,
      transientFailures: transientFailuresBefore(retryOf, this.dependencies.policy),
    };
  }

  /** A replay may have been asked for since the scheduler looked: nothing else of the workflow runs before it. */
  private async expectToContinue({ tx }: Step, id: WorkflowId, run: HandlerRun | null): Promise<void> {
    const pendingRetryRunId = await this.dependencies.stores.workflows.getPendingRetry(id, tx);
    if (pendingRetryRunId === (run?.id ?? null)) return;
    const waiting = (runId: RunId | null) => (runId === null ? "waiting for no run" : `waiting for ${runId}`);
    throw new TransitionConflictError("workflows", id, waiting(run?.id ?? null), waiting(pendingRetryRunId));
  }

  private async takeOver({ tx, now }: Step, from: HandlerRun, to: HandlerRun): Promise<void> {
    const { events, workflows } = this.dependencies.stores;
    if (continuesAfterMutation(from)) await events.transfer(from.id, to.id, to.attempt, now, tx);
    await workflows.update(to.workflowId, { pendingRetryRunId: null, retryAt: null }, now, tx);
  }

  private async registerInputs(step: Step, run: Origin, inputs: readonly InputDescription[]): Promise<InputId[]> {
    const ids: InputId[] = [];
    for (const description of inputs) ids.push((await this.registerInput(step, run, description)).id);
    return ids;
  }

  private async registerInput(step: Step, run: Origin, description: InputDescription): Promise<Input> {
    const { input, created } = await this.dependencies.stores.inputs.getOrCreate(
      { ...description, workflowId: run.workflowId, createdByRunId: run.id },
      step.now,
      step.tx,
    );
    if (created) step.announce({ name: "input:registered", args: [input] });
    return input;
  }

  private async publish(
    step: Step,
    run: Origin,
    { topic, topicId, messageId, payload }: PendingPublication,
    inputIds: readonly InputId[],
    areActive = false,
  ): Promise<PublishResult> {
    const { workflowId } = run;
    const { events } = this.dependencies.stores;
    const event = { workflowId, topicId, messageId, payload, createdByRunId: run.id, inputIds };
    const result = areActive
      ? await events.publishOfActive(event, step.now, step.tx)
      : await events.publish(event, step.now, step.tx);
    step.announce({ name: "event:published", args: [{ workflowId, topic, messageId, ...result }] });
    return result;
  }
}

/** A run whose mutation is to be approved, or may have happened, is not begun anew before that is decided. */
function assertDecided(run: HandlerRun): void {
  const isUnknown = run.status === "paused:reconciliation" && !continuesAfterMutation(run);
  if (!isUnknown && !awaitsApproval(run)) return;
  throw new IllegalTransitionError("handler_runs", run.id, `${run.phase}/${run.status}`, "continued by another run");
}
