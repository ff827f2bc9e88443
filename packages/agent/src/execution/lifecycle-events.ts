/** What the engine tells those who listen: each event is sent after the commit that made it true. */
import { EventEmitter } from "node:events";
import type {
  EventId,
  HandlerRun,
  Input,
  Job,
  JobExecution,
  JobId,
  Mutation,
  Notification,
  PlatformId,
  PublishResult,
  WorkflowId,
} from "@millrace/db";

export interface LifecycleEvents {
  /** A run began. Its data is as it is stored, with what is secret in it. */
  "run:started": [HandlerRun];
  /** A run's phase or status changed. As above. */
  "run:changed": [HandlerRun];
  /** A row of the mutation ledger was made or changed; without what its connector declares secret. */
  "mutation:changed": [Mutation];
  /** An event was published. */
  "event:published": [
    { workflowId: WorkflowId; topic: string; id: EventId; messageId: string; outcome: PublishResult["outcome"] },
  ];
  /** An input was entered into the ledger for the first time. */
  "input:registered": [Input];
  /** Something needs a person. */
  "notification:created": [Notification];
  /** A job was scheduled, edited, paused, counted on … */
  "job:changed": [Job];
  /** A job was deleted with its history. */
  "job:deleted": [JobId, PlatformId];
  /** An execution was made, or its status changed. */
  "execution:changed": [JobExecution];
  /** A workflow was deployed, paused, resumed … */
  "workflow:changed": [{ id: WorkflowId; name: string }];
}

export type LifecycleEventName = keyof LifecycleEvents;
export type LifecycleListener<Name extends LifecycleEventName> = (...args: LifecycleEvents[Name]) => void;

/** One event with its arguments, for those that are collected until a commit. */
export type LifecycleEvent = {
  [Name in LifecycleEventName]: { name: Name; args: LifecycleEvents[Name] };
}[LifecycleEventName];

export class LifecycleEmitter {
  private readonly emitter = new EventEmitter();
  private readonly onListenerError: (error: unknown, name: LifecycleEventName) => void;

  constructor(onListenerError: (error: unknown, name: LifecycleEventName) => void) {
    this.onListenerError = onListenerError;
    this.emitter.setMaxListeners(0);
  }

  /** Adds a listener; gives a function that removes it. */
  on<Name extends LifecycleEventName>(name: Name, listener: LifecycleListener<Name>): () => void {
    // A listener's fault is its own: it never reaches the engine.
    const guarded = (...args: LifecycleEvents[Name]) => {
      try {
        // An async function is a listener too: its promise is the return value that the type leaves open.
        const returned: unknown = listener(...args);
        if (returned instanceof Promise) returned.catch((error: unknown) => this.onListenerError(error, name));
      } catch (error) {
        this.onListenerError(error, name);
      }
    };
    // EventEmitter's own listener type knows nothing of the arguments of an event.
    this.emitter.on(name, guarded as (...args: unknown[]) => void);
    return () => this.emitter.off(name, guarded as (...args: unknown[]) => void);
  }

  emit({ name, args }: LifecycleEvent): void {
    this.emitter.emit(name, ...args);
  }

  hasListeners(name: LifecycleEventName): boolean {
    return this.emitter.listenerCount(name) > 0;
  }
}
