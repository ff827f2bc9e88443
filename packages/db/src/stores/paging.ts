/**
 * Lists of a page at a time, newest first, over tables of any size.
 *
 * A page is found by walking an index from the newest row on, or from the cursor. What the index knows is followed;
 * what it does not know is tested row by row, for a bounded number of rows: then the page ends early and says where.
 *
 * Invariants:
 * 1. Following `next` until it is null gives every row that matches, each once.
 * 2. A page looks at no more than `scanLimit` rows in all; each query passes over {@link STEP} of them at the most.
 */
import { sql, type RawBuilder, type SqlBool } from "kysely";
import type { QueryExecutor } from "../database.ts";
import type { PlatformId } from "../ids.ts";

/** A row's place among all rows, newest first: its time in Unix milliseconds, then its id. */
export interface PageCursor<Id extends string = string> {
  at: number;
  id: Id;
}

/** A page of rows, newest first. */
export interface Page<Row, Id extends string = string> {
  rows: Row[];
  /**
   * Where the next page begins: pass it as `before`. Null when there is nothing more. A page that is not full has one
   * when rows had to be tested one by one and `scanLimit` of them were.
   */
  next: PageCursor<Id> | null;
}

/** What every list of a page at a time can be asked for. */
export interface PageFilter<Id extends string = string> {
  /** Only what belongs to this platform. */
  platformId?: PlatformId;
  /** Only rows behind this place, which is the `next` of the page before or a row of one's own choice. */
  before?: PageCursor<Id>;
  /** Only rows of this time or later, in Unix milliseconds. */
  from?: number;
  /** Only rows before this time, in Unix milliseconds. */
  until?: number;
  /** A piece of text, in capitals or not. What is looked through is said at the list. */
  text?: string;
  /** How many rows are tested for what no index knows. Default 20,000 for a page and for `text`; else as many as it takes. */
  scanLimit?: number;
  /** Default 100. */
  limit?: number;
}

export type Condition = RawBuilder<SqlBool>;

/** One way through one index, newest first. */
export interface Walk {
  table: string;
  /** The column of the rows' time; the index has it and then `id`. */
  time: string;
  /** What the index knows. */
  along: readonly Condition[];
  /** What each row is tested for. */
  tests: readonly Condition[];
  /** Whether the index has few rows in another order, which are to be sorted. */
  sorted?: boolean;
}

const DEFAULT_LIMIT = 100;
const DEFAULT_SCAN_LIMIT = 20_000;

/** How many rows of an index one query passes over. */
const STEP = 1_000;

/** The rows of all walks as one list. */
export async function listAlong<Row extends { id: string }>(
  executor: QueryExecutor,
  walks: readonly Walk[],
  filter: PageFilter,
): Promise<Row[]> {
  const scanLimit = filter.scanLimit ?? (filter.text ? DEFAULT_SCAN_LIMIT : Number.POSITIVE_INFINITY);
  return (await mergeWalks<Row>(executor, walks, { ...filter, scanLimit })).rows;
}

/** A page of the rows of all walks. */
export async function pageAlong<Row extends { id: Id }, Id extends string>(
  executor: QueryExecutor,
  walks: readonly Walk[],
  filter: PageFilter<Id>,
): Promise<Page<Row, Id>> {
  const { rows, next } = await mergeWalks<Row>(executor, walks, {
    ...filter,
    scanLimit: filter.scanLimit ?? DEFAULT_SCAN_LIMIT,
  });
  // A cursor is the place of a row, whose id is of this kind.
  return { rows, next: next as PageCursor<Id> | null };
}

/** A piece of a condition that is not there when its value is not. */
export function when<Value>(value: Value | undefined, condition: (value: Value) => Condition): Condition[] {
  return value === undefined ? [] : [condition(value)];
}

/** Equality that an index may be used for. */
export const equals = (column: string, value: string | number): Condition =>
  sql<SqlBool>`${sql.ref(column)} = ${value}`;

/** Equality with a word of our own, written out so that SQLite sees which partial index fits. */
export const isWord = (column: string, word: string): Condition => sql<SqlBool>`${sql.ref(column)} = ${sql.lit(word)}`;

/** A test that no index is chosen for: the sign before the column hides it from the search for one. */
export const passes = (column: string, values: readonly (string | number)[]): Condition =>
  sql<SqlBool>`+${sql.ref(column)} in (${sql.join(values)})`;

/** Rows whose workflow belongs to this platform. */
export const ofPlatform = (platformId: PlatformId): Condition =>
  sql<SqlBool>`+workflow_id in (select workflows.id from workflows where platform_id = ${platformId})`;

interface Bounds extends PageFilter {
  scanLimit: number;
}

