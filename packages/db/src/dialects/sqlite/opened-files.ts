/**
 * Whether the files of an open database are still those that were opened. What a process writes into a file that has
 * been deleted or replaced is gone when it ends; SQLite does not notice it.
 */
import { statSync } from "node:fs";
import type { MovedFile } from "../../errors.ts";

/** Which of the files: the database, its write-ahead log, or the lock of the engine that runs it. */
type Role = MovedFile["role"];

interface Opened {
  role: Role;
  path: string;
  identity: string | null;
}

export class OpenedFiles {
  private readonly opened: Opened[] = [];

  /** Remembers a file as it is now. */
  remember(role: Role, path: string): void {
    this.opened.push({ role, path, identity: identityOf(path) });
  }

  /** The first file that is not the one that was remembered; null when all are in place. */
  findMoved(): MovedFile | null {
    for (const { role, path, identity } of this.opened) {
      const now = identityOf(path);
      if (now !== identity) return { role, path, trouble: now === null ? "deleted" : "replaced" };
    }
    return null;
  }
}

/** A file that is held open keeps its number, so that no other one can have it; null where there is none. */
function identityOf(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? `${found.dev} ${found.ino}` : null;
}
