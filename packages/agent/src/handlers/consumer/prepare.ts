/** Runs a consumer's `prepare`: what it may see, and what it may answer. */
import { CorruptRowError, type Event, type EventId, type HandlerRun, type JsonValue, type TopicId } from "@millrace/db";
import { z } from "zod";
import { LogicError, PhaseViolationError } from "../../errors.ts";
import { clampWakeAt, type WakeAt } from "./wake-at.ts";
import type { ConsumerDefinition } from "../../workflow/workflow-definition.ts";
import { parseWithSchema } from "../../workflow/parse-with-schema.ts";
import type { PeekedEvent, Prepared } from "../../workflow/types.ts";
import { connectorCalls, noMutation } from "../connector-calls.ts";
import { persist } from "../persist.ts";
import { PhaseGate } from "../phase-gate.ts";
import { readState } from "../read-state.ts";
import { baseContext, handOut, runInTime, type RunScope } from "../run-scope.ts";

const prepareResult = z.object({
  reservations: z.array(z.object({ topic: z.string(), ids: z.array(z.string()) })).default([]),
  data: z.unknown(),
  ui: z.object({ title: z.string().max(1_000).optional() }).default({}),
  wakeAt: z.string().optional(),
});

export interface PrepareOutput {
  prepared: Prepared<unknown>;
  /** The reserved events, and as of which `updatedAt` each was seen. */
  reserved: ReadonlyMap<EventId, number>;
  wakeAt: WakeAt;
}

/** What is stored of a prepared run, from which `next` can be run again. */
export function storePrepared({ data, ui, reservations }: Prepared<unknown>): JsonValue {
  // The store refuses what is no JSON value.
  return { data: data ?? null, ui, reservations } as unknown as JsonValue;
}

/** Reads what `storePrepared` stored. @throws CorruptRowError */
export function restorePrepared({ id, prepareResult: stored }: HandlerRun): Prepared<unknown> {
  const parsed = prepareResult.safeParse(stored);
  if (parsed.success) return parsed.data;
  throw new CorruptRowError("handler_runs", id, "prepare_result", parsed.error, z.prettifyError(parsed.error));
}

/** @throws ClassifiedError, RunInterruptedError */
export async function runPrepare(scope: RunScope, consumer: ConsumerDefinition): Promise<PrepareOutput> {
  const { handlerName } = scope.run;
  const gate = new PhaseGate(handlerName, "prepare");
  const view = new SubscribedEvents(scope, gate, consumer);
  const ctx = {
    ...connectorCalls(scope, gate, noMutation),
    ...baseContext(scope),
    peek: (topic: string, options?: { limit?: number }) => handOut(view.peek(topic, options?.limit)),
    get: (topic: string, messageId: string) => handOut(view.get(topic, messageId)),
  };
  const state = await readState(scope, consumer.state);
  const returned = await runInTime(scope, gate, async () => consumer.prepare(ctx, state));
  const parsed = prepareResult.safeParse(returned);
  if (!parsed.success) {
    throw new LogicError(`${handlerName}: prepare returned no valid result: ${z.prettifyError(parsed.error)}`);
  }
  const { data, ui, reservations, wakeAt } = parsed.data;
  return {
    prepared: { data, ui, reservations },
    reserved: view.checkReservations(reservations),
    wakeAt: clampWakeAt(wakeAt, scope.clock.now(), scope.policy.wake),
  };
}

/** The events that a consumer may see, and those of them that it may reserve. */
class SubscribedEvents {
  private readonly pending = new Map<string, { topic: string; event: Event }>();
  private readonly scope: RunScope;
  private readonly gate: PhaseGate;
  private readonly consumer: ConsumerDefinition;

  constructor(scope: RunScope, gate: PhaseGate, consumer: ConsumerDefinition) {
    this.scope = scope;
    this.gate = gate;
    this.consumer = consumer;
  }

  async peek(topic: string, limit?: number): Promise<PeekedEvent<unknown>[]> {
    const { stores, workflow, policy } = this.scope;
    const topicId = this.subscribed(topic, "peek");
    const most = policy.handler.maxPeek;
    const count = Math.max(1, Math.min(Math.trunc(limit ?? most), most));
    const events = await this.read(() => stores.events.peek(workflow.id, topicId, count));
    for (const event of events) this.see(topic, event);
    return Promise.all(events.map((event) => this.toPeeked(topic, event)));
  }

  async get(topic: string, messageId: string): Promise<PeekedEvent<unknown> | null> {
    const topicId = this.subscribed(topic, "get");
    const event = await this.read(() => this.scope.stores.events.findByMessageId(topicId, messageId));
    if (event?.status === "pending") this.see(topic, event);
    return event && this.toPeeked(topic, event);
  }

  /** @throws LogicError when an event was not seen pending by this run */
  checkReservations(reservations: Prepared<unknown>["reservations"]): ReadonlyMap<EventId, number> {
    const { run, policy } = this.scope;
    const reserved = new Map<EventId, number>();
    for (const { topic, ids: asked } of reservations) {
      for (const id of asked) {
        const seen = this.pending.get(id);
        if (seen?.topic !== topic) {
          throw new LogicError(
            `${run.handlerName}: prepare reserves "${id}" of topic "${topic}", which this run did not see there as pending. Reserve by the ids that peek gave.`,
          );
        }
        reserved.set(seen.event.id, seen.event.updatedAt);
      }
    }
    if (reserved.size > policy.handler.maxReservations) {
      throw new LogicError(
        `${run.handlerName}: prepare reserves ${reserved.size} events; the limit is ${policy.handler.maxReservations} (policy.handler.maxReservations).`,
      );
    }
    return reserved;
  }

  private read<T>(query: () => Promise<T>): Promise<T> {
    return persist({ ...this.scope, stopSignal: this.scope.signal }, query);
  }

  /** What was seen first counts: it may be what the handler decided upon. */
  private see(topic: string, event: Event): void {
    this.scope.secrets.learnNamed(event.payload);
    if (!this.pending.has(event.id)) this.pending.set(event.id, { topic, event });
  }

  private subscribed(topic: string, call: string): TopicId {
    const what = `${call}(${JSON.stringify(topic)})`;
    this.gate.check("peek", what);
    const { run, workflow } = this.scope;
    const topicId = this.consumer.subscribe.includes(topic) ? workflow.topicIds.get(topic) : undefined;
    if (topicId !== undefined) return topicId;
    return this.gate.refuse(
      new PhaseViolationError(
        `${run.handlerName}: ${what}: the topic is not subscribed (subscribed: ${this.consumer.subscribe.join(", ")}).`,
      ),
    );
  }

  private async toPeeked(topic: string, { id, messageId, payload, createdAt }: Event): Promise<PeekedEvent<unknown>> {
    const schema = this.scope.workflow.definition.topics[topic];
    const what = `The payload of event "${messageId}" of topic ${topic}`;
    return { id, messageId, createdAt, payload: schema ? await parseWithSchema(schema, payload, what) : payload };
  }
}
