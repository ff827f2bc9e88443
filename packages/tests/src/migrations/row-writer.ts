/** Writes rows of a schema of its time, past the stores, which know only the present one. */
import type BetterSqlite3 from "better-sqlite3";

export type Cell = string | number | bigint | null;
export type Row = Readonly<Record<string, Cell>>;

/** Texts that break what is not escaped, cut or compared with care. */
const HOSTILE_TEXTS = [
  'it\'s "quoted" `and` [bracketed]',
  "漢字 🎉 ﷽ e\u0301",
  "a\u0000b",
  "'); drop table events; --",
  "100% _like_ \\escaped\\",
  " \t\r\n ",
  "",
  "0x0 1e3 null NaN",
  "longer than most ".repeat(20),
] as const;

/** The n-th of these, over and over. */
export function pick<T>(values: readonly T[], n: number): T {
  const value = values[n % values.length];
  if (value === undefined) throw new Error("There is nothing to pick from.");
  return value;
}

export const hostile = (n: number): string => pick(HOSTILE_TEXTS, n);

/** JSON with a hostile key and a hostile value. */
export const hostileJson = (n: number): string => JSON.stringify({ [hostile(n)]: [hostile(n + 1), n, null, -0.5] });

/** Null at every third. */
export const nullable = <T extends Cell>(n: number, value: T): T | null => (n % 3 === 0 ? null : value);

/** The largest whole number that JavaScript keeps, at some. */
export const time = (n: number): number => (n % 97 === 96 ? Number.MAX_SAFE_INTEGER : 1_700_000_000_000 + n);

export class RowWriter {
  private readonly connection: BetterSqlite3.Database;
  private readonly statements = new Map<string, BetterSqlite3.Statement>();

  constructor(connection: BetterSqlite3.Database) {
    this.connection = connection;
  }

  insert(table: string, row: Row): void {
    const columns = Object.keys(row);
    const key = `${table} ${columns.join()}`;
    let statement = this.statements.get(key);
    if (!statement) {
      const places = columns.map(() => "?").join();
      statement = this.connection.prepare(`insert into ${table} (${columns.join()}) values (${places})`);
      this.statements.set(key, statement);
    }
    statement.run(...Object.values(row));
  }
}
