/** What the engine needs to know of a workflow without its code: derived from the definition, stored with it. */
import { hash } from "node:crypto";
import { CorruptRowError, UNREADABLE, type HandlerRun, type Workflow } from "@millrace/db";
import { z } from "zod";
import { DEFAULT_DST_POLICY, GAP_RULES, OVERLAP_RULES } from "../schedule/dst-policy.ts";
import type { WorkflowDefinition } from "./workflow-definition.ts";

const scheduleConfig = z.object({
  type: z.enum(["interval", "cron"]),
  value: z.string(),
  timezone: z.string(),
  // Configurations that were stored before there was a policy have none.
  dst: z
    .object({
      gap: z.enum(GAP_RULES).default(DEFAULT_DST_POLICY.gap),
      overlap: z.enum(OVERLAP_RULES).default(DEFAULT_DST_POLICY.overlap),
    })
    .prefault({}),
});

/** By connector and operation. */
const declaredSecrets = z.record(z.string(), z.record(z.string(), z.array(z.string())));

const handlerConfig = z.object({
  topics: z.array(z.string()),
  producers: z.record(z.string(), z.object({ publishes: z.array(z.string()), schedule: scheduleConfig.nullable() })),
  consumers: z.record(
    z.string(),
    z.object({
      subscribe: z.array(z.string()),
      publishes: z.array(z.string()),
      mutates: z.boolean(),
      approval: z.boolean(),
    }),
  ),
  /** What is secret in parameters and results, by connector and operation; left out where nothing is. */
  secrets: declaredSecrets.exactOptional(),
});

/** That part of a configuration which must be readable whatever became of the rest. */
const withSecrets = z.looseObject({ secrets: declaredSecrets.optional() });

export type HandlerConfig = z.output<typeof handlerConfig>;
export type DeclaredSecrets = z.output<typeof declaredSecrets>;
export type ScheduleConfig = z.output<typeof scheduleConfig>;

/** Derives the configuration of a valid workflow. */
export function deriveHandlerConfig(definition: WorkflowDefinition): HandlerConfig {
  const config: HandlerConfig = { topics: Object.keys(definition.topics), producers: {}, consumers: {} };
  for (const [name, { publishes, schedule }] of Object.entries(definition.producers)) {
    config.producers[name] = {
      publishes: [...publishes],
      schedule: schedule === undefined ? null : toScheduleConfig(schedule),
    };
  }
  for (const [name, { subscribe, publishes, mutate, approval }] of Object.entries(definition.consumers)) {
    config.consumers[name] = {
      subscribe: [...subscribe],
      publishes: [...publishes],
      mutates: mutate !== undefined,
      approval: approval === "required",
    };
  }
  const secrets = deriveSecrets(definition);
  return Object.keys(secrets).length === 0 ? config : { ...config, secrets };
}

function deriveSecrets({ connectors }: WorkflowDefinition): DeclaredSecrets {
  const declared: DeclaredSecrets = {};
  for (const [connector, { operations }] of Object.entries(connectors)) {
    for (const [operation, { secrets = [] }] of Object.entries(operations)) {
      if (secrets.length > 0) declared[connector] = { ...declared[connector], [operation]: [...secrets] };
    }
  }
  return declared;
}

/**
 * Keeps what an earlier version declared of operations that this one has no more: their calls are in the ledger still.
 * @param former the row with the stored configuration
 * @throws CorruptRowError when that can't be read
 */
export function keepFormerSecrets(
  config: HandlerConfig,
  former: StoredConfig,
  { connectors }: Pick<WorkflowDefinition, "connectors">,
): HandlerConfig {
  const secrets = { ...config.secrets };
  for (const [connector, operations] of Object.entries(parseDeclaredSecrets(former) ?? {})) {
    const present = Object.hasOwn(connectors, connector) ? connectors[connector]?.operations : undefined;
    for (const [operation, keys] of Object.entries(operations)) {
      if (present && Object.hasOwn(present, operation)) continue;
      secrets[connector] = { ...secrets[connector], [operation]: keys };
    }
  }
  return Object.keys(secrets).length === 0 ? config : { ...config, secrets };
}

/** Whether the configuration has the handler of a run. */
export function hasHandlerOf(
  { producers, consumers }: HandlerConfig,
  { handlerType, handlerName }: Pick<HandlerRun, "handlerType" | "handlerName">,
): boolean {
  return Object.hasOwn(handlerType === "producer" ? producers : consumers, handlerName);
}

/** The consumers that subscribe to one of these topics, by name. */
export function subscribersOf({ consumers }: HandlerConfig, topics: ReadonlySet<string>): string[] {
  if (topics.size === 0) return [];
  return Object.entries(consumers)
    .filter(([, { subscribe }]) => subscribe.some((topic) => topics.has(topic)))
    .map(([name]) => name);
}

function toScheduleConfig(schedule: NonNullable<WorkflowDefinition["producers"][string]["schedule"]>): ScheduleConfig {
  if ("interval" in schedule) {
    return { type: "interval", value: schedule.interval, timezone: "UTC", dst: { ...DEFAULT_DST_POLICY } };
  }
  const { cron, timezone = "UTC", dst = {} } = schedule;
  const { gap = DEFAULT_DST_POLICY.gap, overlap = DEFAULT_DST_POLICY.overlap } = dst;
  return { type: "cron", value: cron, timezone, dst: { gap, overlap } };
}

/** A workflow's row, as far as its configuration is read from it. */
export type StoredConfig = Pick<Workflow, "id" | "handlerConfig">;

/** Reads a stored configuration. @throws CorruptRowError when it is not one */
export function parseHandlerConfig(stored: StoredConfig): HandlerConfig {
  return parseStored(handlerConfig, stored);
}

/** Reads what a stored configuration declares secret. @throws CorruptRowError when that can't be read */
export function parseDeclaredSecrets(stored: StoredConfig): DeclaredSecrets | undefined {
  return parseStored(withSecrets, stored).secrets;
}

function parseStored<Parsed>(schema: z.ZodType<Parsed>, { id, handlerConfig: stored }: StoredConfig): Parsed {
  const parsed = schema.safeParse(stored);
  if (parsed.success) return parsed.data;
  const why = stored === UNREADABLE ? undefined : z.prettifyError(parsed.error);
  throw new CorruptRowError("workflows", id, "handler_config", parsed.error, why);
}

/** The source of a workflow as far as it is known at run time, and its digest: two of one digest are the same version. */
export function describeScript(definition: WorkflowDefinition): { source: string; digest: string } {
  const source = sourceOf(definition, deriveHandlerConfig(definition));
  return { source, digest: digestOf(definition, source) };
}

/**
 * The source of a workflow as far as it is known at run time.
 * @param config as it is derived from the definition
 */
export function sourceOf(definition: WorkflowDefinition, config: HandlerConfig): string {
  const parts: [string, unknown][] = [["config", config]];
  for (const [name, producer] of Object.entries(definition.producers)) {
    parts.push([`producers.${name}.handler`, producer.handler.toString()]);
  }
  for (const [name, consumer] of Object.entries(definition.consumers)) {
    for (const phase of ["prepare", "mutate", "next"] as const) {
      const handler = consumer[phase];
      if (handler) parts.push([`consumers.${name}.${phase}`, handler.toString()]);
    }
  }
  return JSON.stringify(Object.fromEntries(parts), null, 2);
}

/** The digest of a workflow with this source. */
export function digestOf({ major }: Pick<WorkflowDefinition, "major">, source: string): string {
  return hash("sha256", `${major}\n${source}`);
}
