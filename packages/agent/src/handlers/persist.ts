/** Work with the database that must not be lost because the disk is full or the file is locked for a while. */
import {
  CannotOpenDatabaseError,
  DatabaseFullError,
  DatabaseInputOutputError,
  DatabaseLockedError,
  ReadOnlyDatabaseError,
} from "@millrace/db";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { Policy } from "../policy.ts";

const PASSING = [
  DatabaseFullError,
  DatabaseInputOutputError,
  DatabaseLockedError,
  ReadOnlyDatabaseError,
  // Too many open files.
  CannotOpenDatabaseError,
];

export interface PersistDependencies {
  clock: Clock;
  policy: Policy;
  logger: Logger;
  /** Aborts when the engine stops. */
  stopSignal: AbortSignal;
}

/**
 * Runs a write, or a read that something depends on, until the database takes it.
 * @throws any other error, and the database's own once the engine stops
 */
export async function persist<T>(dependencies: PersistDependencies, write: () => Promise<T>): Promise<T> {
  const { clock, policy, logger, stopSignal } = dependencies;
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (stopSignal.aborted || !PASSING.some((type) => error instanceof type)) throw error;
      logger.error({ err: error }, "The database can't be used; what is known is kept, and written when it can be.");
      await pause(clock, policy.storage.retryDelayMs, stopSignal);
    }
  }
}

function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.setTimer(delayMs, end);
    signal.addEventListener("abort", end, { once: true });
  });
}
