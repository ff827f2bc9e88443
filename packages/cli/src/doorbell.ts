/**
 * How a running engine learns that another process has changed its database: that process touches a file beside the
 * database after its commit, and the engine's process watches this file.
 *
 * Invariants:
 * 1. It is a hint and holds nothing that counts: the database is the truth.
 * 2. Its failures never reach the engine.
 * 3. Nothing is polled. Rings that come while one is answered are answered together, after it.
 */
import { closeSync, openSync, watch, writeFileSync, type FSWatcher } from "node:fs";

const doorbellPath = (databasePath: string) => `${databasePath}-doorbell`;

/**
 * Tells the engine that runs a database to look into it.
 * @param databasePath the file, or null for a database in memory, which nobody else can run
 * @returns why it could not be told; null when it was
 */
export function ringDoorbell(databasePath: string | null): string | null {
  if (databasePath === null) return null;
  try {
    // Content changes are noticed on every platform; changes of a file's times are not.
    writeFileSync(doorbellPath(databasePath), `${new Date().toISOString()}\n`);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export interface DoorbellOptions {
  /** The file, or null for a database in memory. */
  databasePath: string | null;
  /** Called for each ring, and once at the beginning for those that came before. */
  onRing: () => Promise<void>;
  onError: (error: unknown) => void;
}

export class Doorbell {
  private readonly options: DoorbellOptions;
  private watcher: FSWatcher | null = null;
  private hasRung = false;
  private isClosed = false;
  private answering: Promise<void> | null = null;

  constructor(options: DoorbellOptions) {
    this.options = options;
    this.listen();
  }

  /** Listens no more; resolves when what is being answered is. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.watcher?.close();
    await this.answering;
  }

  private listen(): void {
    const { databasePath, onError } = this.options;
    if (databasePath === null || this.isClosed) return;
    this.watcher?.close();
    this.watcher = null;
    try {
      const path = doorbellPath(databasePath);
      // Only a file that is there can be watched.
      closeSync(openSync(path, "a"));
      this.watcher = watch(path, (change) => {
        // A file that is gone, or another in its place, needs a new watcher.
        if (change === "rename") this.listen();
        else this.ring();
      });
      this.watcher.on("error", onError);
      this.ring();
    } catch (error) {
      onError(error);
    }
  }

  private ring(): void {
    this.hasRung = true;
    this.answering ??= this.answer();
  }

  private async answer(): Promise<void> {
    while (this.hasRung && !this.isClosed) {
      this.hasRung = false;
      try {
        await this.options.onRing();
      } catch (error) {
        this.options.onError(error);
      }
    }
    this.answering = null;
  }
}
