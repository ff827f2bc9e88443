/** How migrations write down tables. Released migrations depend on it: it may grow, but what it does never changes. */
import { sql, type ColumnDefinitionBuilder, type CreateTableBuilder, type Kysely, type SqlBool } from "kysely";

// A migration sees the schema of its own time, so it is not typed by the present one.
export type AnySchema = Record<string, Record<string, unknown>>;
type ColumnType = "text" | "integer" | "bigint";
/** `!` marks a column that is never null. */
type Columns = Record<string, ColumnType | `${ColumnType}!`>;

export function oneOf(column: string, words: readonly string[]) {
  const list = sql.join(words.map((word) => sql.lit(word)));
  return sql<SqlBool>`${sql.ref(column)} in (${list})`;
}

export const condition = (text: string) => sql<SqlBool>`${sql.raw(text)}`;

export function table(database: Kysely<AnySchema>, name: string, columns: Columns): CreateTableBuilder<string, string> {
  let builder: CreateTableBuilder<string, string> = database.schema.createTable(name);
  for (const [column, type] of Object.entries(columns)) {
    const required = type.endsWith("!");
    // What is left without the mark is one of the column types.
    const dataType = type.replace("!", "") as ColumnType;
    builder = builder.addColumn(column, dataType, (definition: ColumnDefinitionBuilder) => {
      const typed = column === "id" ? definition.primaryKey() : definition;
      return required ? typed.notNull() : typed;
    });
  }
  return builder;
}

export function owned(
  builder: CreateTableBuilder<string, string>,
  name: string,
  column: string,
  by: string,
): CreateTableBuilder<string, string> {
  return builder.addForeignKeyConstraint(name, [column], by, ["id"], (key) => key.onDelete("cascade"));
}

export async function index(
  database: Kysely<AnySchema>,
  on: string,
  name: string,
  columns: readonly string[],
  options: { where?: string; unique?: boolean } = {},
): Promise<void> {
  let builder = database.schema
    .createIndex(`${on}_${name}`)
    .on(on)
    .columns([...columns]);
  if (options.unique) builder = builder.unique();
  await (options.where === undefined ? builder : builder.where(condition(options.where))).execute();
}
