/** Wake times (pure). */
import type { Policy } from "../../policy.ts";

export interface WakeAt {
  /** Unix milliseconds; 0 for none. */
  at: number;
  /** What was changed about the asked time, to be logged; null if nothing was. */
  warning: string | null;
}

// A date alone or a local time would mean another moment on another machine.
const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

/** Reads a wake time (ISO 8601 with a zone) and clamps it into the policy's range; an invalid one wakes nobody. */
export function clampWakeAt(asked: string | undefined, now: number, { minMs, maxMs }: Policy["wake"]): WakeAt {
  if (asked === undefined) return { at: 0, warning: null };
  const time = ISO_8601.test(asked) ? Date.parse(asked) : Number.NaN;
  if (Number.isNaN(time)) {
    return {
      at: 0,
      warning: `wakeAt ${JSON.stringify(asked)} is not a time such as 2026-11-20T18:00:00Z and was left out`,
    };
  }
  const at = Math.min(Math.max(time, now + minMs), now + maxMs);
  if (at === time) return { at, warning: null };
  return {
    at,
    warning: `wakeAt ${asked} was clamped to ${new Date(at).toISOString()} (allowed: ${minMs} to ${maxMs} ms from now)`,
  };
}
