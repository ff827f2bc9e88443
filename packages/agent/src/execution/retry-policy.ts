/** When a failed run is tried again (pure). */
import type { Backoff } from "../policy.ts";

/**
 * The delay before try number `attempt` + 1, in milliseconds: exponential, capped, with jitter in both directions.
 * @param attempt how many tries have failed, from 1
 * @param random a number in [0, 1)
 */
export function backoffDelay(backoff: Backoff, attempt: number, random: number): number {
  const exponential = backoff.initialMs * backoff.factor ** Math.max(0, attempt - 1);
  const capped = Math.min(exponential, backoff.maxMs);
  return Math.round(capped * (1 + backoff.jitter * (2 * random - 1)));
}
