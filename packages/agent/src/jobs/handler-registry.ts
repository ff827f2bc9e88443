/**
 * The code that jobs run: registered functions, workflows and agents. What is not registered here is not failed but
 * waits, for another version of this program may have it (a rolling deploy).
 */
import type { Job, JsonValue, LogLevel } from "@millrace/db";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { z } from "zod";
import { SchemaError } from "../errors.ts";
import { DuplicateHandlerError, NoAgentRunnerError, UnknownHandlerError } from "../job-errors.ts";
import { parseWithSchema } from "../workflow/parse-with-schema.ts";

/** What a handler is told about its execution. */
export interface JobContext {
  jobId: string;
  jobName: string;
  executionId: string;
  /** The nominal time of the tick, or when it was asked for, in Unix milliseconds. */
  scheduledAt: number;
  /** Which attempt this is, from 1. */
  attempt: number;
  /** The same for every attempt at this tick: give it to whatever you call, so that it can tell a repetition. */
  idempotencyKey: string;
  /** How many missed ticks this one stands for. */
  missedCount: number;
  /** Aborts when the time is up, the execution is cancelled, or the engine stops: end soon then. */
  signal: AbortSignal;
  /** The current time by the engine's clock, in Unix milliseconds. */
  now(): number;
  /** Writes a line into the log of the execution. */
  log: Readonly<Record<LogLevel, (message: string, data?: unknown) => void>>;
}

/** A function that jobs run. */
export interface JobHandler<Input = unknown, Payload = Input> {
  /** What jobs name it by. */
  name: string;
  /** What its payload must be like; checked when a job is scheduled, and again when it runs. */
  payload?: StandardSchemaV1<Input, Payload>;
  /** How many executions of it run at once at the most. Default `policy.jobs.maxConcurrentPerHandler`. */
  maxConcurrent?: number;
  /** What it gives becomes the result of the execution. */
  // A method, so that a handler of one payload can stand in a list of handlers of any: its own schema has checked it.
  handler(payload: Payload, context: JobContext): unknown;
}

/** Gives the handler as it is, with the types of its payload inferred from the schema. */
export function defineJobHandler<Input, Payload>(handler: JobHandler<Input, Payload>): JobHandler<Input, Payload> {
  return handler;
}

/** What a handler of a named event does. */
export type EventHandlerFunction<Payload = unknown> = (payload: Payload, context: JobContext) => unknown;

/** Runs agents: the port behind the handler type `agent`. */
export interface AgentRunner {
  /**
   * @param prompt what the agent is to do
   * @param tools the names of the tools that it may use
   */
  run(prompt: string, tools: readonly string[], signal: AbortSignal): Promise<unknown>;
}

/** Runs something of a workflow: the port behind the handler type `workflow`. */
export interface WorkflowTarget {
  /** Whether this process has the workflow, and in it the producer or topic. */
  has(workflow: string, part: { producer: string } | { topic: string }): boolean;
  /** Publishes into a topic; by its message id, so that doing it again changes nothing. */
  publish(workflow: string, topic: string, messageId: string, payload: JsonValue): Promise<JsonValue>;
  /** Runs a producer and waits until its run is committed. @throws what ended the run */
  runProducer(workflow: string, producer: string, signal: AbortSignal): Promise<JsonValue>;
}

/** What an execution runs. */
export interface JobRunner {
  /** Executions of one name share the limit of the handler. */
  name: string;
  maxConcurrent: number | null;
  /** @throws SchemaError when the payload does not fit, and what the code throws */
  run(payload: JsonValue, context: JobContext): Promise<unknown>;
}

/** What an agent is given. */
const agentPayload = z.object({ prompt: z.string().min(1), tools: z.array(z.string()).default([]) });

type HandlerReference = Pick<Job, "handlerType" | "handlerName" | "handlerTarget">;

export class HandlerRegistry {
  private readonly functions = new Map<string, JobHandler>();
  private readonly agentRunner: AgentRunner | null;
  private readonly workflows: WorkflowTarget;

  constructor(options: { workflows: WorkflowTarget; agentRunner?: AgentRunner | undefined }) {
    this.workflows = options.workflows;
    this.agentRunner = options.agentRunner ?? null;
  }

  /** @throws DuplicateHandlerError */
  register(handler: JobHandler): void {
    if (this.functions.has(handler.name)) throw new DuplicateHandlerError(handler.name);
    this.functions.set(handler.name, handler);
  }

