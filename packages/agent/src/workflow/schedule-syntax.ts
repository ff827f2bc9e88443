/** How schedules are written: durations such as "5m" and cron expressions. croner decides what cron means. */
import { Cron } from "croner";
import { z } from "zod";

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
type Unit = keyof typeof UNITS;

/** Reads a duration such as "500ms", "30s", "5m", "1h", "1d" or "1h30m" as milliseconds; null if it is not one. */
export function parseDuration(text: string): number | null {
  if (!/^(\d+(ms|[smhdw]))+$/.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|[smhdw])/g)) {
    // The pattern admits the units of the table only.
    total += Number(amount) * UNITS[unit as Unit];
  }
  return Number.isSafeInteger(total) ? total : null;
}

const schedule = z.union([
  z.strictObject({ interval: z.string() }),
  z.strictObject({ cron: z.string(), timezone: z.string().optional() }),
]);

/** What is wrong with a schedule, beginning with the path inside it; null if nothing is. */
export function scheduleFault(value: unknown): string | null {
  const parsed = schedule.safeParse(value);
  if (!parsed.success) return `: must be { interval: "5m" } or { cron: "0 9 * * 1-5", timezone: "Europe/Berlin" }`;
  if ("interval" in parsed.data) {
    const milliseconds = parseDuration(parsed.data.interval);
    if (milliseconds === null)
      return `.interval: "${parsed.data.interval}" is not a duration such as "30s", "5m" or "1h"`;
    return milliseconds < 1_000 ? ".interval: must be at least one second" : null;
  }
  return cronFault(parsed.data.cron, parsed.data.timezone ?? "UTC");
}

function cronFault(expression: string, timezone: string): string | null {
  if (!isTimezone(timezone)) return `.timezone: "${timezone}" is not an IANA time zone`;
  try {
    if (createCron(expression, timezone).nextRun() === null) return `.cron: "${expression}" never fires`;
    return null;
  } catch (error) {
    return `.cron: "${expression}": ${error instanceof Error ? error.message : String(error)}`;
  }
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The cron calculator. Fixed times that a change of the clocks skips or repeats fire once. @throws what croner throws */
export function createCron(expression: string, timezone: string): Cron {
  return new Cron(expression, { timezone, paused: true, fixedTimeRule: "no-wildcard" });
}
