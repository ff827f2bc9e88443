/**
 * Maps wide rows to objects and back through one table of columns, so that a column is named once. Narrow tables spell
 * their mapping out instead.
 */
import { decodeJson, decodeListedJson, encodeOptionalJson, UNREADABLE, type DecodeJson } from "./codecs.ts";
import { CorruptRowError } from "./errors.ts";
import type { JsonValue } from "./json.ts";

/**
 * How a value is kept in its column. `json` is written as text, with null kept as NULL, `texts` likewise, always a list
 * of texts; `boolean` as 0 or 1.
 */
export type ColumnKind = "plain" | "json" | "texts" | "boolean";

/** The column of each field. */
export type ColumnMap<Entity> = { readonly [Field in keyof Entity]-?: readonly [column: string, kind: ColumnKind] };

export interface RowMapping<Entity, Row> {
  /** Every column, in the order of the map. */
  readonly columns: readonly (keyof Row & string)[];
  /** @throws CorruptRowError when a JSON column does not hold JSON, or not the JSON that it should */
  fromRow(row: Row): Entity;
  /** Like `fromRow`, with `UNREADABLE` in the place of a JSON column that can't be read. */
  fromListedRow(row: Row): Entity;
  /**
   * The columns of those fields that are given.
   * @param limitBytes the largest size of a JSON column
   * @throws NotSerialisableError, ValueTooLargeError
   */
  toRow(fields: Partial<Entity>, what: string, limitBytes?: number): Partial<Row>;
}

/** @param table names the table in errors */
export function mapRows<Entity extends { id: string }, Row extends object>(
  table: string,
  map: ColumnMap<Entity>,
): RowMapping<Entity, Row> {
  // Object.entries forgets the types of keys and values, which are those of the map.
  const entries = Object.entries(map) as [keyof Entity & string, readonly [string, ColumnKind]][];
  // A copy of an object that has all fields is made at once; one that gets them one by one is changed so many times.
  const blank: Record<string, unknown> = Object.fromEntries(entries.map(([field]) => [field, null]));
  const read = (row: Row, decode: DecodeJson): Entity => {
    const values = row as Record<string, unknown>;
    const id = String(values["id"]);
    const entity = { ...blank };
    for (const [field, [column, kind]] of entries) {
      const value = values[column];
      if (kind === "plain") entity[field] = value;
      else if (kind === "boolean") entity[field] = value === 1;
      // A JSON column holds text or NULL.
      else if (kind === "json") entity[field] = value === null ? null : decode(value as string, table, id, column);
      else entity[field] = decodeTexts(value as string, decode, [table, id, column]);
    }
    // Every field was set from its column; the schema gives each column its type.
    return entity as Entity;
  };
  return {
    // The map names the columns of this row.
    columns: entries.map(([, [column]]) => column as keyof Row & string),
    fromRow: (row) => read(row, decodeJson),
    fromListedRow: (row) => read(row, decodeListedJson),
    toRow(fields, what, limitBytes) {
      const row: Record<string, unknown> = {};
      for (const [field, [column, kind]] of entries) {
        const value = fields[field];
        if (value === undefined) continue;
        if (kind === "json" || kind === "texts")
          row[column] = encodeOptionalJson(value, `${field} of ${what}`, limitBytes);
        else row[column] = kind === "boolean" ? Number(value) : value;
      }
      // As above: each column by its own field.
      return row as Partial<Row>;
    },
  };
}

/** @throws CorruptRowError when it is no list of texts; where lists are read, one of `UNREADABLE` alone is given */
function decodeTexts(text: string, decode: DecodeJson, place: [table: string, id: string, column: string]): JsonValue {
  const value = decode(text, ...place);
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  if (decode === decodeListedJson) return [UNREADABLE];
  throw new CorruptRowError(...place, undefined, "it is no list of texts.");
}

/** A map entry for a column that holds the value as it is. */
export const plain = <Column extends string>(column: Column) => [column, "plain"] as const;
export const json = <Column extends string>(column: Column) => [column, "json"] as const;
export const texts = <Column extends string>(column: Column) => [column, "texts"] as const;
export const boolean = <Column extends string>(column: Column) => [column, "boolean"] as const;
