/** For tests: operations of the API, called without HTTP, on an engine with a database file and a clock that stands still. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine, EngineOptions } from "@millrace/agent";
import { attachTestEngine, FakeClock, openTestDatabase } from "@millrace/agent/testing";
import { createStores, DEFAULT_PLATFORM_ID, type SqliteDatabase, type Stores } from "@millrace/db";
import { Registry } from "prom-client";
import type { z } from "zod";
import type { OperationDescription } from "../server/contract/operation.ts";
import type { Exchange, Implementation, Principal } from "../server/implementation.ts";
import { RequestStatistics } from "../server/metrics/request-statistics.ts";

/** What is sent, as it comes from outside. */
export interface Sent {
  params?: unknown;
  query?: unknown;
  body?: unknown;
}

export interface RouteBench {
  engine: Engine;
  clock: FakeClock;
  database: SqliteDatabase;
  stores: Stores;
  statistics: RequestStatistics;
  /** Somebody of another platform. */
  stranger: Principal;
  /** Calls an operation; what goes in and what comes out is parsed by its schemas. */
  call<Path extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType, Response extends z.ZodType>(
    operation: OperationDescription<Path, Query, Body, Response>,
    sent?: Sent,
    by?: Principal,
  ): Promise<z.output<Response>>;
  /** Moves the time by a duration such as "90s", "5m" or "1h"; at each moment on the way everything is done first. */
  advance(duration: string): Promise<void>;
  close(): Promise<void>;
}

export const OPERATOR: Principal = {
  name: "olga",
  role: "operator",
  platformId: DEFAULT_PLATFORM_ID,
  channel: "api",
};

/** Starts an engine and serves these implementations. */
export async function openRouteBench(
  implementations: readonly Implementation[],
  options: Omit<EngineOptions, "database" | "clock"> = {},
): Promise<RouteBench> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-routes-"));
  const clock = new FakeClock();
  const opened = await openTestDatabase(clock, { location: `sqlite:${join(folder, "millrace.sqlite")}` });
  const { database } = opened;
  const test = attachTestEngine(opened, clock, options);
  await test.engine.start();
  const stores = createStores(database);
  const { id: platformId } = await stores.platforms.getOrCreate("theirs", clock.now());
  const statistics = new RequestStatistics(new Registry());
  const { engine } = test;
  return {
    engine,
    clock,
    database,
    stores,
    statistics,
    stranger: { ...OPERATOR, name: "stranger", platformId },
    async call(operation, { params = {}, query = {}, body } = {}, principal = OPERATOR) {
      const implementation = implementations.find((one) => one.operation === operation);
      if (!implementation) throw new Error(`Nothing implements ${operation.id}.`);
      const input = {
        params: operation.params.parse(params),
        query: operation.query.parse(query),
        // Over the wire a key without a value does not exist.
        body: operation.body.parse(body === undefined ? undefined : JSON.parse(JSON.stringify(body))),
      };
      // These operations are about their input alone.
      const exchange = {} as Exchange;
      const output = await implementation.handle(input, { principal, engine, database, stores, statistics }, exchange);
      return operation.response.parse(output);
    },
    advance: (duration) => advance(engine, clock, millisecondsOf(duration)),
    async close() {
      await test.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

function millisecondsOf(duration: string): number {
  const [, count, unit = ""] = /^(\d+)([a-z]+)$/.exec(duration) ?? [];
  const milliseconds = Number(count) * (UNITS[unit] ?? Number.NaN);
  if (Number.isNaN(milliseconds)) throw new RangeError(`"${duration}" is no duration.`);
  return milliseconds;
}

/** However slow the disk is: no handler of these tests waits for the time to move. */
async function advance(engine: Engine, clock: FakeClock, milliseconds: number): Promise<void> {
  const until = clock.now() + milliseconds;
  do await engine.whenIdle();
  while (clock.fireNext(until));
  clock.jumpTo(until);
  await engine.whenIdle();
}
