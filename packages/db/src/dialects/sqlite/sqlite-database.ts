/** The SQLite database: one writing connection under group commit and, for a file, another to read while a group is open. */
import type {
  Database,
  DatabaseStatistics,
  QueryExecutor,
  StorageLimits,
  Transaction,
  TransactionOptions,
} from "../../database.ts";
import { DatabaseClosedError, DatabaseMovedError, TransactionMisuseError } from "../../errors.ts";
import type { IdSource } from "../../ids.ts";
import { backUp, type BackupProgress, type BackupResult } from "./backup.ts";
import { createExecutor, openConnection, type RawConnection } from "./connection.ts";
import { GroupCommit, type CommitHooks } from "./group-commit.ts";
import { findDamage, type IntegrityFinding } from "./integrity.ts";
import { OpenedFiles } from "./opened-files.ts";
import { takeOwnership } from "./ownership.ts";
import type { StatementListener } from "./statement-listener.ts";
import { readStatistics } from "./statistics.ts";

export interface SqliteDatabaseOptions {
  location: string;
  /** The file, or null for a database in memory. */
  path: string | null;
  writer: RawConnection;
  limits: StorageLimits;
  newId: IdSource;
  busyTimeoutMs: number;
  onStatement: StatementListener | undefined;
  hooks: CommitHooks;
}

export class SqliteDatabase implements Database {
  readonly location: string;
  /** The file's absolute path, or null for a database in memory. */
  readonly path: string | null;
  readonly limits: StorageLimits;
  readonly newId: IdSource;
  private readonly group: GroupCommit;
  private readonly reader: QueryExecutor | null;
  private readonly connections: RawConnection[];
  private owner: RawConnection | null = null;
  private closing: Promise<void> | null = null;
  private readonly files = new OpenedFiles();
  /** Set once a file of it is not in its place: from then on it is neither read nor written. */
  private lost: DatabaseMovedError | null = null;

  private readonly options: SqliteDatabaseOptions;

  constructor(options: SqliteDatabaseOptions) {
    this.options = options;
    const { location, path, writer, busyTimeoutMs, onStatement } = options;
    this.location = location;
    this.path = path;
    this.limits = options.limits;
    this.newId = options.newId;
    this.connections = [writer];
    const { hooks } = options;
    this.group = new GroupCommit(writer, createExecutor(writer, location), location, {
      ...hooks,
      beforeCommit: (names, awaitsDisk) => {
        this.assertInPlace();
        return hooks.beforeCommit?.(names, awaitsDisk) ?? "continue";
      },
    });
    this.reader = null;
    if (path !== null) {
      this.files.remember("database", path);
      this.files.remember("log", `${path}-wal`);
      // A reader of its own sees the last commit whatever the writer has open.
      const reader = openConnection({ source: path, readonly: true, busyTimeoutMs, onStatement });
      this.connections.push(reader);
      this.reader = createExecutor(reader, location);
    }
  }

  transaction<T>(work: (tx: Transaction) => Promise<T>, tx?: Transaction, options?: TransactionOptions): Promise<T> {
    if (tx) return this.group.runNested(work, tx);
    return this.lost ? Promise.reject(this.lost) : this.group.run(work, "write", options);
  }

  write<T>(work: (tx: Transaction) => Promise<T>, tx?: Transaction): Promise<T> {
    return tx ? this.group.runStatement(work, tx) : this.transaction(work);
  }

  async read<T>(work: (executor: QueryExecutor) => Promise<T>, tx?: Transaction): Promise<T> {
    if (tx) return work(tx.executor);
    if (this.lost) throw this.lost;
    if (this.closing) throw new DatabaseClosedError(this.location);
    if (this.group.isInsideTransaction) {
      throw new TransactionMisuseError(
        "A read inside a transaction left out its `tx`; it would not see the transaction's rows.",
      );
    }
    // In memory there is one connection, and reads take their turn.
    if (!this.reader) return this.group.run(async (own) => work(own.executor), "read");
    return this.group.readBetweenGroups(work) ?? work(this.reader);
  }

  acquireOwnership(): void {
    const { path } = this;
    if (path === null || this.owner) return;
    this.owner = takeOwnership(path, this.location);
    this.files.remember("lock", `${path}-owner`);
  }

  /**
   * Looks whether the database's files are still those that were opened; each commit does so before it writes. When one
   * is not, the database is closed for good.
   * @throws DatabaseMovedError
   */
  assertInPlace(): void {
    if (this.lost) throw this.lost;
    const moved = this.files.findMoved();
    if (moved) throw this.giveUp(new DatabaseMovedError(this.location, moved));
  }

  async statistics(tx?: Transaction): Promise<DatabaseStatistics> {
    this.assertInPlace();
    return this.read((executor) => readStatistics(executor, this.path), tx);
  }

  /**
   * Writes a copy of the committed content to a file that is not there yet, while others go on writing, and checks it.
   * The check reads the whole copy, and nothing else of this process runs meanwhile: of a large database, make backups
   * in a process of their own.
   * @param onProgress called after each 4 MiB or so
   * @throws BackupTargetError; CorruptDatabaseError when the copy is not whole; DatabaseClosedError
   */
  async backup(target: string, onProgress?: (progress: BackupProgress) => void): Promise<BackupResult> {
    if (this.closing) throw new DatabaseClosedError(this.location);
    this.assertInPlace();
    const { location, path, writer, busyTimeoutMs } = this.options;
    const source = path ?? (await this.group.run(async () => writer.serialize(), "read"));
    return backUp({ location, source, busyTimeoutMs }, target, onProgress);
  }

  /** What is wrong with the database; an empty list when it is whole. Reads all of it, and nothing else runs meanwhile. */
  async check(): Promise<IntegrityFinding[]> {
    if (this.closing) throw new DatabaseClosedError(this.location);
    this.assertInPlace();
    const { path, writer, busyTimeoutMs } = this.options;
    if (path === null) return this.group.run(async () => findDamage(writer, this.location), "read");
    const reader = openConnection({ source: path, readonly: true, busyTimeoutMs });
    try {
      return findDamage(reader, this.location);
    } finally {
      reader.close();
    }
  }

  /** The committed content as the bytes of a database file. */
  serialise(): Buffer {
    return this.options.writer.serialize();
  }

  close(): Promise<void> {
    this.closing ??= this.group.close().then(() => {
      this.closeConnections();
      this.owner?.close();
    });
    return this.closing;
  }

  /**
   * What the log holds may be known to this process alone, and must not be taken for the log of another file that has
   * the name now: it is put into the file that it belongs to.
   */
  private giveUp(reason: DatabaseMovedError): DatabaseMovedError {
    this.lost = reason;
    void this.saveLog(reason);
    return reason;
  }

  private async saveLog(reason: DatabaseMovedError): Promise<void> {
    await this.group.close();
    try {
      this.connections[1]?.close();
      this.options.writer.pragma("wal_checkpoint(TRUNCATE)");
    } catch (failure) {
      reason.cause = failure;
    } finally {
      this.closeConnections();
    }
  }

  /** The writer last: who closes last puts the log into the file, and a reader can't. */
  private closeConnections(): void {
    for (const connection of this.connections.toReversed()) connection.close();
  }
}
