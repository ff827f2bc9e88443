/**
 * The way past Kysely for queries that are compiled already: it would take as long as SQLite does to hand the text of a
 * small query to the connection and its rows back.
 */
import type { QueryExecutor } from "./database.ts";

/** A statement of a connection, ready to run. Throws named errors only. */
export interface PreparedStatement {
  all(parameters: readonly unknown[]): unknown[];
  /** The first row, if there is one. */
  get(parameters: readonly unknown[]): unknown;
  /** Its rows one by one, while the connection does nothing else. */
  iterate(parameters: readonly unknown[]): Iterable<unknown>;
  /** Gives the number of rows that it changed. */
  run(parameters: readonly unknown[]): number;
  /** Whether it gives rows. */
  readonly reader: boolean;
}

type Prepare = (sql: string) => PreparedStatement;

const preparers = new WeakMap<QueryExecutor, Prepare>();

/** Says how statements of an executor's connection are prepared. */
export function usePreparedStatements(executor: QueryExecutor, prepare: Prepare): void {
  preparers.set(executor, prepare);
}

/** Prepares a statement on an executor's connection. @throws Error when the executor is not one of this package's */
export function prepareStatement(executor: QueryExecutor, sql: string): PreparedStatement {
  const prepare = preparers.get(executor);
  if (!prepare) throw new Error("This executor was not made by createExecutor; it can't prepare statements.");
  return prepare(sql);
}
