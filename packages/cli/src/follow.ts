/**
 * Looks into a database again and again, for as long as somebody wants to see what comes: whenever the files of the
 * database change, and from time to time in case that went unnoticed.
 */
import { watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { Context } from "./context.ts";

/** No change of a file is missed for longer, in milliseconds: network drives tell of none. */
const UNNOTICED_MS = 2_000;

/**
 * Calls `look` at once and after each change, never twice at the same time, until it gives false or the user interrupts.
 * @param databasePath the database's file, or null for one in memory, of which nobody else knows
 */
export async function follow(
  databasePath: string | null,
  { clock, onInterrupt }: Pick<Context, "clock" | "onInterrupt">,
  look: () => Promise<boolean>,
): Promise<void> {
  let hasChanged = false;
  let isOver = false;
  let wake: () => void = () => undefined;
  const stopWatching = watchDatabase(databasePath, () => {
    hasChanged = true;
    wake();
  });
  const removeListener = onInterrupt(() => {
    isOver = true;
    wake();
  });
  try {
    for (;;) {
      hasChanged = false;
      if (!(await look()) || isOver) return;
      if (hasChanged) continue;
      let cancelTimer: () => void = () => undefined;
      await new Promise<void>((resolve) => {
        wake = resolve;
        cancelTimer = clock.setTimer(UNNOTICED_MS, resolve);
      });
      cancelTimer();
      if (isOver) return;
    }
  } finally {
    removeListener();
    stopWatching();
  }
}

/** Watches the folder, because the log beside the database comes and goes. Where this can't be done the timer has to do. */
function watchDatabase(databasePath: string | null, onChange: () => void): () => void {
  if (databasePath === null) return () => undefined;
  const name = basename(databasePath);
  // Not the shared memory beside them, which who only looks changes too.
  const files = new Set([name, `${name}-wal`]);
  try {
    const watcher = watch(dirname(databasePath), (_change, file) => {
      if (file === null || files.has(file)) onChange();
    });
    watcher.on("error", () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => undefined;
  }
}
