/** The right to run an engine on a database: a lock that the operating system drops when its holder ends, however it ends. */
import { existsSync } from "node:fs";
import BetterSqlite3 from "better-sqlite3";
import { CannotOpenDatabaseError, DatabaseOwnedError } from "../../errors.ts";
import type { RawConnection } from "./connection.ts";
import { mapSqliteError } from "./error-mapping.ts";

/**
 * Takes the right to run the database at this path, until the connection is closed.
 * @throws DatabaseOwnedError; ReadOnlyDatabaseError and others when the lock can't be made
 */
export function takeOwnership(path: string, location: string): RawConnection {
  let owner: RawConnection | undefined;
  try {
    owner = new BetterSqlite3(`${path}-owner`, { timeout: 0 });
    owner.exec("BEGIN EXCLUSIVE");
    return owner;
  } catch (error) {
    owner?.close();
    if (isBusy(error)) throw new DatabaseOwnedError(location, error);
    if (!owner && error instanceof TypeError) throw new CannotOpenDatabaseError(location, error);
    throw mapSqliteError(error, `${location}-owner`);
  }
}

/**
 * Whether an engine runs a database, asked without taking the right to.
 * @param path the database's file, or null for one in memory, which nobody else can run
 */
export function isOwned(path: string | null): boolean {
  if (path === null || !existsSync(`${path}-owner`)) return false;
  let owner: RawConnection | undefined;
  try {
    owner = new BetterSqlite3(`${path}-owner`, { readonly: true, timeout: 0 });
    // Who owns it holds a lock against readers.
    owner.prepare("select count(*) from sqlite_master").get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw mapSqliteError(error, `${path}-owner`);
  } finally {
    owner?.close();
  }
}

const isBusy = (error: unknown) => error instanceof BetterSqlite3.SqliteError && error.code.startsWith("SQLITE_BUSY");
