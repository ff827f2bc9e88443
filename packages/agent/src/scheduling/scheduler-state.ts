/**
 * What the scheduler remembers of each workflow: which consumers have something to look at, which producers are to
 * run. Held in memory only; all of it can be found again in the database.
 *
 * Invariants:
 * 1. A consumer is clean only if no event came since its last run started.
 * 2. Triggers that come during a run are kept; several of them make one run.
 */
import type { WorkflowId } from "@millrace/db";

/** Why a consumer is to run. */
export type ConsumerTrigger = "event" | "wake" | "start";
/** Why a producer is to run. */
export type ProducerTrigger = "schedule" | "manual";

interface ConsumerState {
  trigger: ConsumerTrigger | null;
  /** How many triggers came so far. */
  triggers: number;
  /** How many had come when the run that is under way started. */
  seen: number;
}

interface WorkflowState {
  consumers: Map<string, ConsumerState>;
  producers: Map<string, ProducerTrigger>;
}

export class SchedulerStateManager {
  private readonly workflows = new Map<WorkflowId, WorkflowState>();

  /** An event was published that these consumers subscribe to. */
  onEventPublish(workflowId: WorkflowId, consumers: Iterable<string>): void {
    for (const consumer of consumers) this.setConsumerDirty(workflowId, consumer, "event");
  }

  /** A consumer's run starts: what comes from now on is for its next run. */
  onConsumerStart(workflowId: WorkflowId, consumer: string): void {
    const state = this.consumer(workflowId, consumer);
    state.seen = state.triggers;
    // A wake or a start has its run now; only what comes from here on makes another one without an event.
    if (state.trigger !== null) state.trigger = "event";
  }

  /** A consumer's run is committed. One that reserved something is looked at again; otherwise it is clean. */
  onConsumerCommit(workflowId: WorkflowId, consumer: string, reservedSomething: boolean): void {
    const state = this.consumer(workflowId, consumer);
    if (reservedSomething) state.trigger ??= "event";
    else if (state.triggers === state.seen) state.trigger = null;
  }

  setConsumerDirty(workflowId: WorkflowId, consumer: string, trigger: ConsumerTrigger = "event"): void {
    const state = this.consumer(workflowId, consumer);
    // An event is looked for before a run is made; a wake or a start makes a run even without one.
    if (state.trigger === null || state.trigger === "event") state.trigger = trigger;
    state.triggers += 1;
  }

  /**
   * A consumer was looked at and has nothing to do.
   * @param triggers how many had come when it was looked at: one that came later keeps its mark
   */
  clearConsumer(workflowId: WorkflowId, consumer: string, triggers: number): void {
    const state = this.consumer(workflowId, consumer);
    if (state.triggers === triggers) state.trigger = null;
  }

  /** The workflow does not have this consumer any more. */
  forgetConsumer(workflowId: WorkflowId, consumer: string): void {
    this.workflows.get(workflowId)?.consumers.delete(consumer);
  }

  isConsumerDirty(workflowId: WorkflowId, consumer: string): boolean {
    const state = this.workflows.get(workflowId)?.consumers.get(consumer);
    return state !== undefined && state.trigger !== null;
  }

  setProducerQueued(workflowId: WorkflowId, producer: string, trigger: ProducerTrigger = "manual"): void {
    this.workflow(workflowId).producers.set(producer, trigger);
  }

  isProducerQueued(workflowId: WorkflowId, producer: string): boolean {
    return this.workflows.get(workflowId)?.producers.has(producer) ?? false;
  }

  /** A producer's run is committed. */
  onProducerCommit(workflowId: WorkflowId, producer: string): void {
    this.workflows.get(workflowId)?.producers.delete(producer);
  }

  /** Every consumer is to be looked at: the workflow is new, or its code is. */
  initializeForWorkflow(workflowId: WorkflowId, consumers: Iterable<string>): void {
    for (const consumer of consumers) this.setConsumerDirty(workflowId, consumer, "start");
  }

  clearWorkflow(workflowId: WorkflowId): void {
    this.workflows.delete(workflowId);
  }

  clearAll(): void {
    this.workflows.clear();
  }

  /** The consumers that are marked, why, and how many triggers have come for each so far. */
  getDirtyConsumers(workflowId: WorkflowId): { name: string; trigger: ConsumerTrigger; triggers: number }[] {
    const consumers = this.workflows.get(workflowId)?.consumers ?? new Map<string, ConsumerState>();
    return [...consumers].flatMap(([name, { trigger, triggers }]) =>
      trigger === null ? [] : [{ name, trigger, triggers }],
    );
  }

  getQueuedProducers(workflowId: WorkflowId): { name: string; trigger: ProducerTrigger }[] {
    const producers = this.workflows.get(workflowId)?.producers ?? new Map<string, ProducerTrigger>();
    return [...producers].map(([name, trigger]) => ({ name, trigger }));
  }

  /** Whether a consumer is marked or a producer is to run. */
  hasMarks(workflowId: WorkflowId): boolean {
    const state = this.workflows.get(workflowId);
    if (!state) return false;
    return state.producers.size > 0 || [...state.consumers.values()].some(({ trigger }) => trigger !== null);
  }

  private workflow(id: WorkflowId): WorkflowState {
    let state = this.workflows.get(id);
    if (!state) {
      state = { consumers: new Map(), producers: new Map() };
      this.workflows.set(id, state);
    }
    return state;
  }

  private consumer(workflowId: WorkflowId, name: string): ConsumerState {
    const { consumers } = this.workflow(workflowId);
    let state = consumers.get(name);
    if (!state) {
      state = { trigger: null, triggers: 0, seen: 0 };
      consumers.set(name, state);
    }
    return state;
  }
}
