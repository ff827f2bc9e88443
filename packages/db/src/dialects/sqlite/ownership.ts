/** Whether an engine runs a database, asked without taking the right to. */
import { existsSync } from "node:fs";
import BetterSqlite3 from "better-sqlite3";

/** @param path the database's file, or null for one in memory, which nobody else can run */
export function isOwned(path: string | null): boolean {
  if (path === null || !existsSync(`${path}-owner`)) return false;
  const owner = new BetterSqlite3(`${path}-owner`, { readonly: true, timeout: 0 });
  try {
    // Who owns it holds a lock against readers.
    owner.prepare("select count(*) from sqlite_master").get();
    return false;
  } catch (error) {
    if (error instanceof BetterSqlite3.SqliteError && error.code.startsWith("SQLITE_BUSY")) return true;
    throw error;
  } finally {
    owner.close();
  }
}
