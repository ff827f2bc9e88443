/** What becomes of the transactions that share a commit when it does not come about. */
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConstraintViolationError,
  createStores,
  DatabaseInputOutputError,
  openDatabase,
  TransactionMisuseError,
  type CommitHooks,
  type SqliteDatabase,
  type Transaction,
} from "@millrace/db";
import BetterSqlite3 from "better-sqlite3";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let folder: string;
let location: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-commits-"));
  location = `sqlite:${join(folder, "test.sqlite")}`;
});
afterEach(() => rmSync(folder, { recursive: true }));

const create = (database: SqliteDatabase, name: string, tx?: Transaction) =>
  createStores(database).workflows.create({ name, status: "active", handlerConfig: {} }, 1, tx);

async function names(database: SqliteDatabase): Promise<string[]> {
  return (await createStores(database).workflows.list()).map(({ name }) => name);
}

async function withHooks<T>(hooks: CommitHooks, work: (database: SqliteDatabase) => Promise<T>): Promise<T> {
  const database = await openDatabase(location, { hooks });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

describe("a database that stops dead", () => {
  test.each([
    ["in a transaction", "insideTransaction", ["before"]],
    ["before the commit", "beforeCommit", ["before"]],
    ["after the commit", "afterCommit", ["before", "one", "two"]],
  ] as const)("%s answers nobody, and has what was committed", async (_when, hook, left) => {
    await withHooks({}, (database) => create(database, "before"));
    let settled = 0;
    const settle = () => (settled += 1);
    await withHooks({ [hook]: () => "crash" }, async (database) => {
      create(database, "one").then(settle, settle);
      create(database, "two").then(settle, settle);
      await new Promise(setImmediate);
      create(database, "late").then(settle, settle);
    });
    await new Promise(setImmediate);
    expect(settled).toBe(0);
    expect(await withHooks({}, names)).toEqual(left);
  });
});

test("what a hook throws before the commit fails every transaction of it, and the next ones go on", async () => {
  let throws = true;
  const beforeCommit = () => {
    if (throws) throw new Error("not now");
    return "continue" as const;
  };
  await withHooks({ beforeCommit }, async (database) => {
    const results = await Promise.allSettled([create(database, "one"), create(database, "two")]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    throws = false;
    await create(database, "three");
    expect(await names(database)).toEqual(["three"]);
  });
});

test("when SQLite rolls all of a commit back, those that were in it fail and those after it get their turn", async () => {
  await withHooks({}, async (database) => {
    const { id } = await create(database, "before");
    const early = create(database, "early");
    const breaking = database.transaction(({ executor }) =>
      sql`insert or rollback into workflows select * from workflows where id = ${id}`.execute(executor),
    );
    const results = await Promise.allSettled([early, breaking, create(database, "late")]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
    await expect(breaking).rejects.toThrow(ConstraintViolationError);
    expect(await names(database)).toEqual(["before", "late"]);
  });
});

test("nobody whom SQLite has undone is acknowledged, whoever reads meanwhile", async () => {
  const readers: Promise<unknown>[] = [];
  let startReaders = () => {};
  const hooks: CommitHooks = {
    insideTransaction() {
      startReaders();
      return "continue";
    },
  };
  await withHooks(hooks, async (database) => {
    const { id } = await create(database, "before");
    startReaders = () => {
      startReaders = () => {};
      // One begins at each of the moments that come next.
      for (let delay = 0; delay < 100; delay += 1) readers.push(later(delay).then(() => names(database)));
    };
    const early = create(database, "early");
    const breaking = database.transaction(({ executor }) =>
      sql`insert or rollback into workflows select * from workflows where id = ${id}`.execute(executor),
    );
    const results = await Promise.allSettled([early, breaking, create(database, "late")]);
    await Promise.all(readers);
    expect(readers).toHaveLength(100);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
    expect(await names(database)).toEqual(["before", "late"]);
  });
});

/** Resolves after so many promises have. */
async function later(promises: number): Promise<void> {
  for (let index = 0; index < promises; index += 1) await Promise.resolve();
}

test("what else a failing transaction has begun is over before it is undone", async () => {
  await withHooks({}, async (database) => {
    const failing = database.transaction(async (tx) => {
      const slow = database.transaction(async (inner) => {
        await create(database, "one", inner);
        await create(database, "two", inner);
      }, tx);
      await Promise.all([slow, Promise.reject(new Error("no"))]);
    });
    await expect(failing).rejects.toThrow("no");
    await create(database, "after");
    expect(await names(database)).toEqual(["after"]);
  });
});

test("a transaction of another make is refused", async () => {
  await withHooks({}, async (database) => {
    await database.transaction(async ({ executor }) => {
      await expect(create(database, "one", { executor })).rejects.toThrow(TransactionMisuseError);
    });
    expect(await names(database)).toEqual([]);
  });
});

describe("a transaction that need not wait for the disk", () => {
  const unwaited = { awaitsDisk: false };

  async function commitsOf(work: (database: SqliteDatabase) => Promise<unknown>): Promise<boolean[]> {
    const waited: boolean[] = [];
    const afterCommit = (_names: readonly string[], awaitsDisk: boolean) => {
      waited.push(awaitsDisk);
      return "continue" as const;
    };
    await withHooks({ afterCommit }, work);
    return waited;
  }

  test("is committed without, and what others write waits as ever", async () => {
    const waited = await commitsOf(async (database) => {
      await database.transaction((tx) => create(database, "one", tx), undefined, unwaited);
      expect(await names(database)).toEqual(["one"]);
      await create(database, "two");
      await database.transaction((tx) => create(database, "three", tx), undefined, unwaited);
    });
    expect(waited).toEqual([false, true, false]);
    expect(await withHooks({}, names)).toEqual(["one", "three", "two"]);
  });

  test("waits with one that shares its commit and does wait", async () => {
    const waited = await commitsOf((database) =>
      Promise.all([
        database.transaction((tx) => create(database, "one", tx), undefined, unwaited),
        create(database, "two"),
        database.transaction((tx) => create(database, "three", tx), undefined, unwaited),
      ]),
    );
    expect(waited).toEqual([true]);
  });

  test("is committed by the transaction that it is inside of", async () => {
    const waited = await commitsOf((database) =>
      database.transaction((tx) => database.transaction((inner) => create(database, "one", inner), tx, unwaited)),
    );
    expect(waited).toEqual([true]);
  });

  test("is copied into the file before anything else is committed, once the disk has failed to sync", async () => {
    let fails = false;
    const beforeCommit = () => {
      if (fails) throw new BetterSqlite3.SqliteError("disk I/O error", "SQLITE_IOERR_FSYNC");
      return "continue" as const;
    };
    await withHooks({ beforeCommit }, async (database) => {
      await create(database, "zero");
      await database.transaction((tx) => create(database, "one", tx), undefined, unwaited);
      fails = true;
      await expect(create(database, "two")).rejects.toThrow(DatabaseInputOutputError);
      fails = false;
      await create(database, "three");
      // The file without its log.
      copyFileSync(join(folder, "test.sqlite"), join(folder, "copy.sqlite"));
      const copy = new BetterSqlite3(join(folder, "copy.sqlite"));
      expect(copy.prepare("select name from workflows order by name").pluck().all()).toEqual(["one", "zero"]);
      copy.close();
      expect(await names(database)).toEqual(["one", "three", "zero"]);
    });
  });
});
