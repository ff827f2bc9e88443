/** All time goes through the Clock, so that tests decide what time it is. */

export interface Clock {
  /** The current time in Unix milliseconds. */
  now(): number;
  /** Milliseconds since some beginning: they go on steadily, whatever is done to the clock on the wall. */
  elapsed(): number;
  /** Calls `callback` once, `delayMs` milliseconds from now; gives a function that cancels it. */
  setTimer(delayMs: number, callback: () => void): () => void;
  /** Whether it goes with real time; only then the event loop is watched. */
  readonly isReal?: boolean;
}

/** Node turns a longer delay into 1 ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  isReal: true,
  now: () => Date.now(),
  elapsed: () => performance.now(),
  setTimer(delayMs, callback) {
    const dueAt = Date.now() + delayMs;
    let timer: NodeJS.Timeout;
    const arm = () => {
      const remaining = Math.max(0, dueAt - Date.now());
      timer = remaining > MAX_TIMER_MS ? setTimeout(arm, MAX_TIMER_MS) : setTimeout(callback, remaining);
    };
    arm();
    return () => clearTimeout(timer);
  },
};
