/** The types of what a user writes: payloads, prepared data, connector operations and outcomes are all inferred. */
import type { LogLevel } from "@millrace/db";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Connector } from "../connectors/define-connector.ts";
import type { DstPolicy } from "../schedule/dst-policy.ts";

/** A workflow's topics: for each name the schema (zod, valibot, arktype …) of its payloads. */
export type Topics = Readonly<Record<string, StandardSchemaV1>>;
/** A workflow's connectors, by the name under which `ctx` has them (`ctx.sheets.append(…)`). */
export type Connectors = Readonly<Record<string, Connector>>;
export type NameOf<T> = keyof T & string;

type PayloadIn<T extends Topics, K extends keyof T> = StandardSchemaV1.InferInput<T[K]>;
type PayloadOut<T extends Topics, K extends keyof T> = StandardSchemaV1.InferOutput<T[K]>;

/** An operation as its caller sees it. */
type Call<Op> = Op extends {
  readonly params: StandardSchemaV1<infer Input, unknown>;
  execute(params: never, context: never): Promise<infer Result>;
}
  ? (params: Input) => Promise<Result>
  : never;

type CallsOf<C extends Connector, Kind extends "read" | "mutation"> = {
  readonly [K in keyof C["operations"] as C["operations"][K] extends { kind: Kind } ? K : never]: Call<
    C["operations"][K]
  >;
};

/** The connectors of a phase that may read. */
export type ReadConnectors<C extends Connectors> = { readonly [K in keyof C]: CallsOf<C[K], "read"> };
/** The connectors of the phase that may act. */
export type MutationConnectors<C extends Connectors> = { readonly [K in keyof C]: CallsOf<C[K], "mutation"> };

/** What every handler gets. */
export interface HandlerContext {
  readonly workflow: string;
  readonly handler: string;
  readonly runId: string;
  /** 1 for the first run of a chain of retries. */
  readonly attempt: number;
  /** Aborts when the handler has taken too long, its run is aborted, or the engine stops. */
  readonly signal: AbortSignal;
  /** The current time in Unix milliseconds. */
  now(): number;
  /** Writes a line into the log of this run. */
  log(level: LogLevel, message: string, data?: unknown): void;
}

/** Something from outside that may cause something: `source` and `externalId` say which. */
export interface InputDescription {
  /** Where it came from, for example `mail`. */
  source: string;
  /** What it is, for example `invoice`. */
  type: string;
  /** Its identity at the source, for example a Message-ID. */
  externalId: string;
  title: string;
}

declare const inputReference: unique symbol;
/** Names a registered input when events are published. */
export interface InputReference {
  readonly [inputReference]: true;
  readonly source: string;
  readonly type: string;
  readonly externalId: string;
}

export interface Publication<Payload> {
  /** The publisher's own identity for it: published again, it replaces a pending event and changes nothing else. */
  messageId: string;
  payload: Payload;
}

/** The declared connectors, with their reads, and what a producer may do. */
export type ProducerContext<T extends Topics, C extends Connectors, Publishes extends NameOf<T>> = ReadConnectors<C> &
  ProducerActions<T, Publishes>;

export interface ProducerActions<T extends Topics, Publishes extends NameOf<T>> extends HandlerContext {
  /** Enters an input into the ledger, once for each (source, type, external id). */
  registerInput(input: InputDescription): InputReference;
  /** Publishes an event that these inputs caused. Written when the handler has returned. */
  publish<K extends Publishes>(
    topic: K,
    event: Publication<PayloadIn<T, K>> & { inputs: readonly InputReference[] },
  ): void;
}

/** A pending event as `peek` gives it. */
export interface PeekedEvent<Payload> {
  id: string;
  messageId: string;
  payload: Payload;
  /** Unix milliseconds. */
  createdAt: number;
}

/** The declared connectors, with their reads, and what `prepare` may do. */
export type PrepareContext<T extends Topics, C extends Connectors, Subscribes extends NameOf<T>> = ReadConnectors<C> &
  PrepareActions<T, Subscribes>;

