/**
 * The port between the stores and a database.
 *
 * Invariants:
 * 1. A write is acknowledged (its promise settles) only after its commit, and only after that is on disk unless it said
 *    that it need not wait for it.
 * 2. A read without `tx` sees committed rows only.
 * 3. A transaction inside a transaction is a savepoint: when it fails, the outer one is as it was before it.
 */
import type { Kysely } from "kysely";
import type { IdSource } from "./ids.ts";
import type { Schema } from "./schema.ts";

/** Runs queries on one connection. */
export type QueryExecutor = Kysely<Schema>;

/** An open transaction. Pass it as the last argument of store methods; it is over when its work has settled. */
export interface Transaction {
  /** Runs queries inside this transaction. @throws TransactionMisuseError once the transaction is over. */
  readonly executor: QueryExecutor;
}

/** Limits on what is stored, in UTF-8 bytes of JSON text. */
export interface StorageLimits {
  /** An event's payload. */
  payloadBytes: number;
  /** A handler's state, a prepare result, or a mutation's parameters or result. */
  stateBytes: number;
}

export const DEFAULT_STORAGE_LIMITS: StorageLimits = { payloadBytes: 1024 * 1024, stateBytes: 1024 * 1024 };

/** How large a database is. */
export interface DatabaseStatistics {
  /** Of the database itself, without its log. */
  sizeBytes: number;
  /** What of that holds nothing and is used before the file grows. */
  freeBytes: number;
  /** What has been written and is not in the database's file yet; 0 in memory. */
  logBytes: number;
  /** The name of the last migration that ran. */
  schemaVersion: string;
  /** The version of the database's own code, for example `3.50.2`. */
  engineVersion: string;
}

/** How a transaction is committed. */
export interface TransactionOptions {
  /** What it is called where crashes are tried. */
  name?: string;
  /**
   * Whether it is acknowledged only when its commit has reached the disk; true unless said otherwise. Without, what it has
   * written survives the end of the process but not a power cut, until a later commit that waits and writes takes it along:
   * for what would merely be done again.
   */
  awaitsDisk?: boolean;
}

export interface Database {
  /** Where the database is, as given to `openDatabase`. */
  readonly location: string;
  readonly limits: StorageLimits;
  /** Makes the ids of new rows. */
  readonly newId: IdSource;
  /**
   * Runs `work` in a transaction and resolves after its commit. Transactions that are asked for at the same time share
   * one commit, each in a savepoint of its own where there are several, so that a failing one undoes only itself. `work`
   * may await nothing but queries on its transaction: all the others wait for it.
   * @param tx an open transaction, inside which `work` then runs as a savepoint, and by which it is committed
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, tx?: Transaction, options?: TransactionOptions): Promise<T>;
  /**
   * Like `transaction`, for work that changes rows with one statement at the most. Inside `tx` it needs no savepoint: a
   * statement that fails undoes itself.
   */
  write<T>(work: (tx: Transaction) => Promise<T>, tx?: Transaction): Promise<T>;
  /** Runs queries inside `tx`, or on the last committed state where there is none. */
  read<T>(work: (executor: QueryExecutor) => Promise<T>, tx?: Transaction): Promise<T>;
  statistics(tx?: Transaction): Promise<DatabaseStatistics>;
  /** Takes the right to run an engine on this database until it is closed. @throws DatabaseOwnedError */
  acquireOwnership(): void;
  /** Lets waiting transactions finish, then closes the database. Closing twice is fine. */
  close(): Promise<void>;
}
