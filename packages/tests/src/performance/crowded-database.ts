/** Databases with as many rows as anybody likes: an engine does each thing once, and the rows of it are multiplied. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { JOB, openUnitWorld, TOPIC, type UnitWorld } from "./unit-world.ts";

export interface Crowd {
  /** Events that wait in the topic of the consumer. */
  events: number;
  /** Jobs that are scheduled for later. */
  jobs: number;
  /** Runs of the consumer and the producer, jobs that are over, ticks of one recurring job: so many of each, with all that belongs to them. */
  history: number;
}

/** So many of each. */
export const crowdOf = (many: number): Crowd => ({ events: many, jobs: many, history: many });

type Row = Readonly<Record<string, unknown>>;

/** What was added to each table while one thing was done. */
type AddedRows = ReadonlyMap<string, readonly Row[]>;

/** A database that an engine left in the middle of its work: a mutation is in flight, and a job runs. */
export interface CrowdTemplate {
  image: Buffer;
  /** Unix milliseconds. */
  leftAt: number;
  event: AddedRows;
  job: AddedRows;
  history: AddedRows[];
}

const RECURRING_JOB_INTERVAL = "7m";
/** From its first tick to the second run of the producer. */
const UNTIL_POLL = "3m";

const YEAR_MS = 365 * 24 * 60 * 60 * 1_000;

/** Lets work pass until it is closed; then it holds what comes, so that the database can be looked at in the middle of it. */
class Barrier {
  private closed = false;
  private held = 0;
  private announce: () => void = () => undefined;
  private letGo: () => void = () => undefined;
  /** Resolves when two are held. */
  readonly holdsBoth = new Promise<void>((resolve) => {
    this.announce = resolve;
  });
  private readonly opened = new Promise<void>((resolve) => {
    this.letGo = resolve;
  });

  readonly pass = async (): Promise<void> => {
    if (!this.closed) return;
    this.held += 1;
    if (this.held === 2) this.announce();
    await this.opened;
  };

  close(): void {
    this.closed = true;
  }

  open(): void {
    this.letGo();
  }
}

export async function createTemplate(): Promise<CrowdTemplate> {
  const barrier = new Barrier();
  const world = await openUnitWorld({ polls: true, onCall: barrier.pass, onJob: barrier.pass });
  const { engine, test, database, workflow } = world;
  await engine.start();
  await engine.whenIdle();
  const rows = await collectRows(world);
  barrier.close();
  await engine.resume(workflow);
  await schedule(world, 0);
  await barrier.holdsBoth;
  const left = { image: database.serialise(), leftAt: test.clock.now() };
  barrier.open();
  await test.close();
  return { ...left, ...rows };
}

/** Does each thing once; afterwards the workflow is paused. */
async function collectRows(world: UnitWorld): Promise<Pick<CrowdTemplate, "history" | "event" | "job">> {
  const { engine, test, workflow } = world;
  const recurring = { key: "recurring", name: "recurring", handler: JOB, interval: RECURRING_JOB_INTERVAL };
  await engine.jobs.scheduleRecurring(recurring);
  const history = [
    await rowsAdded(world, () => publish(world, "past")),
    await rowsAdded(world, () => schedule(world, 0)),
    await rowsAdded(world, () => test.advance(RECURRING_JOB_INTERVAL)),
    await rowsAdded(world, () => test.advance(UNTIL_POLL)),
  ];
  await engine.pause(workflow);
  const event = await rowsAdded(world, () => publish(world, "waiting"));
  const job = await rowsAdded(world, () => schedule(world, YEAR_MS));
  return { history, event, job };
}

const publish = ({ engine, workflow }: UnitWorld, messageId: string) =>
  engine.publish(workflow, TOPIC, { messageId, payload: { text: messageId } });

const schedule = ({ engine, test }: UnitWorld, delayMs: number) =>
  engine.jobs.scheduleOnce({ name: JOB, handler: JOB, at: test.clock.now() + delayMs });

async function rowsAdded({ engine, database }: UnitWorld, act: () => Promise<unknown>): Promise<AddedRows> {
  await engine.whenIdle();
  const known = new BetterSqlite3(database.serialise());
  await act();
  await engine.whenIdle();
  const now = new BetterSqlite3(database.serialise());
  const added = tablesOf(now).map((table): [string, Row[]] => {
    const last = known.prepare(`select coalesce(max(rowid), 0) from "${table}"`).pluck().get();
    return [table, now.prepare<unknown[], Row>(`select * from "${table}" where rowid > ?`).all(last)];
  });
  known.close();
  now.close();
  return new Map(added);
}

function tablesOf(connection: BetterSqlite3.Database): string[] {
  const names = connection.prepare("select name from sqlite_master where type = 'table' order by rowid").pluck().all();
  return names.map(String);
}

/** Makes a file of the template's database with so many rows more, which is gone afterwards. */
export async function withCrowdedFile<T>(
  template: CrowdTemplate,
  crowd: Crowd,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-crowd-"));
  try {
    const path = join(folder, "crowd.sqlite");
    writeFileSync(path, template.image);
    fill(path, template, crowd);
    return await work(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function fill(path: string, template: CrowdTemplate, { events, jobs, history }: Crowd): void {
  const connection = new BetterSqlite3(path);
  try {
    connection.pragma("journal_mode = off");
    connection.pragma("synchronous = off");
    // The rows of one thing refer to each other, in either direction, and to nothing else that is new.
    connection.pragma("foreign_keys = off");
    connection.exec("begin");
    for (const rows of template.history) multiply(connection, rows, history);
    multiply(connection, template.event, events);
    multiply(connection, template.job, jobs);
    connection.exec("commit");
  } finally {
    connection.close();
  }
}

function multiply(connection: BetterSqlite3.Database, added: AddedRows, times: number): void {
  const own = new Set([...added.values()].flatMap((rows) => rows.map(({ id }) => id)));
  for (const [table, rows] of added) {
    for (const row of rows) {
      const columns = Object.keys(row);
      const values = columns.map((column) => (own.has(row[column]) ? NEW_ID : (VARIED[column] ?? "?")));
      connection
        .prepare(
          `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ?)
           insert into "${table}" (${columns.map((column) => `"${column}"`).join()}) select ${values.join()} from numbers`,
        )
        .run(times, ...Object.values(row));
    }
  }
}

/** Of the ids of the rows that are multiplied: what is random in them (the last ten digits) becomes the number. */
const NEW_ID = "substr(?, 1, 26) || printf('%010x', n)";

/** What must differ from row to row. */
const VARIED: Readonly<Record<string, string>> = {
  message_id: "? || '-' || n",
  external_id: "? || '-' || n",
  // No multiple of it is the distance between two real ticks.
  scheduled_at: "? - n * 1009",
};