  /** Forgets a function that no job was made for. */
  unregister(name: string): void {
    this.functions.delete(name);
  }

  /** The names of the functions that a job can be made for. */
  functionNames(): string[] {
    // The functions of events have names that nobody gives, and may be another platform's.
    return [...this.functions.keys()].filter((name) => !name.startsWith("event:"));
  }

  get hasAgents(): boolean {
    return this.agentRunner !== null;
  }

  /** What a job runs; null where this process does not have it. */
  find(reference: HandlerReference): JobRunner | null {
    const { handlerType, handlerName } = reference;
    switch (handlerType) {
      case "function": {
        const handler = this.functions.get(handlerName);
        return handler ? functionRunner(handler) : null;
      }
      case "workflow":
        return this.workflowRunner(reference);
      case "agent":
        return this.agentRunner && agentRunnerOf(this.agentRunner, handlerName);
    }
  }

  /**
   * Checks that a job that is to be scheduled has a handler here, and that its payload fits.
   * @throws UnknownHandlerError, NoAgentRunnerError, SchemaError
   */
  async check(reference: HandlerReference, payload: JsonValue): Promise<void> {
    const { handlerType, handlerName } = reference;
    this.assertKnown(reference);
    const schema = handlerType === "agent" ? agentPayload : this.functions.get(handlerName)?.payload;
    if (schema && handlerType !== "workflow") await parsePayload(schema, payload, handlerName);
  }

  /** @throws UnknownHandlerError, NoAgentRunnerError */
  assertKnown(reference: HandlerReference): void {
    if (reference.handlerType === "agent" && !this.agentRunner) throw new NoAgentRunnerError();
    if (!this.find(reference)) throw this.unknown(reference);
  }

  private unknown({ handlerType, handlerName, handlerTarget }: HandlerReference): UnknownHandlerError {
    if (handlerType === "function") return new UnknownHandlerError("handler", handlerName, this.functionNames());
    const part = workflowPart(handlerTarget);
    if (part === null) return new UnknownHandlerError("workflow", handlerName);
    const [kind, name] = "topic" in part ? ["topic", part.topic] : ["producer", part.producer];
    return new UnknownHandlerError(`${kind} "${name}" in a workflow`, handlerName);
  }

  private workflowRunner({ handlerName, handlerTarget }: HandlerReference): JobRunner | null {
    const part = workflowPart(handlerTarget);
    const { workflows } = this;
    if (part === null || !workflows.has(handlerName, part)) return null;
    return {
      name: handlerName,
      maxConcurrent: null,
      run: async (payload, { idempotencyKey, signal }) =>
        "topic" in part
          ? workflows.publish(handlerName, part.topic, idempotencyKey, payload)
          : workflows.runProducer(handlerName, part.producer, signal),
    };
  }
}

function functionRunner(handler: JobHandler): JobRunner {
  const { name, payload: schema, maxConcurrent = null } = handler;
  return {
    name,
    maxConcurrent,
    run: async (payload, context) => {
      const parsed = schema ? await parsePayload(schema, payload, name) : payload;
      return handler.handler(parsed, context);
    },
  };
}

/** A payload that was left out is stored as null: a schema may mean either by "nothing". @throws SchemaError */
async function parsePayload<Output>(
  schema: StandardSchemaV1<unknown, Output>,
  payload: JsonValue,
  handler: string,
): Promise<Output> {
  const what = `The payload for handler "${handler}"`;
  if (payload !== null) return parseWithSchema(schema, payload, what);
  try {
    return await parseWithSchema(schema, undefined, what);
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return parseWithSchema(schema, null, what);
  }
}

function agentRunnerOf(runner: AgentRunner, name: string): JobRunner {
  return {
    name,
    maxConcurrent: null,
    run: async (payload, { signal }) => {
      const { prompt, tools } = await parseWithSchema(agentPayload, payload, `The payload for agent "${name}"`);
      return runner.run(prompt, tools, signal);
    },
  };
}

function workflowPart(target: JsonValue): { producer: string } | { topic: string } | null {
  if (typeof target !== "object" || target === null || Array.isArray(target)) return null;
  if ("producer" in target && typeof target["producer"] === "string") return { producer: target["producer"] };
  if ("topic" in target && typeof target["topic"] === "string") return { topic: target["topic"] };
  return null;
}
