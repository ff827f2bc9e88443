import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConstraintViolationError,
  createStores,
  DatabaseClosedError,
  DatabaseFullError,
  openDatabase,
  TransactionMisuseError,
  type Transaction,
} from "@millrace/db";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { createWorld, dump, withDatabase } from "../support/store-behaviours.ts";

class Undo extends Error {}

describe.each(["a file", "memory"] as const)("transactions on %s", (kind) => {
  test("a rollback undoes all of several stores", async () => {
    await withDatabase(kind, async (database, path) => {
      const { stores, workflow, topic } = await createWorld(database);
      const before = dump(database, path);
      const work = database.transaction(async (tx) => {
        const event = {
          workflowId: workflow.id,
          topicId: topic.id,
          messageId: "m",
          payload: 1,
          createdByRunId: null,
          inputIds: [],
        };
        await stores.events.publish(event, 1, tx);
        await stores.handlerStates.saveState({ workflowId: workflow.id, handlerName: "h" }, { n: 1 }, null, 1, tx);
        await stores.workflows.update(workflow.id, { error: "e" }, 1, tx);
        throw new Undo();
      });
      await expect(work).rejects.toThrow(Undo);
      expect(dump(database, path)).toEqual(before);
    });
  });

  test("a failing inner savepoint leaves the outer one as it was", async () => {
    await withDatabase(kind, async (database) => {
      const { stores, workflow } = await createWorld(database);
      await database.transaction(async (outer) => {
        await stores.topics.getOrCreate(workflow.id, "kept", 1, outer);
        const inner = database.transaction(async (tx) => {
          await stores.topics.getOrCreate(workflow.id, "undone", 1, tx);
          await database.transaction(
            (innermost) => stores.topics.getOrCreate(workflow.id, "undone too", 1, innermost),
            tx,
          );
          throw new Undo();
        }, outer);
        await expect(inner).rejects.toThrow(Undo);
        await database.transaction((tx) => stores.topics.getOrCreate(workflow.id, "kept too", 1, tx), outer);
      });
      expect((await stores.topics.list(workflow.id)).map(({ name }) => name)).toEqual(["kept", "kept too", "mail"]);
    });
  });

  test("nested transactions that are asked for at once run one after another", async () => {
    await withDatabase(kind, async (database) => {
      const { stores, workflow } = await createWorld(database);
      await database.transaction(async (outer) => {
        const settled = await Promise.allSettled(
          ["a", "fails", "b"].map((name) =>
            database.transaction(async (tx) => {
              await stores.topics.getOrCreate(workflow.id, name, 1, tx);
              if (name === "fails") throw new Undo();
            }, outer),
          ),
        );
        expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      });
      expect((await stores.topics.list(workflow.id)).map(({ name }) => name)).toEqual(["a", "b", "mail"]);
    });
  });

  test("a single write is not undone with a savepoint that was open when it was asked for", async () => {
    await withDatabase(kind, async (database) => {
      const { stores, workflow } = await createWorld(database);
      await database.transaction(async (outer) => {
        const inner = database.transaction(async (tx) => {
          await stores.topics.getOrCreate(workflow.id, "undone", 1, tx);
          throw new Undo();
        }, outer);
        const single = stores.topics.getOrCreate(workflow.id, "kept", 1, outer);
        await expect(inner).rejects.toThrow(Undo);
        await single;
      });
      expect((await stores.topics.list(workflow.id)).map(({ name }) => name)).toEqual(["kept", "mail"]);
    });
  });

  test("a single write that fails leaves its transaction as it was", async () => {
    await withDatabase(kind, async (database) => {
      const { stores, workflow } = await createWorld(database);
      await database.transaction(async (tx) => {
        await stores.topics.getOrCreate(workflow.id, "before", 1, tx);
        const same = stores.workflows.create(workflow, 1, tx);
        await expect(same).rejects.toThrow(ConstraintViolationError);
        await stores.topics.getOrCreate(workflow.id, "after", 1, tx);
      });
      expect((await stores.topics.list(workflow.id)).map(({ name }) => name)).toEqual(["after", "before", "mail"]);
      expect(await stores.workflows.list()).toHaveLength(1);
    });
  });

  test("who reads while a transaction is open sees nothing of it", async () => {
    await withDatabase(kind, async (database) => {
      const { stores, workflow } = await createWorld(database);
      let whileOpen: () => void = () => undefined;
      const open = new Promise<void>((resolve) => (whileOpen = resolve));
      const names = async () => (await stores.topics.list(workflow.id)).map(({ name }) => name);
      const read = open.then(names);
      const work = database.transaction(async (tx) => {
        await stores.topics.getOrCreate(workflow.id, "undone", 1, tx);
        whileOpen();
        for (let turn = 0; turn < 20; turn += 1) await stores.topics.list(workflow.id, tx);
        throw new Undo();
      });
      await expect(work).rejects.toThrow(Undo);
      expect([await read, await names()]).toEqual([["mail"], ["mail"]]);
    });
  });

  test("a commit waits for a read that is not over", async () => {
    await withDatabase(kind, async (database) => {
      const { stores, workflow } = await createWorld(database);
      const counted = () =>
        database.read(async (executor) => {
          const count = async () => (await executor.selectFrom("topics").select("id").execute()).length;
          const before = await count();
          await new Promise((resolve) => setImmediate(resolve));
          return [before, await count()];
        });
      const [counts] = await Promise.all([counted(), stores.topics.getOrCreate(workflow.id, "later", 1)]);
      expect(counts).toEqual([1, 1]);
      expect(await counted()).toEqual([2, 2]);
    });
  });

  test("transactions that share a commit are isolated: a failing one undoes itself alone", async () => {
    await withDatabase(kind, async (database) => {
      const { stores, workflow } = await createWorld(database);
      const order: number[] = [];
      const settled = await Promise.allSettled(
        Array.from({ length: 40 }, (_, index) =>
          database.transaction(async (tx) => {
            order.push(index);
            await stores.topics.getOrCreate(workflow.id, `topic ${index}`, 1, tx);
            if (index % 3 === 0) throw new Undo();
          }),
        ),
      );
      expect(order).toEqual(Array.from({ length: 40 }, (_, index) => index));
      expect(settled.map(({ status }) => status)).toEqual(
        order.map((index) => (index % 3 === 0 ? "rejected" : "fulfilled")),
      );
      expect(await stores.topics.list(workflow.id)).toHaveLength(
        1 + settled.filter(({ status }) => status === "fulfilled").length,
      );
    });
  });

  test("a transaction that has its commit for itself leaves nothing behind when it fails, and the next one runs", async () => {
    await withDatabase(kind, async (database) => {
      const { stores, workflow } = await createWorld(database);
      const failing = database.transaction(async (tx) => {
        await stores.topics.getOrCreate(workflow.id, "undone", 1, tx);
        await database.transaction(async (inner) => stores.topics.getOrCreate(workflow.id, "inner", 1, inner), tx);
        throw new Undo();
      });
      await expect(failing).rejects.toThrow(Undo);
      await stores.topics.getOrCreate(workflow.id, "kept", 1);
      const names = (await stores.topics.list(workflow.id)).map(({ name }) => name);
      expect(names).toContain("kept");
      expect(names).not.toContain("undone");
      expect(names).not.toContain("inner");
    });
  });

  test("a transaction that is over can't be used any more", async () => {
    await withDatabase(kind, async (database) => {
      const { stores, workflow } = await createWorld(database);
      let escaped: Transaction | undefined;
      await database.transaction(async (tx) => {
        escaped = tx;
      });
      await expect(stores.topics.getOrCreate(workflow.id, "late", 1, escaped)).rejects.toThrow(TransactionMisuseError);
      await expect(stores.topics.list(workflow.id, escaped)).rejects.toThrow(TransactionMisuseError);
    });
  });

  test("a call inside a transaction that leaves out its tx is refused instead of waiting for ever", async () => {
    await withDatabase(kind, async (database) => {
      const { stores, workflow } = await createWorld(database);
      await database.transaction(async () => {
        await expect(stores.topics.getOrCreate(workflow.id, "lost", 1)).rejects.toThrow(TransactionMisuseError);
        await expect(stores.topics.list(workflow.id)).rejects.toThrow(TransactionMisuseError);
      });
      expect(await stores.topics.list(workflow.id)).toHaveLength(1);
    });
  });

  test("a full database rejects every transaction of the commit, and takes writes again when there is room", async () => {
    await withDatabase(kind, async (database) => {
      const { stores, workflow, topic } = await createWorld(database);
      const limit = (pages: number) =>
        database.transaction(({ executor }) => sql`pragma max_page_count = ${sql.lit(pages)}`.execute(executor));
      const publish = (messageId: string, bytes: number) =>
        stores.events.publish(
          {
            workflowId: workflow.id,
            topicId: topic.id,
            messageId,
            payload: "x".repeat(bytes),
            createdByRunId: null,
            inputIds: [],
          },
          1,
        );
      await limit(1);
      const settled = await Promise.allSettled([publish("a", 10), publish("b", 1_000_000), publish("c", 10)]);
      await limit(1_000_000);
      const failed = settled.filter((result) => result.status === "rejected");
      expect(failed.length).toBeGreaterThan(0);
      for (const { reason } of failed) expect(reason).toBeInstanceOf(DatabaseFullError);
      const written = settled.filter(({ status }) => status === "fulfilled").length;
      expect(await stores.events.list({ workflowId: workflow.id })).toHaveLength(written);
      await publish("d", 1_000_000);
      expect(await stores.events.list({ workflowId: workflow.id })).toHaveLength(written + 1);
    });
  });

  test("closing waits for what was asked for, and refuses what comes later", async () => {
    await withDatabase(kind, async (database) => {
      const { stores, workflow } = await createWorld(database);
      const writing = stores.topics.getOrCreate(workflow.id, "last", 1);
      const closing = database.close();
      await expect(stores.topics.getOrCreate(workflow.id, "too late", 1)).rejects.toThrow(DatabaseClosedError);
      await closing;
      expect((await writing).name).toBe("last");
      await expect(stores.topics.list(workflow.id)).rejects.toThrow(DatabaseClosedError);
      await database.close();
    });
  });
});

test("what was acknowledged is there when the database is opened again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-db-"));
  const location = `sqlite:${join(folder, "test.sqlite")}`;
  const first = await openDatabase(location);
  const { workflow } = await createWorld(first);
  await first.close();
  const second = await openDatabase(location);
  expect((await createStores(second).workflows.list()).map(({ id }) => id)).toEqual([workflow.id]);
  await second.close();
  rmSync(folder, { recursive: true });
});
