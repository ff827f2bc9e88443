/** What the processes and the check of the jobs' crash command agree upon. */

/** How many simulated milliseconds pass in a real one. */
export const SPEED = 20;
/** The simulated time at which it all begins, and the first tick of every interval. */
export const START = Date.parse("2026-03-01T00:00:00Z");

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);

/** Jobs that tick every second and may act once for a tick. */
export const AT_MOST_ONCE = numbered("at-most-once", 6);
/** Jobs that tick every second and must act for every tick. */
export const AT_LEAST_ONCE = numbered("at-least-once", 6);
/** A job that ticks every two seconds, by a cron expression; at most once. */
export const CRON = "cron";
/** An event, and the job that handles it; at most once. */
export const EVENT = "happened";
