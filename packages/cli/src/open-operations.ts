/**
 * Reads and decisions go straight to the database, whether an engine runs it or none does.
 *
 * Invariants:
 * 1. What only looks is given nothing with which it could change something.
 * 2. Whatever changes something names the deed, which is in the audit before it is done.
 */
import { AuditTrail, Operations, type AuditedAction } from "@millrace/agent";
import {
  createStores,
  DEFAULT_PLATFORM_ID,
  isOwned,
  openDatabase,
  type JsonValue,
  type SqliteDatabase,
} from "@millrace/db";
import type { Context } from "./context.ts";
import { ringDoorbell } from "./doorbell.ts";
import type { NameOf } from "./output/json.ts";
import type { Readings } from "./readings.ts";

/** What a person does, as the audit has it; its action is called as the HTTP API calls it. */
export interface Deed extends Pick<AuditedAction, "action" | "subject"> {
  /** Default: the platform `default`. */
  platformId?: AuditedAction["platformId"];
  /** What else was said; a value that was not given is left out. */
  details: Readonly<Record<string, JsonValue | undefined>>;
}

/** Does a deed, once it is written down: only here is there something to change things with. */
export type Perform<Target> = <T>(deed: Deed, change: (target: Target) => Promise<T>) => Promise<T>;

/** Opens the database, where there is one, for `work`. */
export async function consult<T>(location: string, work: (readings: Readings) => Promise<T>): Promise<T> {
  return watchOver(location, work);
}

/** As `consult`, for work that goes on: it is told which file to watch. */
export async function watchOver<T>(
  location: string,
  work: (readings: Readings, path: string | null) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(location, { create: false });
  try {
    return await work(operationsOn(database), database.path);
  } finally {
    await database.close();
  }
}

/**
 * As `consult`, for work that changes something: it looks for what it is about, then performs the deed. A running engine
 * is told of it.
 * @param options.by who decides
 */
export async function decide<T>(
  { database: location, by }: { database: string; by: string },
  context: Context,
  work: (readings: Readings, perform: Perform<Operations>) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(location, { create: false });
  try {
    const operations = operationsOn(database);
    const audit = openAudit(database, operations, context);
    return await work(operations, ({ platformId = DEFAULT_PLATFORM_ID, action, subject, details }, change) =>
      audit.perform(
        { platformId, actor: by, channel: "command_line", action, subject, details: withoutGaps(details) },
        () => change(operations),
      ),
    );
  } finally {
    await database.close();
    const failure = ringDoorbell(database.path);
    if (failure !== null) {
      context.stderr.write(
        `A running engine could not be told to look into the database; it does when it starts: ${failure}\n`,
      );
    }
  }
}

/** Knows the names of the workflows that are there now. */
export async function nameWorkflows(readings: Pick<Readings, "workflows">): Promise<NameOf> {
  const names = new Map((await readings.workflows()).map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? id;
}

const operationsOn = (database: SqliteDatabase) =>
  new Operations({ database, engineRuns: () => isOwned(database.path) });

function openAudit(database: SqliteDatabase, operations: Operations, { clock, stderr }: Context): AuditTrail {
  return new AuditTrail({
    store: createStores(database).audit,
    clock,
    onLostOutcome: () => stderr.write("What came of it could not be written into the audit.\n"),
    hideDeclared: (details, subject) => operations.hideDeclared(details, subject),
  });
}

/** Null where nothing is left. */
function withoutGaps(details: Deed["details"]): AuditedAction["details"] {
  const given: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(details)) if (value !== undefined) given[name] = value;
  return Object.keys(given).length === 0 ? null : given;
}
