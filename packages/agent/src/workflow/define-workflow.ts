/**
 * `defineWorkflow`: the one way in for a user's workflow.
 *
 * Producers and consumers are given through a function, because only a generic call of its own lets TypeScript infer
 * `prepared.data` from `prepare` for `mutate` and `next` (specs/done/workflows.md).
 */
import type { Connectors, ConsumerSpecification, NameOf, ProducerSpecification, Topics } from "./types.ts";
import { validateWorkflow } from "./validate-workflow.ts";
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
  return validateWorkflow({
    name: specification.name,
    major: specification.major ?? 1,
    topics: specification.topics,
    connectors: specification.connectors ?? {},
    producers: specification.producers?.(defineProducer) ?? {},
    consumers: specification.consumers?.(defineConsumer) ?? {},
  });
}

function defineProducer<T extends Topics, C extends Connectors, Publishes extends NameOf<T>, State>(
  producer: ProducerSpecification<T, C, Publishes, State>,
): ProducerDefinition {
  const { publishes, schedule, state, handler } = producer;
  return { publishes, schedule, state, handler };
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
  return {
    subscribe: consumer.subscribe,
    publishes: consumer.publishes ?? [],
    state: consumer.state,
    approval: consumer.approval,
    prepare: consumer.prepare,
    ...(consumer.mutate && { mutate: consumer.mutate }),
    ...(consumer.next && { next: consumer.next }),
  };
}
