/** Queries that are built and compiled once per connection and then run with other arguments. */
import type { Compilable, CompiledQuery } from "kysely";
import type { QueryExecutor } from "./database.ts";
import { onlyRow } from "./only-row.ts";
import { prepareStatement, type PreparedStatement } from "./prepared-statements.ts";

class Placeholder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Stands for the value that a column gets. */
class ColumnPlaceholder extends Placeholder {}

/** Stands for an argument while a query is built. */
export type ArgumentPlaceholders<Arguments> = <Name extends keyof Arguments & string>(name: Name) => Arguments[Name];

/** A query that is compiled at its first use on a connection. */
export interface PreparedQuery<Arguments, Row> {
  /** Runs it and gives all rows. */
  all(executor: QueryExecutor, given: Arguments): Promise<Row[]>;
  /** Runs it and gives the first row, if there is one. */
  first(executor: QueryExecutor, given: Arguments): Promise<Row | undefined>;
  /** Runs it and gives its row, of a query that always has one. @throws DatabaseError when it has none */
  only(executor: QueryExecutor, given: Arguments): Promise<Row>;
  /** Runs it and hands over its rows one by one, however many there are; `visit` may ask nothing of the connection. */
  each(executor: QueryExecutor, given: Arguments, visit: (row: Row) => void): Promise<void>;
  /** Runs it and gives the number of rows it changed. */
  run(executor: QueryExecutor, given: Arguments): Promise<number>;
}

/**
 * Describes a query with named arguments: `prepareQuery<{ id: RunId }>()((queries, argument) => …)`.
 * Building and compiling a query costs several times what running it does, so hot queries go through here.
 */
export function prepareQuery<Arguments extends object>() {
  return <Row>(
    build: (queries: QueryExecutor, argument: ArgumentPlaceholders<Arguments>) => Compilable<Row>,
  ): PreparedQuery<Arguments, Row> => {
    // Kysely carries parameters as they are, so a placeholder passes through wherever the value would.
    const argument: ArgumentPlaceholders<Arguments> = (name) => new Placeholder(name) as never;
    const find = prepareOnce((executor) => build(executor, argument));
    // What a statement gives is a row of the query that it was compiled from.
    const all = ({ statement, parameters }: Prepared, given: Arguments) =>
      statement.all(fill(parameters, given)) as Row[];
    return {
      all: async (executor, given) => all(find(executor), given),
      first: async (executor, given) => {
        const { statement, parameters } = find(executor);
        // As above.
        return statement.get(fill(parameters, given)) as Row | undefined;
      },
      only: async (executor, given) => onlyRow(all(find(executor), given)),
      each: async (executor, given, visit) => {
        const { statement, parameters } = find(executor);
        // As above.
        for (const row of statement.iterate(fill(parameters, given))) visit(row as Row);
      },
      run: async (executor, given) => {
        const { statement, parameters } = find(executor);
        return change(statement, fill(parameters, given));
      },
    };
  };
}

/** A compiled query on one connection. */
interface Prepared {
  statement: PreparedStatement;
  /** What its parameters stand for, in their order. */
  parameters: readonly Placeholder[];
}

/** Builds and compiles a query at its first use on a connection. */
function prepareOnce(build: (executor: QueryExecutor) => Compilable): (executor: QueryExecutor) => Prepared {
  const byExecutor = new WeakMap<QueryExecutor, Prepared>();
  return (executor) => {
    let prepared = byExecutor.get(executor);
    if (!prepared) {
      const compiled = build(executor).compile();
      const parameters = compiled.parameters.filter((value) => value instanceof Placeholder);
      prepared = { statement: prepareStatement(executor, writeOutConstants(compiled)), parameters };
      byExecutor.set(executor, prepared);
    }
    return prepared;
  };
}

/** Runs a statement that changes rows; gives the number of those that it changed. */
function change(statement: PreparedStatement, values: readonly unknown[]): number {
  return statement.reader ? statement.all(values).length : statement.run(values);
}

/** @param columns the values of those parameters that are set into a column */
function fill(parameters: readonly Placeholder[], given: object, columns: object = given): unknown[] {
  // These are keys of what is given, by the type of `ArgumentPlaceholders`, and of the columns, by which they were made.
  const [values, set] = [given as Record<string, unknown>, columns as Record<string, unknown>];
  return parameters.map((parameter) => (parameter instanceof ColumnPlaceholder ? set : values)[parameter.name]);
}

/** What may hold a question mark that is no parameter, and the parameters. */
const QUOTED_OR_PARAMETER = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\?/g;

/**
 * Gives the text of a query with its constants in it; its arguments stay parameters, each behind a plus. A parameter that
 * the plan may depend on (what a partial index is chosen by, what a column of a sorted query is compared with, a limit) lets
 * SQLite compile the statement anew whenever it is bound, which takes longer than to run it. The plus changes no value, and
 * SQLite does not look behind it.
 */
function writeOutConstants({ sql, parameters }: CompiledQuery): string {
  let position = 0;
  return sql.replace(QUOTED_OR_PARAMETER, (found) => {
    if (found !== "?") return found;
    const value = parameters[position];
    position += 1;
    return value instanceof Placeholder ? "+?" : writeLiteral(value);
  });
}

function writeLiteral(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  throw new TypeError(`A constant of a query is a text, a number or null, not a ${typeof value}.`);
}

/** Runs an update that sets these columns where the guard holds; gives the number of rows it changed. */
export type PreparedUpdate<Guard> = (executor: QueryExecutor, columns: object, guard: Guard) => Promise<number>;

/** Like {@link prepareQuery}, for an update whose columns differ from call to call: compiled once for each set of them. */
export function prepareUpdate<Guard extends object>() {
  return (
    build: (
      queries: QueryExecutor,
      columns: Record<string, never>,
      argument: ArgumentPlaceholders<Guard>,
    ) => Compilable,
  ): PreparedUpdate<Guard> => {
    const byColumns = new Map<string, (executor: QueryExecutor) => Prepared>();
    // As above.
    const argument: ArgumentPlaceholders<Guard> = (name) => new Placeholder(name) as never;
    return async (executor, columns, guard) => {
      const names = Object.keys(columns);
      const key = names.join();
      let find = byColumns.get(key);
      if (!find) {
        find = prepareOnce((queries) => build(queries, columnPlaceholders(names), argument));
        byColumns.set(key, find);
      }
      const { statement, parameters } = find(executor);
      return change(statement, fill(parameters, guard, columns));
    };
  };
}

/** Inserts a row with these values, which come in the order of its columns; gives the number of rows that it made. */
export type PreparedInsert = (executor: QueryExecutor, values: readonly unknown[]) => Promise<number>;

/** Like {@link prepareQuery}, for an insert of a wide row: its values come as a list, which needs no names. */
export function prepareInsert(
  columns: readonly string[],
  build: (queries: QueryExecutor, columns: Record<string, never>) => Compilable,
): PreparedInsert {
  const find = prepareOnce((queries) => build(queries, columnPlaceholders(columns)));
  return async (executor, values) => change(find(executor).statement, values);
}

/** A placeholder passes wherever the value of a column would; the columns are checked where they are made. */
function columnPlaceholders(names: readonly string[]): Record<string, never> {
  return Object.fromEntries(names.map((name) => [name, new ColumnPlaceholder(name) as never]));
}