export interface PrepareActions<T extends Topics, Subscribes extends NameOf<T>> extends HandlerContext {
  /** The oldest pending events of a topic. */
  peek<K extends Subscribes>(topic: K, options?: { limit?: number }): Promise<PeekedEvent<PayloadOut<T, K>>[]>;
  /** One event of a topic, whatever became of it; null where there is none of this message id. */
  get<K extends Subscribes>(topic: K, messageId: string): Promise<PeekedEvent<PayloadOut<T, K>> | null>;
}

/** The declared connectors, with their mutations. One call ends the handler: what follows it never runs. */
export type MutateContext<C extends Connectors> = HandlerContext & MutationConnectors<C>;

export interface NextContext<T extends Topics, Publishes extends NameOf<T>> extends HandlerContext {
  /** Publishes an event; the inputs of the reserved events are its inputs. Written when the handler has returned. */
  publish<K extends Publishes>(topic: K, event: Publication<PayloadIn<T, K>>): void;
}

/** What `prepare` returns. Nothing reserved: the consumer sleeps until an event comes or `wakeAt`. */
export interface PrepareResult<Topic extends string, Data> {
  /** The events that this run is about, by the ids that `peek` gave. */
  reservations?: readonly { topic: Topic; ids: readonly string[] }[];
  /** What `mutate` and `next` need; must be JSON. */
  data: Data;
  /** What a person sees of it. */
  ui?: { title?: string };
  /** When to look again without an event (ISO 8601), for example "2026-11-20T18:00:00Z". */
  wakeAt?: string | undefined;
}

/** What `mutate` and `next` get of it. */
export interface Prepared<Data> {
  readonly data: Data;
  readonly ui: { readonly title?: string | undefined };
  readonly reservations: readonly { readonly topic: string; readonly ids: readonly string[] }[];
}

/** What became of the mutation. */
export type Outcome<Result> =
  | { readonly status: "applied"; readonly result: Result }
  | { readonly status: "none" }
  | { readonly status: "skipped" };

/** When a producer runs. No schedule: only by `runNow`. */
export type Schedule =
  | { interval: string }
  | {
      cron: string;
      /** An IANA name; default UTC. */
      timezone?: string;
      /**
       * What becomes of a fixed time when the clocks change; without a value the first of each. A time that does not
       * exist runs at the end of the gap (`shift`) or not (`skip`); one that occurs twice at the `first`, the `last` or
       * `both`. An expression with a wildcard or a step in its minutes or hours simply goes on.
       */
      dst?: { gap?: DstPolicy["gap"]; overlap?: DstPolicy["overlap"] };
    };

export interface ProducerSpecification<T extends Topics, C extends Connectors, Publishes extends NameOf<T>, State> {
  publishes: readonly Publishes[];
  schedule?: Schedule;
  /** Describes the state, so that it is typed and checked. */
  state?: StandardSchemaV1<unknown, State>;
  /** Reads the outside world and publishes what is new; gives its next state. */
  handler(
    ctx: ProducerContext<T, C, NoInfer<Publishes>>,
    state: NoInfer<State> | undefined,
  ): Promise<NoInfer<State> | void>;
}

export interface ConsumerSpecification<
  T extends Topics,
  C extends Connectors,
  Subscribes extends NameOf<T>,
  Publishes extends NameOf<T>,
  Data,
  Result,
  State,
> {
  subscribe: readonly Subscribes[];
  publishes?: readonly Publishes[];
  state?: StandardSchemaV1<unknown, State>;
  /** `required`: a person must approve each mutation of this consumer before it is sent. */
  approval?: "required";
  /** Decides what to do, and with which events. */
  prepare(
    ctx: PrepareContext<T, C, NoInfer<Subscribes>>,
    state: NoInfer<State> | undefined,
  ): Promise<PrepareResult<NoInfer<Subscribes>, Data>>;
  /** Makes at most one call of a connector's mutation. Return the call to have its result typed in `next`. */
  mutate?(ctx: MutateContext<C>, prepared: Prepared<NoInfer<Data>>): Promise<Result>;
  /** Publishes what follows and gives the next state. */
  next?(
    ctx: NextContext<T, NoInfer<Publishes>>,
    prepared: Prepared<NoInfer<Data>>,
    outcome: Outcome<NoInfer<Result>>,
  ): Promise<NoInfer<State> | void>;
}
