/** The one place where values become JSON text and JSON text becomes values. */
import { CorruptRowError, NotSerialisableError, ValueTooLargeError } from "./errors.ts";
import type { JsonValue } from "./json.ts";

/**
 * Writes a value as JSON text.
 * @param what names the value in an error, for example `payload of mail.received`
 * @param limitBytes the largest allowed size in UTF-8 bytes
 * @throws NotSerialisableError when something would be lost (a function, a Date, NaN, a cycle, undefined in a list …)
 * @throws ValueTooLargeError when the text is over the limit
 */
export function encodeJson(value: unknown, what: string, limitBytes = Number.POSITIVE_INFINITY): string {
  assertSerialisable(value, what, "$", new Set());
  const text = JSON.stringify(value);
  // A string of n units is at most 3n bytes, so most values need no byte count at all.
  if (text.length * 3 > limitBytes) {
    const bytes = Buffer.byteLength(text);
    if (bytes > limitBytes) throw new ValueTooLargeError(what, bytes, limitBytes);
  }
  return text;
}

/** Like {@link encodeJson}, with `null` and `undefined` kept as SQL NULL. */
export function encodeOptionalJson(value: unknown, what: string, limitBytes?: number): string | null {
  return value === null || value === undefined ? null : encodeJson(value, what, limitBytes);
}

/** Reads JSON text from a column. @throws CorruptRowError when it is malformed, or could not have been written. */
export function decodeJson(text: string, table: string, id: string, column: string): JsonValue {
  try {
    // JSON.parse can only give JSON values.
    const value = JSON.parse(text) as JsonValue;
    if (needsLook(text)) assertSerialisable(value, column, "$", new Set());
    return value;
  } catch (cause) {
    throw new CorruptRowError(table, id, column, cause);
  }
}

/** What lists and views have in the place of a column that can't be read. Nothing is ever decided by it. */
export const UNREADABLE = "[unreadable]";

/** How the JSON of a row is read: {@link decodeJson}, or {@link decodeListedJson} where others are listed with it. */
export type DecodeJson = (text: string, table: string, id: string, column: string) => JsonValue;

/** Like {@link decodeJson}, with {@link UNREADABLE} for what can't be read: one broken row must not hide the others. */
export const decodeListedJson: DecodeJson = (text, table, id, column) => {
  try {
    return decodeJson(text, table, id, column);
  } catch {
    // decodeJson throws nothing but CorruptRowError.
    return UNREADABLE;
  }
};

/** Like {@link decodeListedJson}, with SQL NULL read as null. */
export function decodeOptionalListedJson(
  text: string | null,
  table: string,
  id: string,
  column: string,
): JsonValue | null {
  return text === null ? null : decodeListedJson(text, table, id, column);
}

function assertSerialisable(value: unknown, what: string, path: string, parents: Set<object>): void {
  switch (typeof value) {
    case "string":
    case "boolean":
      return;
    case "number":
      if (!Number.isFinite(value)) throw new NotSerialisableError(what, path, String(value));
      return;
    case "object":
      if (value !== null) assertPlainObject(value, what, path, parents);
      return;
    default:
      throw new NotSerialisableError(what, path, value === undefined ? "undefined" : `a ${typeof value}`);
  }
}

/** Deeper nesting than this would overflow the stack of some reader. */
const MAX_DEPTH = 500;

/** What JSON's grammar lets pass and no number is: JSON.parse makes infinity of it. */
const LARGE_NUMBER = /\d{308}|[eE]\+?\d{3}/;

/** Whether a text may hold what could not have been written: a level takes two characters, so most texts can't. */
const needsLook = (text: string) => text.length > MAX_DEPTH * 2 || LARGE_NUMBER.test(text);

function assertPlainObject(value: object, what: string, path: string, parents: Set<object>): void {
  if (parents.size >= MAX_DEPTH) throw new NotSerialisableError(what, path, `more than ${MAX_DEPTH} levels of nesting`);
  if (parents.has(value)) throw new NotSerialisableError(what, path, "a reference to itself");
  parents.add(value);
  if (Array.isArray(value)) {
    value.forEach((item, index) => assertSerialisable(item, what, `${path}[${index}]`, parents));
    // forEach passes over holes, which JSON would turn into null.
    if (Object.keys(value).length !== value.length) throw new NotSerialisableError(what, path, "a list with holes");
  } else {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      throw new NotSerialisableError(what, path, `a ${value.constructor?.name ?? "class instance"}`);
    }
    for (const [key, item] of Object.entries(value)) {
      // An optional property that is absent and one that is undefined mean the same; JSON leaves both out.
      if (item !== undefined) assertSerialisable(item, what, `${path}.${key}`, parents);
    }
  }
  parents.delete(value);
}
