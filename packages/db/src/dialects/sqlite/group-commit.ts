/**
 * Group commit: transactions that are ready together share one BEGIN … COMMIT, so that one sync of the disk
 * acknowledges them all.
 *
 * Invariants:
 * 1. Each member runs in a savepoint of its own, unless it is alone: a failing one undoes itself and nobody else.
 * 2. No member is acknowledged before the COMMIT has returned, which waits for the disk when one member does; when it
 *    fails, every member fails.
 * 3. Members run one after another, in the order in which they were asked for.
 * 4. Reads run between groups, never inside another's transaction.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import {
  DatabaseClosedError,
  DatabaseInputOutputError,
  DatabaseLockedError,
  TransactionMisuseError,
} from "../../errors.ts";
import type { QueryExecutor, Transaction, TransactionOptions } from "../../database.ts";
import type { RawConnection } from "./connection.ts";
import { mapSqliteError } from "./error-mapping.ts";

/**
 * Called with the names of the transactions that share a COMMIT and with whether that waits for the disk, around each COMMIT
 * that writes, and when a writing transaction has done its work and waits for the others. An answer of "crash" stops the
 * database dead, as a killed process would: what is not committed is gone, and no promise that waits for it ever settles.
 * What a hook before the commit throws is the commit's failure.
 */
export interface CommitHooks {
  insideTransaction?: (name: string) => "continue" | "crash";
  beforeCommit?: (names: readonly string[], awaitsDisk: boolean) => "continue" | "crash";
  afterCommit?: (names: readonly string[], awaitsDisk: boolean) => "continue" | "crash";
}

interface Member {
  work: (tx: Transaction) => Promise<unknown>;
  /** A read takes its turn like a write, but there is nothing of it to commit. */
  kind: "read" | "write";
  name: string;
  awaitsDisk: boolean;
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}

/** How many transactions share a commit at the most: a bound on how long the first one waits for the last. */
const MAX_GROUP_SIZE = 512;

// One name serves every level: RELEASE and ROLLBACK TO mean the innermost savepoint of that name.
const CONTROL_STATEMENTS = {
  begin: "BEGIN IMMEDIATE",
  beginReading: "BEGIN DEFERRED",
  commit: "COMMIT",
  savepoint: "SAVEPOINT millrace",
  release: "RELEASE millrace",
  rollbackTo: "ROLLBACK TO millrace",
} as const;

/** A transaction on the single writing connection. */
class OpenTransaction implements Transaction {
  private open = true;
  /** What is done inside it, one after another: a savepoint that is undone must not take another's statement with it. */
  private chain: Promise<unknown> = Promise.resolve();
  private inside = 0;

  private readonly queries: QueryExecutor;

  constructor(queries: QueryExecutor) {
    this.queries = queries;
  }

  get executor(): QueryExecutor {
    if (!this.open)
      throw new TransactionMisuseError("This transaction is over; it can't be used after its work has settled.");
    return this.queries;
  }

  /** Runs `work` when what was begun inside before has settled: at once where nothing was. */
  enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.inside === 0 ? work() : this.chain.then(work);
    this.inside += 1;
    const leave = () => void (this.inside -= 1);
    this.chain = result.then(leave, leave);
    return result;
  }

  /** Resolves when all that was begun inside has settled. */
  async whenSettled(): Promise<void> {
    if (this.inside > 0) await this.chain;
  }

  end(): void {
    this.open = false;
  }
}

export class GroupCommit {
  private queue: Member[] = [];
  private flushing = false;
  private scheduled = false;
  private closed = false;
  private crashed = false;
  /** Whether a COMMIT waits for the disk, as the connection is set; it is opened so. */
  private awaitsDisk = true;
  /** Whether something was committed that no commit has waited for since. */
  private hasUnwaited = false;
  /** Whether waiting for it has failed, so that it may never come to the disk by itself. */
  private mustCopyLog = false;
  /** Whether the reads of this turn of the event loop share a transaction. */
  private reading = false;
  /** Reads under way in it. */
  private readers = 0;
  private idle: (() => void)[] = [];
  private readonly current = new AsyncLocalStorage<true>();
  private readonly control: Record<keyof typeof CONTROL_STATEMENTS, () => void>;
  private readonly connection: RawConnection;
  private readonly queries: QueryExecutor;
  private readonly location: string;
  private readonly hooks: CommitHooks;

