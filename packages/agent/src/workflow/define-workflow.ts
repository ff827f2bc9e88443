/**
 * `defineWorkflow`: the one way in for a user's workflow.
 *
 * Producers and consumers are given through a function, because only a generic call of its own lets TypeScript infer
 * `prepared.data` from `prepare` for `mutate` and `next` (specs/done/workflows.md).
 */
import type { Connectors, ConsumerSpecification, NameOf, ProducerSpecification, Topics } from "./types.ts";
import { checkSpecification, validateOnce } from "./validate-workflow.ts";
import type { ConsumerDefinition, ProducerDefinition, WorkflowDefinition } from "./workflow-definition.ts";

export type DefineProducer<T extends Topics, C extends Connectors> = <
  const Publishes extends NameOf<T>,
  State = unknown,
>(
  producer: ProducerSpecification<T, C, Publishes, State>,
) => ProducerDefinition;

export type DefineConsumer<T extends Topics, C extends Connectors> = <
  const Subscribes extends NameOf<T>,
  const Publishes extends NameOf<T> = never,
  Data = undefined,
  Result = undefined,
  State = unknown,
>(
  consumer: ConsumerSpecification<T, C, Subscribes, Publishes, Data, Result, State>,
) => ConsumerDefinition;

export interface WorkflowSpecification<T extends Topics, C extends Connectors> {
  /** Unique in a database. */
  name: string;
  /** Raise it when a change is more than a correction. Default 1. */
  major?: number;
  topics: T;
  /** The connectors that handlers find on `ctx`, by name. */
  connectors?: C;
  producers?: (producer: DefineProducer<T, C>) => Record<string, ProducerDefinition>;
  consumers?: (consumer: DefineConsumer<T, C>) => Record<string, ConsumerDefinition>;
}

/**
 * Checks a workflow as a whole.
 * @throws WorkflowDefinitionError that lists every fault with its path
 */
export function defineWorkflow<const T extends Topics, const C extends Connectors = Record<never, never>>(
  specification: WorkflowSpecification<T, C>,
): WorkflowDefinition {
  checkSpecification(specification);
  const {
    name,
    major = 1,
    topics,
    connectors = NO_CONNECTORS,
    producers = () => ({}),
    consumers = () => ({}),
  } = specification;
  return validateOnce({
    name,
    major,
    topics,
    connectors,
    producers: producers(defineProducer),
    consumers: consumers(defineConsumer),
  });
}

/** One for all that have none: there may be very many. */
const NO_CONNECTORS: Connectors = Object.freeze({});
const NO_TOPICS: readonly never[] = Object.freeze([]);

function defineProducer<T extends Topics, C extends Connectors, Publishes extends NameOf<T>, State>(
  producer: ProducerSpecification<T, C, Publishes, State>,
): ProducerDefinition {
  // What is no specification is told as the fault of its handler, with its path.
  if (!isObject(producer)) return producer as unknown as ProducerDefinition;
  const { publishes, schedule, state, handler, ...misspelt } = producer;
  return { publishes, schedule, state, handler, ...misspelt };
}

function defineConsumer<
  T extends Topics,
  C extends Connectors,
  Subscribes extends NameOf<T>,
  Publishes extends NameOf<T>,
  Data,
  Result,
  State,
>(consumer: ConsumerSpecification<T, C, Subscribes, Publishes, Data, Result, State>): ConsumerDefinition {
  if (!isObject(consumer)) return consumer as unknown as ConsumerDefinition;
  const { subscribe, publishes = NO_TOPICS, state, approval, prepare, mutate, next, ...misspelt } = consumer;
  return {
    subscribe,
    publishes,
    state,
    approval,
    prepare,
    ...(mutate !== undefined && { mutate }),
    ...(next !== undefined && { next }),
    ...misspelt,
  };
}

/** A workflow may be written in JavaScript. */
const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;
