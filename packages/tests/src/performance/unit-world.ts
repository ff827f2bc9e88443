/** An engine whose every statement is noted, on a clock that stands still and with ids that are always the same. */
import {
  applied,
  defineConnector,
  defineJobHandler,
  defineWorkflow,
  mutation,
  type Engine,
  type WorkflowDefinition,
} from "@millrace/agent";
import { attachTestEngine, FakeClock, type TestEngine } from "@millrace/agent/testing";
import { createIdSource, openDatabase, type SqliteDatabase } from "@millrace/db";
import { z } from "zod";
import { streamOf } from "../simulation/random-stream.ts";
import { StatementTrace } from "./statement-trace.ts";

export const TOPIC = "order.placed";
export const JOB = "trivial";

/** How often a producer runs. */
const POLL_INTERVAL = "10m";

/** 1 KB, as an event of the other benchmarks. */
export const PAYLOAD = { text: "x".repeat(1_000) };

/** How many events consumers may take yet. */
export interface Gate {
  events: number;
}

export interface UnitWorld {
  readonly test: TestEngine;
  readonly engine: Engine;
  readonly database: SqliteDatabase;
  readonly trace: StatementTrace;
  /** How many commits have waited for the disk so far. */
  readonly syncs: () => number;
  readonly gate: Gate;
  readonly workflows: readonly string[];
  /** The first of them. */
  readonly workflow: string;
}

export interface UnitWorldOptions {
  /** Default `sqlite::memory:`. */
  location?: string;
  /** Default 2026-01-01T00:00:00Z, in Unix milliseconds. */
  startAt?: number;
  /** How many workflows there are. Default 1. */
  workflows?: number;
  /** Whether their producers run on a schedule. Default false. */
  polls?: boolean;
  /** How many events consumers may take. Default: all. */
  events?: number;
  /** A mutation is in flight until this has settled. */
  onCall?: () => Promise<void>;
  /** A job runs until this has settled. */
  onJob?: () => Promise<void>;
}

/** Opens a database with an engine that is not started. */
export async function openUnitWorld(options: UnitWorldOptions = {}): Promise<UnitWorld> {
  const { location = "sqlite::memory:", startAt, workflows: count = 1, events = Number.POSITIVE_INFINITY } = options;
  const trace = new StatementTrace();
  const clock = new FakeClock(startAt);
  const random = streamOf(1, `ids from ${clock.now()}`);
  const newId = createIdSource({ now: () => clock.now(), random: () => random.bytes() });
  let commits = 0;
  let syncs = 0;
  const beforeCommit = (_names: readonly string[], awaitsDisk: boolean) => {
    commits += 1;
    if (awaitsDisk) syncs += 1;
    return "continue" as const;
  };
  const database = await openDatabase(location, { newId, onStatement: trace.note, hooks: { beforeCommit } });
  const gate = { events };
  const definitions = Array.from({ length: count }, (_, index) => ordersWorkflow(`orders-${index}`, gate, options));
  const trivial = defineJobHandler({ name: JOB, handler: () => options.onJob?.() });
  const test = attachTestEngine({ database, commits: () => commits }, clock, {
    workflows: definitions,
    jobHandlers: [trivial],
  });
  const workflows = definitions.map(({ name }) => name);
  return {
    test,
    engine: test.engine,
    database,
    trace,
    syncs: () => syncs,
    gate,
    workflows,
    workflow: workflows[0] ?? "",
  };
}

function ordersWorkflow(name: string, gate: Gate, { polls = false, onCall }: UnitWorldOptions): WorkflowDefinition {
  const carrier = defineConnector({
    name: "carrier",
    operations: {
      deliver: mutation({
        params: z.object({ order: z.string() }),
        async execute({ order }) {
          await onCall?.();
          return { order };
        },
        reconcile: async ({ order }) => applied({ order }),
      }),
    },
  });
  return defineWorkflow({
    name,
    topics: { [TOPIC]: z.object({ text: z.string() }) },
    connectors: { carrier },
    producers: (producer) => ({
      poll: producer({
        publishes: [TOPIC],
        ...(polls && { schedule: { interval: POLL_INTERVAL } }),
        state: z.object({ polls: z.number() }),
        async handler(ctx, state = { polls: 0 }) {
          const externalId = `polled-${state.polls}`;
          const input = ctx.registerInput({ source: "shop", type: "order", externalId, title: externalId });
          ctx.publish(TOPIC, { messageId: externalId, payload: { text: externalId }, inputs: [input] });
          return { polls: state.polls + 1 };
        },
      }),
    }),
    consumers: (consumer) => ({
      ship: consumer({
        subscribe: [TOPIC],
        async prepare(ctx) {
          const [event] = await ctx.peek(TOPIC, { limit: 1 });
          if (!event || gate.events === 0) return { reservations: [], data: { order: "" } };
          gate.events -= 1;
          return { reservations: [{ topic: TOPIC, ids: [event.id] }], data: { order: event.messageId } };
        },
        mutate: async (ctx, { data }) => ctx.carrier.deliver({ order: data.order }),
        async next() {},
      }),
    }),
  });
}
