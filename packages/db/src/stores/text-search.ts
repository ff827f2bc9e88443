/** Looking for a piece of text in columns. */
import { sql, type RawBuilder, type SqlBool } from "kysely";

/** A text column, or one that holds JSON text. */
export type SearchedColumn = string | { json: string };

/**
 * Holds for rows of which one of these columns has this piece in it, in capitals or not (of A to Z; other letters as
 * they are). `instr`, because LIKE refuses long patterns, knows wildcards and ends at a zero byte.
 */
export function contains(columns: readonly SearchedColumn[], piece: string): RawBuilder<SqlBool> {
  const alternatives = columns.flatMap((column) =>
    typeof column === "string"
      ? [holds(column, piece)]
      : spellingsInJson(piece).map((spelling) => holds(column.json, spelling)),
  );
  return sql<SqlBool>`(${sql.join(alternatives, sql` or `)})`;
}

const holds = (column: string, piece: string) => sql`instr(lower(${sql.ref(column)}), lower(${piece})) > 0`;

/** A quotation mark inside of a JSON string is escaped, one around it is not: the piece may mean either. */
function spellingsInJson(piece: string): string[] {
  return [...new Set([piece, JSON.stringify(piece).slice(1, -1)])];
}
