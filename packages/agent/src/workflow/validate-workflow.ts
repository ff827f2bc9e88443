/** Checks the whole graph of a workflow and reports every fault at once. */
import { z } from "zod";
import { WorkflowDefinitionError } from "../errors.ts";
import { scheduleFault } from "./schedule-syntax.ts";
import type { WorkflowDefinition } from "./workflow-definition.ts";

const NAME = /^[A-Za-z][A-Za-z0-9._-]{0,99}$/;
const NAME_RULE = "must start with a letter and have only letters, digits, '.', '_' and '-' (at most 100)";

/** What `ctx` has beside the connectors. */
const RESERVED_NAMES: ReadonlySet<string> = new Set(
  "workflow handler runId attempt signal now log registerInput publish peek get then constructor __proto__".split(" "),
);

const isFunction = (value: unknown) => typeof value === "function";
const handlerFunction = z.custom<unknown>(isFunction, "must be an async function");
const topicList = z.array(z.string(), "must be a list of topic names");
const standardSchema = z.custom<unknown>(isStandardSchema, "must be a Standard Schema (zod, valibot, arktype …)");

// Shapes are checked at run time too: a workflow may be written in JavaScript.
const producerShape = z.strictObject({
  publishes: topicList,
  schedule: z.unknown().optional(),
  state: standardSchema.optional(),
  handler: handlerFunction,
});
const consumerShape = z.strictObject({
  subscribe: topicList,
  publishes: topicList,
  state: standardSchema.optional(),
  approval: z.literal("required", 'must be "required" or left out').optional(),
  prepare: handlerFunction,
  mutate: handlerFunction.optional(),
  next: handlerFunction.optional(),
});

const objectOf = (what: string) => z.custom<object>(isRecord, `must be an object of ${what}`);
const given = (what: string) => z.custom<unknown>(isFunction, `must be a function that gives ${what}`).optional();

const specificationShape = z.strictObject(
  {
    name: z.unknown().optional(),
    major: z.unknown().optional(),
    topics: objectOf("topics, each with its schema"),
    connectors: objectOf("connectors").optional(),
    producers: given("producers"),
    consumers: given("consumers"),
  },
  { error: ({ code }) => (code === "invalid_type" ? "must be { name, topics, producers, consumers … }" : undefined) },
);

/** Checks that a specification can be taken apart. @throws WorkflowDefinitionError */
export function checkSpecification(specification: unknown): void {
  const faults = shapeFaults(specificationShape, specification, "");
  if (faults.length > 0) throw new WorkflowDefinitionError(nameOf(specification), faults);
}

/** What `defineWorkflow` has made and found valid; it is read-only by its types, so one look is enough. */
const made = new WeakSet<WorkflowDefinition>();

/** Like {@link validateWorkflow}, which does not look at the definition again from now on. @throws WorkflowDefinitionError */
export function validateOnce(definition: WorkflowDefinition): WorkflowDefinition {
  made.add(Object.freeze(validateWorkflow(definition)));
  return definition;
}

/** @throws WorkflowDefinitionError */
export function validateWorkflow(definition: WorkflowDefinition): WorkflowDefinition {
  if (made.has(definition)) return definition;
  const faults = [...handlerListFaults(definition)];
  if (faults.length > 0) throw new WorkflowDefinitionError(nameOf(definition), faults);
  faults.push(
    ...nameFaults(definition),
    ...topicFaults(definition),
    ...connectorFaults(definition),
    ...producerFaults(definition),
    ...consumerFaults(definition),
  );
  if (faults.length > 0) throw new WorkflowDefinitionError(nameOf(definition), faults);
  return definition;
}