  constructor(connection: RawConnection, queries: QueryExecutor, location: string, hooks: CommitHooks) {
    this.connection = connection;
    this.queries = queries;
    this.location = location;
    this.hooks = hooks;
    const prepare = (sql: string) => {
      const statement = connection.prepare(sql);
      return () => void statement.run();
    };
    this.control = {
      begin: prepare(CONTROL_STATEMENTS.begin),
      beginReading: prepare(CONTROL_STATEMENTS.beginReading),
      commit: prepare(CONTROL_STATEMENTS.commit),
      savepoint: prepare(CONTROL_STATEMENTS.savepoint),
      release: prepare(CONTROL_STATEMENTS.release),
      rollbackTo: prepare(CONTROL_STATEMENTS.rollbackTo),
    };
  }

  /** Whether the caller runs inside the work of a transaction. */
  get isInsideTransaction(): boolean {
    return this.current.getStore() === true;
  }

  /** Queues a transaction. @throws what `work` throws, or the named error of a commit that failed */
  run<T>(
    work: (tx: Transaction) => Promise<T>,
    kind: Member["kind"] = "write",
    { name = "single write", awaitsDisk = true }: TransactionOptions = {},
  ): Promise<T> {
    if (this.crashed) return new Promise<T>(() => undefined);
    if (this.closed) return Promise.reject(new DatabaseClosedError(this.location));
    if (this.isInsideTransaction) {
      return Promise.reject(
        new TransactionMisuseError("A call inside a transaction left out its `tx`; it would wait for itself for ever."),
      );
    }
    return new Promise<T>((resolve, reject) => {
      // `resolve` is called with this member's own result only.
      this.queue.push({ work, kind, name, awaitsDisk, resolve: resolve as (value: unknown) => void, reject });
      this.schedule();
    });
  }

  /** Runs `work` as a savepoint of an open transaction. */
  async runNested<T>(work: (tx: Transaction) => Promise<T>, outer: Transaction): Promise<T> {
    return this.opened(outer).enqueue(() => this.runWork(work, outer.executor, "savepoint"));
  }

  /** Runs `work`, which changes rows with one statement at the most, in an open transaction. */
  async runStatement<T>(work: (tx: Transaction) => Promise<T>, outer: Transaction): Promise<T> {
    return this.opened(outer).enqueue(() => work(outer));
  }

  private opened(tx: Transaction): OpenTransaction {
    if (tx instanceof OpenTransaction) return tx;
    throw new TransactionMisuseError("This `tx` was not opened by this database.");
  }

  /**
   * Runs a read on the writing connection now, whose cache is warm: another connection has to read anew what each commit
   * has changed. Reads of one turn of the event loop see one state and take the file's lock once. Gives null while a
   * group is open, since its rows are not committed; SQLite may have undone the group meanwhile, and what would begin here
   * would be taken for it.
   */
  readBetweenGroups<T>(work: (executor: QueryExecutor) => Promise<T>): Promise<T> | null {
    if (this.crashed || this.flushing || (this.connection.inTransaction && !this.reading)) return null;
    if (!this.reading) {
      this.control.beginReading();
      this.reading = true;
      this.endReadingLater();
    }
    return this.countRead(work);
  }

  private async countRead<T>(work: (executor: QueryExecutor) => Promise<T>): Promise<T> {
    this.readers += 1;
    try {
      return await work(this.queries);
    } finally {
      this.readers -= 1;
    }
  }

  private endReadingLater(): void {
    setImmediate(() => {
      this.endReading();
      if (this.reading) this.endReadingLater();
    });
  }

  /** Gives the file's lock back, unless a read is not over. */
  private endReading(): void {
    if (!this.reading || this.readers > 0) return;
    this.reading = false;
    if (!this.connection.inTransaction) return;
    try {
      this.control.commit();
    } catch {
      // Nothing was written. Of a damaged database SQLite says here once more what it has told the reads.
      if (this.connection.inTransaction) this.connection.exec("ROLLBACK");
    }
  }

