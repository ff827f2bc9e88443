/** Lists of a page at a time: how one is asked for, and where the next begins. */
import type { Page, PageCursor, PageFilter } from "@millrace/db";
import { SchemaError } from "../errors.ts";

/** Which part of a list is asked for. */
export interface PageRequest {
  /** The `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** Default 50. */
  limit?: number | undefined;
}

/** What every list that is searched can be asked for. */
export interface SearchRequest extends PageRequest {
  /** Only what is of this time or later, in Unix milliseconds. */
  from?: number | undefined;
  /** Only what is before this time, in Unix milliseconds. */
  until?: number | undefined;
  text?: string | undefined;
}

/** A part of a list. */
export interface View<Item> {
  items: Item[];
  /** Give it back as `cursor` for the next page; null at the end. */
  nextCursor: string | null;
}

/** A part of a list that was searched. */
export interface SearchView<Item> extends View<Item> {
  /** Whether the search ended before the end of the list; `nextCursor` goes on from there. */
  partial: boolean;
}

/** A cursor was given that is none of this list. */
export class ForeignCursorError extends SchemaError {
  constructor() {
    super("The page that was asked for", ["cursor: is none of this list"]);
  }
}

const DEFAULT_LIMIT = 50;
const MOST = 200;
const LATEST = 8.64e15;

/** How many rows to show; more than 200 are never shown at once. */
export function limitOf({ limit = DEFAULT_LIMIT }: PageRequest): number {
  return Math.max(1, Math.min(Math.trunc(limit), MOST));
}

/** The part of a store's filter that all lists share. @throws ForeignCursorError */
export function searchFilter<Id extends string>(request: SearchRequest): PageFilter<Id> {
  const { cursor, from, until, text } = request;
  return {
    limit: limitOf(request),
    ...(cursor !== undefined && { before: readCursor<Id>(cursor) }),
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
    ...(text !== undefined && { text }),
  };
}

/** What of a page of rows is shown to those who ask for the next one. */
export function viewOf<Row, Item>(
  { rows, next }: Page<Row>,
  request: PageRequest,
  show: (row: Row) => Item,
): SearchView<Item> {
  return {
    items: rows.map(show),
    nextCursor: next && writeCursor(next),
    partial: next !== null && rows.length < limitOf(request),
  };
}

export function writeCursor({ at, id }: PageCursor): string {
  return `${at}.${id}`;
}

/** @throws ForeignCursorError */
export function readCursor<Id extends string>(cursor: string): PageCursor<Id> {
  const [, at, id] = /^(\d{1,16})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor) ?? [];
  if (at === undefined || id === undefined || Number(at) > LATEST) throw new ForeignCursorError();
  // It has the form of an id; one that there is none of is a place in the list all the same.
  return { at: Number(at), id: id as Id };
}

/** The filter's fields that are given. */
export function given<Fields extends object>(
  fields: Fields,
): { [Field in keyof Fields]?: Exclude<Fields[Field], undefined> } {
  // What is left has a value.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Field in keyof Fields]?: Exclude<Fields[Field], undefined>;
  };
}
