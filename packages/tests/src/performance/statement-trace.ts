/** What is run on a database, statement by statement. */

export interface Statement {
  sql: string;
  /** What was bound to its placeholders, in their order. */
  parameters: readonly unknown[];
}

/** Notes the statements of a database that was opened with its `note` as `onStatement`. */
export class StatementTrace {
  private statements: Statement[] = [];

  readonly note = (sql: string, parameters: readonly unknown[]): void => {
    this.statements.push({ sql, parameters });
  };

  /** What was run since the last time, in order. */
  take(): Statement[] {
    const taken = this.statements;
    this.statements = [];
    return taken;
  }
}

/** Whether a statement only begins or ends a transaction, or a part of one. */
export const isControl = ({ sql }: Statement) => /^(begin|commit|rollback|savepoint|release)\b/i.test(sql);

/** How often each statement was run, the most frequent first. */
export function countStatements(statements: readonly Statement[]): [sql: string, times: number][] {
  const counts = new Map<string, number>();
  for (const { sql } of statements) counts.set(sql, (counts.get(sql) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a);
}