  /** Resolves when nothing waits to be written. */
  async whenIdle(): Promise<void> {
    if (!this.flushing && this.queue.length === 0) return;
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  /** Refuses new transactions and waits for those that were asked for. */
  async close(): Promise<void> {
    this.closed = true;
    if (!this.crashed) await this.whenIdle();
    while (this.reading) await new Promise((resolve) => setImmediate(resolve));
  }

  private schedule(): void {
    if (this.scheduled || this.flushing) return;
    this.scheduled = true;
    // At the end of this turn of the event loop, so that all that became ready in it shares the commit.
    setImmediate(() => {
      this.scheduled = false;
      this.endReading();
      // What a read would still see must not be what the group has not committed.
      if (this.reading) this.schedule();
      else void this.flush();
    });
  }

  private async flush(): Promise<void> {
    this.flushing = true;
    const group = this.queue.splice(0, MAX_GROUP_SIZE);
    await this.commitGroup(group);
    this.flushing = false;
    if (this.queue.length > 0) this.schedule();
    else for (const resolve of this.idle.splice(0)) resolve();
  }

  private async commitGroup(group: Member[]): Promise<void> {
    const done: { member: Member; value: unknown }[] = [];
    try {
      if (this.mustCopyLog) this.copyLog();
      this.awaitDisk(group.some(({ kind, awaitsDisk }) => kind === "write" && awaitsDisk));
      this.control.begin();
    } catch (error) {
      const named = mapSqliteError(error, this.location);
      for (const member of group) member.reject(named);
      return;
    }
    // What fails alone is undone with all of the transaction.
    const place = group.length === 1 ? "transaction" : "savepoint";
    for (const [index, member] of group.entries()) {
      try {
        done.push({ member, value: await this.runWork(member.work, this.queries, place) });
        if (member.kind === "write" && this.hooks.insideTransaction?.(member.name) === "crash") return this.crash();
      } catch (error) {
        member.reject(error);
        if (!this.connection.inTransaction) {
          // The member was alone, or SQLite rolled the whole transaction back (disk full, I/O error): earlier members are
          // undone with it, later ones have not run yet and get their own turn.
          for (const undone of done) undone.member.reject(error);
          this.queue.unshift(...group.slice(index + 1));
          return;
        }
      }
    }
    this.commit(done);
  }

  /** Says whether the next COMMIT waits for the disk. One that does brings all there that was committed before it. */
  private awaitDisk(awaits: boolean): void {
    if (awaits === this.awaitsDisk) return;
    // Not a prepared statement: this one does its work when it is compiled.
    this.connection.pragma(`synchronous = ${awaits ? "FULL" : "NORMAL"}`);
    this.awaitsDisk = awaits;
  }

  /**
   * A disk that fails to sync says so once, and takes what it could not write for written. What that commit had to write is
   * written again when it is tried again, but not what was committed before without waiting: that is copied into the file.
   */
  private copyLog(): void {
    // One row of these columns, by SQLite's documentation; -1 where there is no log.
    const rows = this.connection.pragma("wal_checkpoint(FULL)") as {
      busy: number;
      log: number;
      checkpointed: number;
    }[];
    if (rows.some(({ busy, log, checkpointed }) => busy !== 0 || checkpointed < log))
      throw new DatabaseLockedError(this.location, undefined);
    this.mustCopyLog = false;
    this.hasUnwaited = false;
  }

  private commit(done: { member: Member; value: unknown }[]): void {
    const writes = done.flatMap(({ member: { kind, name } }) => (kind === "write" ? [name] : []));
    try {
      if (writes.length > 0 && this.hooks.beforeCommit?.(writes, this.awaitsDisk) === "crash") return this.crash();
      this.control.commit();
    } catch (error) {
      if (this.connection.inTransaction) this.connection.exec("ROLLBACK");
      const named = mapSqliteError(error, this.location);
      if (this.hasUnwaited && named instanceof DatabaseInputOutputError) this.mustCopyLog = true;
      for (const { member } of done) member.reject(named);
      return;
    }
    if (writes.length > 0) this.hasUnwaited = !this.awaitsDisk;
    if (writes.length > 0 && this.hooks.afterCommit?.(writes, this.awaitsDisk) === "crash") return this.crash();
    for (const { member, value } of done) member.resolve(value);
  }

  /** @param place what is undone when the work fails */
  private async runWork<T>(
    work: (tx: Transaction) => Promise<T>,
    queries: QueryExecutor,
    place: "savepoint" | "transaction",
  ): Promise<T> {
    const tx = new OpenTransaction(queries);
    if (place === "savepoint") this.control.savepoint();
    try {
      const result = await this.current.run(true, () => work(tx));
      await tx.whenSettled();
      if (place === "savepoint") this.control.release();
      return result;
    } catch (error) {
      await tx.whenSettled();
      if (this.connection.inTransaction) this.undo(place);
      throw mapSqliteError(error, this.location);
    } finally {
      tx.end();
    }
  }

  private undo(place: "savepoint" | "transaction"): void {
    if (place === "transaction") return void this.connection.exec("ROLLBACK");
    this.control.rollbackTo();
    this.control.release();
  }

  private crash(): void {
    this.crashed = true;
    this.queue = [];
    if (this.connection.inTransaction) this.connection.exec("ROLLBACK");
  }
}
