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
    const prepared = new WeakMap<QueryExecutor, Prepared>();
    const prepare = (executor: QueryExecutor): Prepared => {
      // Kysely carries parameters as they are, so a placeholder passes through wherever the value would.
      const argument: ArgumentPlaceholders<Arguments> = (name) => new Placeholder(name) as never;
      const compiled = build(executor, argument).compile();
      const names = compiled.parameters.flatMap((value) => (value instanceof Placeholder ? [value.name] : []));
      const made = { statement: prepareStatement(executor, writeOutConstants(compiled)), names };
      prepared.set(executor, made);
      return made;
    };
    const find = (executor: QueryExecutor) => prepared.get(executor) ?? prepare(executor);
    // What a statement gives is a row of the query that it was compiled from.
    const all = ({ statement, names }: Prepared, given: Arguments) => statement.all(fill(names, given)) as Row[];
    return {
      all: async (executor, given) => all(find(executor), given),
      first: async (executor, given) => {
        const { statement, names } = find(executor);
        // As above.
        return statement.get(fill(names, given)) as Row | undefined;
      },
      only: async (executor, given) => onlyRow(all(find(executor), given)),
      each: async (executor, given, visit) => {
        const { statement, names } = find(executor);
        // As above.
        for (const row of statement.iterate(fill(names, given))) visit(row as Row);
      },
      run: async (executor, given) => {
        const { statement, names } = find(executor);
        const values = fill(names, given);
        return statement.reader ? statement.all(values).length : statement.run(values);
      },
    };
  };
}

/** A compiled query on one connection. */
interface Prepared {
  statement: PreparedStatement;
  /** The arguments of its parameters, in their order. */
  names: readonly string[];
}

function fill(names: readonly string[], given: object): unknown[] {
  // These are keys of what is given, by the type of `ArgumentPlaceholders`.
  const values = given as Record<string, unknown>;
  return names.map((name) => values[name]);
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
    const byColumns = new Map<string, PreparedQuery<Guard & Record<string, unknown>, unknown>>();
    return (executor, columns, guard) => {
      const names = Object.keys(columns);
      const key = names.join();
      let query = byColumns.get(key);
      if (!query) {
        query = prepareQuery<Guard & Record<string, unknown>>()((queries, argument) => {
          // A placeholder passes wherever the value of a column would; the columns are checked where they are made.
          const placeholders = names.map((name) => [name, argument(`set ${name}`) as never]);
          return build(queries, Object.fromEntries(placeholders) as Record<string, never>, argument);
        });
        byColumns.set(key, query);
      }
      const values = Object.fromEntries(
        Object.entries(columns).map(([name, value]) => [`set ${name}`, value as unknown]),
      );
      return query.run(executor, { ...values, ...guard });
    };
  };
}
