/** Tells of each statement of a connection when it is run. A connection that nobody listens to is left as it is. */
import type BetterSqlite3 from "better-sqlite3";

/** @param parameters what is bound to the statement's placeholders, in their order */
export type StatementListener = (sql: string, parameters: readonly unknown[]) => void;

const RUNNING_METHODS = ["run", "get", "all", "iterate"] as const;

/** From now on `listener` is called before each statement that is prepared on this connection, or given to `exec`. */
export function listenToStatements(connection: BetterSqlite3.Database, listener: StatementListener): void {
  const prepare = connection.prepare.bind(connection);
  const listened = (sql: string) => {
    const statement = prepare(sql);
    for (const method of RUNNING_METHODS) {
      const original = statement[method].bind(statement);
      Object.defineProperty(statement, method, {
        value: (...parameters: unknown[]) => {
          listener(sql, parameters);
          return original(...parameters);
        },
      });
    }
    return statement;
  };
  const execute = connection.exec.bind(connection);
  Object.defineProperties(connection, {
    prepare: { value: listened },
    exec: {
      value: (sql: string) => {
        listener(sql, []);
        return execute(sql);
      },
    },
  });
}
