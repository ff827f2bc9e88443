/** Stops at every call that a process makes into SQLite: before it and after it. */
import BetterSqlite3 from "better-sqlite3";

/** How many pages a migrating connection keeps in memory: so few that half of a migration is in the file already. */
const CACHE_PAGES = 10;

/**
 * Has `visit` called before and after every statement of this process, until the function that it gives is called.
 * @param visit gets the number of the point, from 1 on, and the SQL
 */
export function atEveryStatement(visit: (point: number, sql: string, when: "before" | "after") => void): () => void {
  let points = 0;
  let isVisiting = false;
  const pass: Pass = (sql, when) => {
    if (isVisiting) return;
    isVisiting = true;
    points += 1;
    visit(points, sql, when);
    isVisiting = false;
  };
  const probe = new BetterSqlite3(":memory:");
  // The class of statements is not exported; its prototype has these methods.
  const statements = Object.getPrototypeOf(probe.prepare("select 1")) as Record<string, Method>;
  probe.close();
  // As above.
  const connections = BetterSqlite3.prototype as unknown as Record<string, Method>;
  const restore = [
    ...["run", "get", "all"].map((name) => wrap(statements, name, pass)),
    wrap(connections, "exec", pass),
  ];
  return () => restore.forEach((undo) => undo());
}

type Pass = (sql: string, when: "before" | "after") => void;
type Method = (this: { source?: string }, ...parameters: unknown[]) => unknown;

function wrap(target: Record<string, Method>, name: string, pass: Pass): () => void {
  const original = target[name];
  if (!original) throw new Error(`better-sqlite3 has no method "${name}".`);
  target[name] = function (...parameters) {
    const sql = this.source ?? String(parameters[0]);
    if (sql === "BEGIN IMMEDIATE") original.call(this, `pragma cache_size = ${CACHE_PAGES}`);
    pass(sql, "before");
    const result = original.apply(this, parameters);
    pass(sql, "after");
    return result;
  };
  return () => {
    target[name] = original;
  };
}
