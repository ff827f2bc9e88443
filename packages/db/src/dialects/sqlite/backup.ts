/**
 * Online backup: one complete file, of one moment, while the engine goes on writing.
 *
 * Invariants:
 * 1. The copy is of the moment at which it began, whatever is written meanwhile, by this process or another one.
 * 2. A file appears under the target's name only when it is complete and was found to be whole.
 */
import { existsSync, linkSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { BackupTargetError, CorruptDatabaseError, DatabaseError } from "../../errors.ts";
import { openConnection } from "./connection.ts";
import { mapSqliteError } from "./error-mapping.ts";
import { findDamage } from "./integrity.ts";

/** How far a backup is. */
export interface BackupProgress {
  totalPages: number;
  remainingPages: number;
}

/** A backup that is complete and was checked. */
export interface BackupResult {
  /** The file's absolute path. */
  path: string;
  bytes: number;
}

export interface BackupOptions {
  location: string;
  /** The file, or the bytes of a database in memory. */
  source: string | Buffer;
  busyTimeoutMs: number;
}

/** 4 MiB of pages of the usual size: what is copied without giving others their turn. */
const PAGES_PER_STEP = 1_024;

/** @throws BackupTargetError, CorruptDatabaseError, DatabaseFullError and others, each saying which file */
export async function backUp(
  options: BackupOptions,
  target: string,
  onProgress: (progress: BackupProgress) => void = () => undefined,
): Promise<BackupResult> {
  const path = isAbsolute(target) ? target : resolve(target);
  if (existsSync(path)) throw new BackupTargetError(path, "exists");
  if (!isFolder(dirname(path))) throw new BackupTargetError(path, "no folder");
  const partial = `${path}.partial`;
  removeDatabase(partial);
  try {
    await copy(options, partial, onProgress);
    verify(partial, options.busyTimeoutMs);
    publish(partial, path);
    return { path, bytes: statSync(path).size };
  } catch (error) {
    if (error instanceof DatabaseError) throw error;
    throw mapSqliteError(error, path);
  } finally {
    removeDatabase(partial);
  }
}

async function copy(
  options: BackupOptions,
  partial: string,
  onProgress: (progress: BackupProgress) => void,
): Promise<void> {
  const { source, busyTimeoutMs } = options;
  const progress = (state: BackupProgress) => {
    onProgress(state);
    return PAGES_PER_STEP;
  };
  const reader = openConnection({ source, readonly: true, busyTimeoutMs });
  try {
    // An open read keeps the moment: without it each write would begin the copy anew.
    reader.exec("BEGIN");
    reader.prepare("select count(*) from sqlite_master").get();
    await reader.backup(partial, { progress });
  } catch (error) {
    throw mapSqliteError(error, options.location);
  } finally {
    reader.close();
  }
}

/** Makes the copy one plain file, and reads all of it. @throws CorruptDatabaseError */
function verify(partial: string, busyTimeoutMs: number): void {
  const connection = openConnection({ source: partial, readonly: false, busyTimeoutMs });
  try {
    // Without a log beside it a reader needs to make no files.
    connection.pragma("journal_mode = DELETE");
  } finally {
    connection.close();
  }
  const reader = openConnection({ source: partial, readonly: true, busyTimeoutMs });
  try {
    const [finding] = findDamage(reader, partial);
    if (finding) throw new CorruptDatabaseError(partial, new Error(finding.message));
  } finally {
    reader.close();
  }
}

/** Gives the file its name, unless somebody else has taken it meanwhile. */
function publish(partial: string, path: string): void {
  try {
    linkSync(partial, path);
  } catch (error) {
    if (existsSync(path)) throw new BackupTargetError(path, "exists", error);
    // Not every file system has links.
    renameSync(partial, path);
  }
}

const isFolder = (path: string) => existsSync(path) && statSync(path).isDirectory();

function removeDatabase(path: string): void {
  for (const ending of ["", "-wal", "-shm", "-journal"]) rmSync(`${path}${ending}`, { force: true });
}
