/**
 * Runs one behaviour of a store in every way in which it can be used: on each kind of database; without a transaction,
 * inside one that commits, and inside one that is rolled back, of which nothing may be seen outside, then or later.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createIdSource,
  createStores,
  openDatabase,
  type HandlerRun,
  type SqliteDatabase,
  type Stores,
  type Topic,
  type Transaction,
  type Workflow,
} from "@millrace/db";
import BetterSqlite3 from "better-sqlite3";
import { describe, expect, test } from "vitest";

/** What a behaviour has at hand. */
export interface StoreWorld {
  database: SqliteDatabase;
  stores: Stores;
  /** Passed on to every call: undefined where the behaviour runs without a transaction. */
  tx: Transaction | undefined;
  /** A workflow with a topic, a script and a session, there before the behaviour begins. */
  workflow: Workflow;
  topic: Topic;
  /** Creates an active run; of another workflow than `workflow` where one is given. */
  startRun(workflow?: Workflow): Promise<HandlerRun>;
}

export type Behaviour = (world: StoreWorld) => Promise<void>;

class RolledBack extends Error {}

const MODES = ["without tx", "inside a transaction", "inside a transaction that is rolled back"] as const;

/** Declares the behaviours of a store as tests. */
export function describeStore(name: string, behaviours: Record<string, Behaviour>): void {
  describe.each(["a file", "memory"] as const)(`${name} on %s`, (kind) => {
    describe.each(MODES)("%s", (mode) => {
      test.each(Object.entries(behaviours))("%s", async (_title, behaviour) => {
        await withDatabase(kind, async (database, path) => {
          const world = await createWorld(database);
          if (mode === "without tx") return behaviour({ ...world, tx: undefined });
          if (mode === "inside a transaction") {
            await database.transaction((tx) =>
              behaviour({ ...world, tx, startRun: (own) => startRun(world, own, tx) }),
            );
            return undefined;
          }
          return rollBack(world, path, behaviour);
        });
      });
    });
  });
}

async function rollBack(world: Omit<StoreWorld, "tx">, path: string | null, behaviour: Behaviour): Promise<void> {
  const before = dump(world.database, path);
  const work = world.database.transaction(async (tx) => {
    await behaviour({ ...world, tx, startRun: (own) => startRun(world, own, tx) });
    // Another connection sees nothing of it.
    if (path !== null) expect(dump(world.database, path)).toEqual(before);
    throw new RolledBack();
  });
  await expect(work).rejects.toThrow(RolledBack);
  expect(dump(world.database, path)).toEqual(before);
}

/** Opens a database that is gone afterwards. */
export async function withDatabase<T>(
  kind: "a file" | "memory",
  work: (database: SqliteDatabase, path: string | null) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-db-"));
  const path = kind === "a file" ? join(folder, "test.sqlite") : null;
  let now = 0;
  const newId = createIdSource({ now: () => (now += 1) });
  const database = await openDatabase(path === null ? "sqlite::memory:" : `sqlite:${path}`, {
    newId,
    limits: { payloadBytes: 2 * 1024 * 1024, stateBytes: 2 * 1024 * 1024 },
  });
  try {
    return await work(database, path);
  } finally {
    await database.close();
    rmSync(folder, { recursive: true });
  }
}

/** A workflow with what most rows need. */
export async function createWorld(database: SqliteDatabase): Promise<Omit<StoreWorld, "tx">> {
  const stores = createStores(database);
  const workflow = await stores.workflows.create({ name: "invoices", status: "active", handlerConfig: {} }, 1);
  const topic = await stores.topics.getOrCreate(workflow.id, "mail", 1);
  const world = { database, stores, workflow, topic };
  return { ...world, startRun: (own) => startRun(world, own) };
}

async function startRun(
  { stores, workflow: first }: Pick<StoreWorld, "stores" | "workflow">,
  workflow = first,
  tx?: Transaction,
): Promise<HandlerRun> {
  const { id: workflowId } = workflow;
  const latest = await stores.scripts.findLatest(workflowId, tx);
  const version = { workflowId, major: 1, minor: (latest?.minor ?? -1) + 1, source: "", digest: "d", origin: "test" };
  const script = latest ?? (await stores.scripts.create(version, 1, tx));
  const session = await stores.sessions.create({ workflowId, trigger: "test" }, 1, tx);
  return stores.handlerRuns.create(
    {
      sessionId: session.id,
      workflowId,
      scriptId: script.id,
      handlerType: "consumer",
      handlerName: "addRow",
      trigger: "event",
      phase: "preparing",
      retryOf: null,
      attempt: 1,
      transientFailures: 0,
      mutationId: null,
      mutationOutcome: null,
      prepareResult: null,
      inputState: null,
    },
    2,
    tx,
  );
}

/** Every row of every table, as a connection of its own sees it. */
export function dump(database: SqliteDatabase, path: string | null): Record<string, unknown[]> {
  const connection =
    path === null ? new BetterSqlite3(database.serialise()) : new BetterSqlite3(path, { readonly: true });
  try {
    const tables = connection
      .prepare("select name from sqlite_master where type = 'table' order by name")
      .pluck()
      .all();
    return Object.fromEntries(
      tables.map((table) => [String(table), connection.prepare(`select * from "${String(table)}"`).all()]),
    );
  } finally {
    connection.close();
  }
}

/** Strings that have broken other programs. */
export const HOSTILE_STRINGS = [
  "",
  'it\'s "quoted" `too`',
  "a\0b",
  "😀 Ä 漢字 \u202E",
  "'; DROP TABLE events; --",
  "%_\\",
  "x".repeat(1024 * 1024),
];

/** JSON of every shape. */
export const JSON_VALUES = [
  null,
  true,
  0,
  -1.5,
  1e300,
  "",
  "text",
  [],
  [1, [2, [3]]],
  {},
  { a: { b: [null, { c: "d" }] }, __proto__x: 1, "": 2 },
  ...HOSTILE_STRINGS,
];
