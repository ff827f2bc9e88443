/** The present, for times in words: one timer for the whole page. A component is drawn anew only when its words change. */
import { useSyncExternalStore } from "react";

const tickMs = 1_000;

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, tickMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Words that depend on the present time (Unix milliseconds), looked at each second. */
export function usePresentWords(wordsAt: (now: number) => string): string {
  // While nobody listens the clock stands still; then its time is read anew.
  return useSyncExternalStore(subscribe, () => wordsAt(timer === undefined ? (now = Date.now()) : now));
}
