/** A valid workflow as the engine runs it; its types have been checked where it was written. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Connectors, Schedule, Topics } from "./types.ts";

/** A producer. */
export interface ProducerDefinition {
  readonly publishes: readonly string[];
  readonly schedule: Schedule | undefined;
  readonly state: StandardSchemaV1 | undefined;
  // Method parameters are bivariant, so handlers of any types fit these.
  handler(ctx: unknown, state: unknown): Promise<unknown>;
}

/** A consumer. */
export interface ConsumerDefinition {
  readonly subscribe: readonly string[];
  readonly publishes: readonly string[];
  readonly state: StandardSchemaV1 | undefined;
  readonly approval: "required" | undefined;
  // Method parameters are bivariant, so handlers of any types fit these.
  prepare(ctx: unknown, state: unknown): Promise<unknown>;
  mutate?(ctx: unknown, prepared: unknown): Promise<unknown>;
  next?(ctx: unknown, prepared: unknown, outcome: unknown): Promise<unknown>;
}

/** A valid workflow. */
export interface WorkflowDefinition {
  readonly name: string;
  /** The major version; minor ones are counted by the engine. */
  readonly major: number;
  readonly topics: Topics;
  readonly connectors: Connectors;
  readonly producers: Readonly<Record<string, ProducerDefinition>>;
  readonly consumers: Readonly<Record<string, ConsumerDefinition>>;
}

/** A workflow with the connectors that are called: those that are given in the place of its own of the same name. */
export function withConnectors(definition: WorkflowDefinition, given: Connectors = {}): WorkflowDefinition {
  const replaced = Object.keys(definition.connectors).filter((name) => Object.hasOwn(given, name));
  if (replaced.length === 0) return definition;
  const entries = Object.entries(definition.connectors).map(([name, own]) => [name, given[name] ?? own] as const);
  return { ...definition, connectors: Object.fromEntries(entries) };
}
