import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { prepareInsert, prepareQuery, prepareUpdate } from "./compiled-query.ts";
import { createExecutor, openConnection, type RawConnection } from "./dialects/sqlite/connection.ts";
import { DatabaseError } from "./errors.ts";
import type { TopicId } from "./ids.ts";

let connection: RawConnection;
let executor: ReturnType<typeof createExecutor>;
let texts: string[];

beforeEach(() => {
  connection = openConnection({ source: ":memory:", readonly: false, busyTimeoutMs: 100 });
  connection.exec("create table topics (id text, name text, created_at integer, workflow_id text)");
  connection.exec("insert into topics values ('1', 'it''s?', 1, null), ('2', 'other', 2, 'w')");
  texts = [];
  const prepare = connection.prepare.bind(connection);
  const noting = (text: string) => {
    texts.push(text);
    return prepare(text);
  };
  Object.defineProperty(connection, "prepare", { value: noting });
  executor = createExecutor(connection, "sqlite::memory:");
});
afterEach(() => connection.close());

test("arguments are bound, constants stand in the text, whatever is in them", async () => {
  const query = prepareQuery<{ createdAt: number }>()((queries, argument) =>
    queries
      .selectFrom("topics")
      .select(["id", sql<string>`'?'`.as("mark")])
      .where("name", "=", "it's?")
      .where("created_at", "<=", argument("createdAt"))
      .where("created_at", ">", 0),
  );
  expect(await query.all(executor, { createdAt: 1 })).toEqual([{ id: "1", mark: "?" }]);
  expect(await query.first(executor, { createdAt: 0 })).toBeUndefined();
  expect(texts).toEqual([
    `select "id", '?' as "mark" from "topics" where "name" = 'it''s?' and "created_at" <= +? and "created_at" > 0`,
  ]);
});

test("rows are handed over one by one, in the order of the query", async () => {
  const query = prepareQuery<object>()((queries) => queries.selectFrom("topics").select("id").orderBy("id", "desc"));
  const ids: string[] = [];
  await query.each(executor, {}, ({ id }) => void ids.push(id));
  expect(ids).toEqual(["2", "1"]);
});

test("what is given is never part of the text", async () => {
  const byName = prepareQuery<{ name: string }>()((queries, argument) =>
    queries.selectFrom("topics").select("id").where("name", "=", argument("name")),
  );
  expect(await byName.all(executor, { name: "' or '1' = '1" })).toEqual([]);
  expect(await byName.only(executor, { name: "other" })).toEqual({ id: "2" });
  await expect(byName.only(executor, { name: "nothing" })).rejects.toThrow(DatabaseError);
});

test("a constant that can't be written out is refused", async () => {
  const query = prepareQuery<{ id: string }>()((queries) =>
    queries
      .selectFrom("topics")
      .select("id")
      .where(sql`created_at`, "=", 1n),
  );
  await expect(query.all(executor, { id: "1" })).rejects.toThrow("A constant of a query is");
});

// As the rows above have them.
const topic = (id: string) => ({ topicId: id as TopicId });

test("an update is compiled once for each set of columns, and gives how many rows it changed", async () => {
  const update = prepareUpdate<{ topicId: TopicId }>()((queries, columns, argument) =>
    queries.updateTable("topics").set(columns).where("id", "=", argument("topicId")),
  );
  expect(await update(executor, { name: "new" }, topic("1"))).toBe(1);
  expect(await update(executor, { name: "newer" }, topic("2"))).toBe(1);
  expect(await update(executor, { name: "x", created_at: 5 }, topic("3"))).toBe(0);
  expect(texts).toHaveLength(2);
  expect(connection.prepare("select name from topics order by id").pluck().all()).toEqual(["new", "newer"]);
});

test("an insert takes the values of its columns in their order, beside what is the same in every row", async () => {
  const insert = prepareInsert(["name", "id"], (queries, columns) =>
    queries.insertInto("topics").values({ ...columns, created_at: 7, workflow_id: null } as never),
  );
  expect(await insert(executor, ["new?", "3"])).toBe(1);
  expect(await insert(executor, ["newer", "4"])).toBe(1);
  expect(texts).toEqual(['insert into "topics" ("name", "id", "created_at", "workflow_id") values (+?, +?, 7, null)']);
  const rows = connection.prepare("select id, name, created_at as at from topics where created_at = 7").all();
  expect(rows).toEqual([
    { id: "3", name: "new?", at: 7 },
    { id: "4", name: "newer", at: 7 },
  ]);
});
