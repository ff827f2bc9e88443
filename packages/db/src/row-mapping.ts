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
  /** How new entities are written that have some fields in common. */
  newRows(common: Partial<Entity>): NewRows<Entity>;
}

export interface NewRows<Entity> {
  /** The columns of those fields that they have in common. */
  readonly common: Readonly<Record<string, unknown>>;
  /** The columns of all other fields. */
  readonly columns: readonly string[];
  /**
   * What these columns hold of an entity, in their order.
   * @throws NotSerialisableError, ValueTooLargeError
   */
  values(entity: Entity, what: string, limitBytes?: number): unknown[];
}

/** Rows that were read, each by itself. */
export interface ReadRows<Entity> {
  read: Entity[];
  /** Of those that can't be. */
  broken: CorruptRowError[];
}

/** Reads rows of which one that can't be read is to hinder no other. */
export function readEach<Entity, Row>(rows: readonly Row[], fromRow: (row: Row) => Entity): ReadRows<Entity> {
  const read: Entity[] = [];
  const broken: CorruptRowError[] = [];
  for (const row of rows) {
    try {
      read.push(fromRow(row));
    } catch (error) {
      if (!(error instanceof CorruptRowError)) throw error;
      broken.push(error);
    }
  }
  return { read, broken };
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
  const write = (fields: Partial<Entity>, what: string, limitBytes?: number): Partial<Row> => {
    const row: Record<string, unknown> = {};
    for (const entry of entries) {
      const value = fields[entry[0]];
      if (value !== undefined) row[entry[1][0]] = toCell(entry, value, what, limitBytes);
    }
    // As above: each column by its own field.
    return row as Partial<Row>;
  };
  return {
    // The map names the columns of this row.
    columns: entries.map(([, [column]]) => column as keyof Row & string),
    fromRow: (row) => read(row, decodeJson),
    fromListedRow: (row) => read(row, decodeListedJson),
    toRow: write,
    newRows(common) {
      const own = entries.filter(([field]) => common[field] === undefined);
      return {
        common: write(common, table),
        columns: own.map(([, [column]]) => column),
        values: (entity, what, limitBytes) => own.map((entry) => toCell(entry, entity[entry[0]], what, limitBytes)),
      };
    },
  };
}

/** What a column holds of its field. @throws NotSerialisableError, ValueTooLargeError */
function toCell(
  [field, [, kind]]: readonly [field: string, column: readonly [string, ColumnKind]],
  value: unknown,
  what: string,
  limitBytes?: number,
): unknown {
  if (kind === "plain") return value;
  if (kind === "boolean") return Number(value);
  return encodeOptionalJson(value, `${field} of ${what}`, limitBytes);
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
