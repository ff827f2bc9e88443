/** Reads what SQLite has written into the log of a database file: its pages, and how many commits they belong to. */
import { readFileSync } from "node:fs";
import BetterSqlite3 from "better-sqlite3";

export interface Written {
  /** Commits, each of which syncs the log at `synchronous = FULL`. */
  commits: number;
  /** Pages with their headers. */
  bytes: number;
}

const LOG_HEADER_BYTES = 32;
const PAGE_SIZE_OFFSET = 8;
const FRAME_HEADER_BYTES = 24;
/** Where a frame's header has the size of the database after a commit; 0 in the frames before the last of a commit. */
const DATABASE_SIZE_OFFSET = 4;

/** Measures what `work` writes: the log is empty when it begins, and is not begun anew before it has been read. */
export async function measureWritten(path: string, work: () => Promise<void>): Promise<Written> {
  const watcher = new BetterSqlite3(path, { timeout: 0 });
  try {
    await emptyLog(watcher);
    // As long as somebody reads what was there before, the log only grows.
    watcher.exec("begin; select count(*) from sqlite_master");
    await work();
    return readLog(readFileSync(`${path}-wal`));
  } finally {
    watcher.close();
  }
}

/** How many turns of the event loop are waited for, until those who read have let go of the log. */
const MOST_TURNS = 100;

async function emptyLog(connection: BetterSqlite3.Database): Promise<void> {
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const [result] = connection.pragma("wal_checkpoint(TRUNCATE)") as { busy: number }[];
    if (result?.busy === 0) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error("The log can't be emptied while somebody reads it.");
}

function readLog(log: Buffer): Written {
  if (log.length === 0) return { commits: 0, bytes: 0 };
  const frameBytes = FRAME_HEADER_BYTES + log.readUInt32BE(PAGE_SIZE_OFFSET);
  let commits = 0;
  let frames = 0;
  for (let at = LOG_HEADER_BYTES; at + frameBytes <= log.length; at += frameBytes) {
    frames += 1;
    if (log.readUInt32BE(at + DATABASE_SIZE_OFFSET) !== 0) commits += 1;
  }
  return { commits, bytes: frames * frameBytes };
}
