import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BackupTargetError,
  CorruptDatabaseError,
  createStores,
  DatabaseClosedError,
  MIGRATIONS,
  openDatabase,
  type SqliteDatabase,
} from "@millrace/db";
import BetterSqlite3 from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createWorld, dump, withDatabase } from "../support/store-behaviours.ts";

let folder: string;
let target: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-tools-"));
  target = join(folder, "copy.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Publishes events of 100 kB each; a backup of more than 40 of them takes several steps. */
async function publish(database: SqliteDatabase, from: number, until: number): Promise<void> {
  const stores = createStores(database);
  const workflow = (await stores.workflows.list())[0] ?? (await createWorld(database)).workflow;
  const topic = await stores.topics.getOrCreate(workflow.id, "mail", 1);
  for (let index = from; index < until; index += 1) {
    const event = { workflowId: workflow.id, topicId: topic.id, createdByRunId: null, inputIds: [] };
    await stores.events.publish({ ...event, messageId: `m${index}`, payload: "x".repeat(100_000) }, index);
  }
}

/** Makes a reference to a row that is missing, past all checks. */
function breakReference(path: string): void {
  const connection = new BetterSqlite3(path);
  connection.pragma("foreign_keys = OFF");
  connection.prepare("update topics set workflow_id = 'gone'").run();
  connection.close();
}

describe.each(["a file", "memory"] as const)("the backup of %s", (kind) => {
  test("is one file with every row, and opens as a database", async () => {
    await withDatabase(kind, async (database, path) => {
      await publish(database, 0, 5);
      const result = await database.backup(target);
      expect(result.path).toBe(target);
      expect(readdirSync(folder)).toEqual(["copy.sqlite"]);
      const copy = await openDatabase(`sqlite:${target}`);
      expect(dump(copy, target)).toEqual(dump(database, path));
      await copy.close();
    });
  });

  test("says how far it is", async () => {
    await withDatabase(kind, async (database) => {
      await publish(database, 0, 60);
      const left: number[] = [];
      await database.backup(target, ({ remainingPages }) => left.push(remainingPages));
      expect(left.length).toBeGreaterThan(1);
      expect(left).toEqual(left.toSorted((a, b) => b - a));
    });
  });

  test("never replaces a file, and leaves nothing where there is no folder", async () => {
    await withDatabase(kind, async (database) => {
      writeFileSync(target, "a letter");
      await expect(database.backup(target)).rejects.toThrow(BackupTargetError);
      await expect(database.backup(join(folder, "no", "where.sqlite"))).rejects.toThrow(BackupTargetError);
      expect(readdirSync(folder)).toEqual(["copy.sqlite"]);
    });
  });

  test("is refused by a database that is closed", async () => {
    const database = await withDatabase(kind, async (open) => open);
    await expect(database.backup(target)).rejects.toThrow(DatabaseClosedError);
    await expect(database.check()).rejects.toThrow(DatabaseClosedError);
    expect(existsSync(target)).toBe(false);
  });
});

test("a backup is of the moment at which it began, whatever is written meanwhile", async () => {
  await withDatabase("a file", async (database) => {
    await publish(database, 0, 60);
    let steps = 0;
    let writing = Promise.resolve();
    await database.backup(target, () => {
      steps += 1;
      writing = writing.then(() => publish(database, 60 + steps, 61 + steps));
    });
    await writing;
    const copy = await openDatabase(`sqlite:${target}`);
    const { workflows, events } = createStores(copy);
    const [workflow] = await workflows.list();
    expect(await events.list({ workflowId: workflow!.id, limit: 1_000 })).toHaveLength(60);
    await copy.close();
    const all = await createStores(database).events.list({ workflowId: workflow!.id, limit: 1_000 });
    expect(all).toHaveLength(60 + steps);
  });
});

test("a copy that is not whole is not kept", async () => {
  await withDatabase("a file", async (database, path) => {
    await publish(database, 0, 1);
    breakReference(path!);
    await expect(database.backup(target)).rejects.toThrow(CorruptDatabaseError);
    expect(readdirSync(folder)).toEqual([]);
  });
});

test("what another backup has left behind is no obstacle", async () => {
  await withDatabase("a file", async (database) => {
    writeFileSync(`${target}.partial`, "half of a backup");
    await database.backup(target);
    expect(readdirSync(folder)).toEqual(["copy.sqlite"]);
  });
});

describe.each(["a file", "memory"] as const)("the check of %s", (kind) => {
  test("finds nothing where all is well", async () => {
    await withDatabase(kind, async (database) => {
      await publish(database, 0, 3);
      expect(await database.check()).toEqual([]);
    });
  });
});

test("a check names the table of a row whose owner is missing", async () => {
  await withDatabase("a file", async (database, path) => {
    await publish(database, 0, 1);
    breakReference(path!);
    expect(await database.check()).toEqual([
      { kind: "reference", table: "topics", message: expect.stringContaining("names a row of workflows") },
    ]);
  });
});

test("a check finds an index that does not fit its table", async () => {
  await withDatabase("a file", async (database, path) => {
    const { stores, workflow } = await createWorld(database);
    const described = { workflowId: workflow.id, source: "s", type: "t", externalId: "e", title: "" };
    await stores.inputs.getOrCreate({ ...described, createdByRunId: null }, 5);
    const connection = new BetterSqlite3(path!);
    connection.unsafeMode();
    connection.pragma("writable_schema = ON");
    // The index is said to have the inputs that it was never given.
    connection
      .prepare("update sqlite_master set sql = replace(sql, '= ''skipped', '= ''active') where name = ?")
      .run("inputs_skipped_index");
    connection.pragma("schema_version = 1000");
    connection.close();
    expect(await database.check()).toContainEqual({
      kind: "integrity",
      table: null,
      message: expect.stringContaining("inputs_skipped_index"),
    });
  });
});

describe.each(["a file", "memory"] as const)("the statistics of %s", (kind) => {
  test("say how large it is, and grow with it", async () => {
    await withDatabase(kind, async (database, path) => {
      const before = await database.statistics();
      await publish(database, 0, 30);
      const after = await database.statistics();
      expect(before.schemaVersion).toBe(Object.keys(MIGRATIONS).at(-1));
      expect(after.sizeBytes).toBeGreaterThan(before.sizeBytes + 2_000_000);
      expect(after.logBytes > 0).toBe(path !== null);
      await createStores(database).workflows.delete((await createStores(database).workflows.list())[0]!.id);
      expect((await database.statistics()).freeBytes).toBeGreaterThan(2_000_000);
    });
  });

  test("are those of a transaction inside one", async () => {
    await withDatabase(kind, async (database) => {
      const { sizeBytes } = await database.statistics();
      await database.transaction(async (tx) => {
        await createStores(database).workflows.create(
          { name: "w", status: "active", handlerConfig: "x".repeat(100_000) },
          1,
          tx,
        );
        expect((await database.statistics(tx)).sizeBytes).toBeGreaterThan(sizeBytes);
      });
    });
  });
});