/** Takes the newest rows of several walks. Rows behind the end of a walk that ended early wait for the next page. */
async function mergeWalks<Row extends { id: string }>(
  executor: QueryExecutor,
  walks: readonly Walk[],
  bounds: Bounds,
): Promise<Page<Row>> {
  const limit = bounds.limit ?? DEFAULT_LIMIT;
  const found: { row: Row; place: PageCursor }[] = [];
  let horizon: PageCursor | null = null;
  const share = { ...bounds, scanLimit: Math.ceil(bounds.scanLimit / walks.length) };
  for (const walk of walks) {
    const { rows, end } = await walkBack<Row>(executor, walk, share, limit + 1);
    found.push(...rows.map((row) => ({ row, place: placeOf(row, walk.time) })));
    if (end && (!horizon || isNewer(end, horizon))) horizon = end;
  }
  if (walks.length > 1) found.sort((one, other) => (isNewer(one.place, other.place) ? -1 : 1));
  const edge = horizon;
  const visible = edge ? found.filter(({ place }) => !isNewer(edge, place)) : found;
  const kept = visible.slice(0, limit);
  const last = kept.at(-1);
  return { rows: kept.map(({ row }) => row), next: visible.length > limit && last ? last.place : horizon };
}

const isNewer = (one: PageCursor, other: PageCursor) => one.at > other.at || (one.at === other.at && one.id > other.id);

// The column of a walk's time holds a number.
const placeOf = (row: { id: string }, time: string): PageCursor => ({ at: row[time as never], id: row.id });

/** Up to `most` rows of a walk; `end` is the last place looked at where there may be more. */
async function walkBack<Row extends { id: string }>(
  executor: QueryExecutor,
  walk: Walk,
  bounds: Bounds,
  most: number,
): Promise<{ rows: Row[]; end: PageCursor | null }> {
  const stepwise = walk.tests.length > 0 && Number.isFinite(bounds.scanLimit);
  const rows: Row[] = [];
  let before = bounds.before;
  for (let left = bounds.scanLimit; left > 0; left -= STEP) {
    const reach = { ...bounds, before };
    const floor = stepwise ? await placeBehind(executor, walk, reach, Math.min(STEP, left)) : undefined;
    const conditions = [...walk.along, ...between(walk, reach, floor), ...walk.tests];
    rows.push(...(await newest<Row>(executor, walk, conditions, most - rows.length)));
    if (!floor || rows.length === most) return { rows, end: null };
    before = floor;
  }
  return { rows, end: before ?? null };
}

interface Reach {
  from?: number | undefined;
  until?: number | undefined;
  before?: PageCursor | undefined;
}

/** One bound at each end, and the nearer one: of two, SQLite would begin at either. */
function between(walk: Walk, { from, until, before }: Reach, floor?: PageCursor): Condition[] {
  const column = timeOf(walk);
  const beginsAtPlace = before && (until === undefined || before.at < until);
  return [
    ...(beginsAtPlace
      ? [sql<SqlBool>`(${column}, id) < (${before.at}, ${before.id})`]
      : when(until, (at) => sql<SqlBool>`${column} < ${at}`)),
    ...(floor
      ? [sql<SqlBool>`(${column}, id) >= (${floor.at}, ${floor.id})`]
      : when(from, (at) => sql<SqlBool>`${column} >= ${at}`)),
  ];
}

/** The place of the last of so many rows, whatever they are tested for; undefined when there are fewer. */
async function placeBehind(
  executor: QueryExecutor,
  walk: Walk,
  reach: Reach,
  steps: number,
): Promise<PageCursor | undefined> {
  const conditions = [...walk.along, ...between(walk, reach)];
  const { rows } = await sql<PageCursor>`
    select ${sql.ref(walk.time)} as at, id from ${sql.table(walk.table)}${where(conditions)}
    ${newestFirst(walk)} limit 1 offset ${steps - 1}`.execute(executor);
  return rows[0];
}

async function newest<Row>(
  executor: QueryExecutor,
  walk: Walk,
  conditions: readonly Condition[],
  limit: number,
): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select * from ${sql.table(walk.table)}${where(conditions)}
    ${newestFirst(walk)} limit ${limit}`.execute(executor);
  return rows;
}

const newestFirst = (walk: Walk) => sql`order by ${timeOf(walk)} desc, id desc`;

/** The sign hides the time from the search for an index that has it. */
const timeOf = ({ time, sorted }: Walk) => sql`${sql.raw(sorted ? "+" : "")}${sql.ref(time)}`;

function where(conditions: readonly Condition[]) {
  return conditions.length === 0 ? sql`` : sql` where ${sql.join(conditions, sql` and `)}`;
}