function isStandardSchema(value: unknown): boolean {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const { "~standard": standard } = value as { "~standard"?: unknown };
  return isRecord(standard) && isFunction(standard["validate"]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A name as errors tell it, whatever was given for one. */
function nameOf(value: unknown): string {
  const name = isRecord(value) ? value["name"] : undefined;
  return typeof name === "string" ? name : "(without a name)";
}

function handlerListFaults(definition: WorkflowDefinition): string[] {
  const kinds = ["producers", "consumers"] as const;
  return kinds.filter((kind) => !isRecord(definition[kind])).map((kind) => `${kind}: must give an object of ${kind}`);
}

function nameFaults({ name, major, producers, consumers }: WorkflowDefinition): string[] {
  const faults: string[] = [];
  if (typeof name !== "string" || !NAME.test(name)) faults.push(`name: ${NAME_RULE}`);
  if (!Number.isInteger(major) || major < 1) faults.push("major: must be a whole number from 1");
  for (const [kind, handlers] of Object.entries({ producers, consumers })) {
    for (const handler of Object.keys(handlers)) {
      if (!NAME.test(handler)) faults.push(`${kind}.${handler}: the name ${NAME_RULE}`);
    }
  }
  // Both kinds share one space of names: states, runs and logs are kept by handler name.
  for (const handler of Object.keys(producers)) {
    if (Object.hasOwn(consumers, handler)) faults.push(`consumers.${handler}: a producer has the same name`);
  }
  if (Object.keys(producers).length + Object.keys(consumers).length === 0) {
    faults.push("producers, consumers: the workflow has no handler at all");
  }
  return faults;
}

function topicFaults({ topics }: WorkflowDefinition): string[] {
  return Object.entries(topics).flatMap(([topic, schema]) => [
    ...(NAME.test(topic) ? [] : [`topics.${topic}: the name ${NAME_RULE}`]),
    ...(isStandardSchema(schema) ? [] : [`topics.${topic}: must be a Standard Schema (zod, valibot, arktype …)`]),
  ]);
}

function connectorFaults({ connectors }: WorkflowDefinition): string[] {
  return Object.entries(connectors).flatMap(([name, connector]) => [
    ...(isConnector(connector) ? [] : [`connectors.${name}: must be a connector made by defineConnector`]),
    ...(RESERVED_NAMES.has(name) ? [`connectors.${name}: ctx has something else of this name; choose another`] : []),
  ]);
}

function isConnector(value: unknown): boolean {
  if (!isRecord(value) || typeof value["name"] !== "string" || !isRecord(value["operations"])) return false;
  return Object.values(value["operations"]).every(
    (operation) => isRecord(operation) && isFunction(operation["execute"]),
  );
}

function producerFaults({ producers, topics }: WorkflowDefinition): string[] {
  return Object.entries(producers).flatMap(([name, producer]) => {
    const path = `producers.${name}`;
    const faults = shapeFaults(producerShape, producer, path);
    if (faults.length > 0) return faults;
    const fault = producer.schedule === undefined ? null : scheduleFault(producer.schedule);
    if (fault !== null) faults.push(`${path}.schedule${fault}`);
    return [...faults, ...undeclaredTopics(producer.publishes, topics, `${path}.publishes`)];
  });
}

function consumerFaults({ consumers, topics }: WorkflowDefinition): string[] {
  return Object.entries(consumers).flatMap(([name, consumer]) => {
    const path = `consumers.${name}`;
    const faults = shapeFaults(consumerShape, consumer, path);
    if (faults.length > 0) return faults;
    if (consumer.subscribe.length === 0) faults.push(`${path}.subscribe: names no topic`);
    return [
      ...faults,
      ...undeclaredTopics(consumer.subscribe, topics, `${path}.subscribe`),
      ...undeclaredTopics(consumer.publishes, topics, `${path}.publishes`),
    ];
  });
}

function shapeFaults(shape: z.ZodType, value: unknown, path: string): string[] {
  const parsed = shape.safeParse(value);
  if (parsed.success) return [];
  return parsed.error.issues.map(
    (issue) => `${[path, ...issue.path].filter((part) => part !== "").join(".") || "the workflow"}: ${issue.message}`,
  );
}

function undeclaredTopics(names: readonly string[], topics: WorkflowDefinition["topics"], path: string): string[] {
  const known = Object.keys(topics).join(", ") || "none";
  return [
    ...names
      .filter((name) => !Object.hasOwn(topics, name))
      .map((name) => `${path}: there is no topic "${name}" (declared: ${known})`),
    ...names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${path}: "${name}" is named twice`),
  ];
}
