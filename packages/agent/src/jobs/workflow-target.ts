/** Lets jobs publish into workflows and run their producers. */
import type { HandlerRun, JsonValue } from "@millrace/db";
import { UnknownNameError } from "../errors.ts";
import type { LifecycleEmitter } from "../execution/lifecycle-events.ts";
import { NonRetryableError } from "../job-errors.ts";
import type { WorkflowScheduler } from "../scheduling/workflow-scheduler.ts";
import type { RegisteredWorkflow, WorkflowRegistry } from "../workflow/workflow-registry.ts";
import type { WorkflowTarget } from "./handler-registry.ts";

export interface TargetDependencies {
  registry: WorkflowRegistry;
  scheduler: WorkflowScheduler;
  emitter: LifecycleEmitter;
  publish: (workflow: string, topic: string, event: { messageId: string; payload: unknown }) => Promise<JsonValue>;
  /** @throws WorkflowNotRunnableError when the workflow is paused or needs attention */
  assertRunnable: (workflow: RegisteredWorkflow) => Promise<void>;
}

export class EngineWorkflows implements WorkflowTarget {
  private readonly dependencies: TargetDependencies;

  constructor(dependencies: TargetDependencies) {
    this.dependencies = dependencies;
  }

  has(name: string, part: { producer: string } | { topic: string }): boolean {
    const config = this.find(name)?.config;
    if (!config) return false;
    return "topic" in part ? config.topics.includes(part.topic) : Object.hasOwn(config.producers, part.producer);
  }

  publish(workflow: string, topic: string, messageId: string, payload: JsonValue): Promise<JsonValue> {
    return this.dependencies.publish(workflow, topic, { messageId, payload });
  }

  async runProducer(name: string, producer: string, signal: AbortSignal): Promise<JsonValue> {
    const { scheduler, assertRunnable } = this.dependencies;
    const workflow = this.find(name);
    if (!workflow) throw new UnknownNameError("workflow", name);
    // A run that is under way has seen the world as it was before: this one is to be another. Nothing is awaited between
    // the look that finds the workflow free and the order to run, so that no other job comes in between.
    do {
      await orAborted(scheduler.sessionEnd(workflow.id), signal);
      await assertRunnable(workflow);
      signal.throwIfAborted();
    } while (scheduler.isRunning(workflow.id));
    scheduler.queueProducers(workflow, [producer]);
    const run = await this.followRun(workflow, producer, signal);
    return { runId: run.id, state: run.outputState };
  }

  private find(name: string): RegisteredWorkflow | null {
    return this.dependencies.registry.findByName(name);
  }

  /** The producer's next run, through its retries, once it is committed. @param signal has not aborted yet */
  private followRun(workflow: RegisteredWorkflow, producer: string, signal: AbortSignal): Promise<HandlerRun> {
    const { emitter } = this.dependencies;
    return new Promise<HandlerRun>((resolve, reject) => {
      let followed: HandlerRun["id"] | null = null;
      const end = (settle: () => void) => {
        for (const remove of removals) remove();
        signal.removeEventListener("abort", onAbort);
        settle();
      };
      // The reasons for which an attempt is told to stop are errors.
      const onAbort = () => end(() => reject(signal.reason as Error));
      const removals = [
        emitter.on("run:started", (run) => {
          const isIt = run.workflowId === workflow.id && run.handlerName === producer && run.handlerType === "producer";
          if (isIt && (followed === null || run.retryOf === followed)) followed = run.id;
        }),
        emitter.on("run:changed", (run) => {
          if (run.id !== followed) return;
          if (run.status === "committed") return end(() => resolve(run));
          // Transient failures and crashes are followed by another run; all else waits for a person.
          if (run.status === "active" || run.status === "paused:transient" || run.status === "crashed")
            return undefined;
          const message = `The run of ${workflow.name}.${producer} ended as ${run.status}: ${run.error ?? "no reason is known"}`;
          return end(() => reject(new NonRetryableError(message)));
        }),
      ];
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }
}

/** @throws the signal's reason when it aborts first */
async function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<void>((resolve) => (onAbort = resolve));
  signal.addEventListener("abort", onAbort, { once: true });
  await Promise.race([work, aborted]);
  signal.removeEventListener("abort", onAbort);
  signal.throwIfAborted();
}
