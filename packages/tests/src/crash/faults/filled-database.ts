/** A database with enough in it to be damaged, and the damage. */
import { closeSync, cpSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { createStores, openDatabase, type SqliteDatabase } from "@millrace/db";
import BetterSqlite3 from "better-sqlite3";
import { createWorld } from "../../support/store-behaviours.ts";

export const PAGE_BYTES = 4096;

/** Makes a database with some events. */
export async function fillDatabase(path: string, events: number): Promise<void> {
  const database = await openDatabase(`sqlite:${path}`);
  await createWorld(database);
  await publishEvents(database, "first", events);
  await database.close();
}

/** Publishes events, each on disk before the next. */
export async function publishEvents(database: SqliteDatabase, prefix: string, events: number): Promise<void> {
  const stores = createStores(database);
  const [workflow] = await stores.workflows.list();
  if (!workflow) throw new Error("There is no workflow.");
  const topic = await stores.topics.getOrCreate(workflow.id, "mail", 1);
  for (let index = 0; index < events; index += 1) {
    const event = {
      workflowId: workflow.id,
      topicId: topic.id,
      messageId: `${prefix}-${index}`,
      payload: "x".repeat(500),
      createdByRunId: null,
      inputIds: [],
    };
    await stores.events.publish(event, 1);
  }
}

/** Which events are there, by their message ids; and whether the database is whole. */
export async function readEvents(path: string): Promise<{ messageIds: string[]; damage: string[] }> {
  const database = await openDatabase(`sqlite:${path}`);
  try {
    const stores = createStores(database);
    const [workflow] = await stores.workflows.list();
    const events = workflow ? await stores.events.list({ workflowId: workflow.id, limit: 10_000 }) : [];
    const damage = await database.check();
    return { messageIds: events.map(({ messageId }) => messageId), damage: damage.map(({ message }) => message) };
  } finally {
    await database.close();
  }
}

/** The numbers of the pages of a table or an index, the one at its root first. */
export function pagesOf(path: string, name: string): number[] {
  const connection = new BetterSqlite3(path, { readonly: true });
  const rows = connection.prepare("select pageno from dbstat where name = ? order by pageno").pluck().all(name);
  connection.close();
  // The one column of the statement holds numbers of pages.
  return rows as number[];
}

/** Turns over every bit of the middle of a page, from its first cells to its last. */
export function damagePage(path: string, page: number, from = 0, length = PAGE_BYTES): void {
  const file = openSync(path, "r+");
  const bytes = Buffer.alloc(length);
  const position = (page - 1) * PAGE_BYTES + from;
  readSync(file, bytes, 0, length, position);
  writeSync(
    file,
    bytes.map((byte) => byte ^ 0xff),
    0,
    length,
    position,
  );
  closeSync(file);
}

/** Restores a backup as the help of `millrace backup` says: the copy in the place of the database, without its old log. */
export function restore(backup: string, path: string): void {
  cpSync(backup, path);
  for (const ending of ["-wal", "-shm"]) rmSync(`${path}${ending}`, { force: true });
}
