/**
 * What a cron expression matches, and what is wrong with one. croner decides what cron means; it is asked about the wall
 * clock only (as if the zone were UTC), so its rules for changes of the clocks play no part: `cron-ticks.ts` has ours.
 */
import { Cron, CronPattern } from "croner";
import { BoundedCache } from "./bounded-cache.ts";
import { isTimeZone } from "./time-zone.ts";

const ALIASES = new Map([
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
  ["@monthly", "0 0 1 * *"],
  ["@weekly", "0 0 * * 0"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@hourly", "0 * * * *"],
]);

const OPTIONS = { mode: "5-or-6-parts", fixedTimeRule: "no-wildcard" } as const;
/** In characters: more than all values of all fields one by one, and little enough to be looked at item by item. */
const LONGEST = 1_000;
/** croner ends with the year 9999. */
const LAST_WALL = Date.UTC(9999, 11, 31);
const FIRST_WALL = Date.UTC(1900, 0, 1);

/** A cron expression. Wall-clock times are in milliseconds (see `time-zone.ts`). */
export interface ParsedCron {
  /** Neither seconds nor minutes nor hours have a wildcard or a step: the times are times of the day, not a rhythm. */
  readonly isFixedTime: boolean;
  /** The first wall-clock time strictly after `wall` that matches, on a whole second; null after the year 9999. */
  nextWall(wall: number): number | null;
  /** Whether a wall-clock time matches, to the second. */
  matchesWall(wall: number): boolean;
}

const parsed = new BoundedCache<ParsedCron>(1_000);

/** Reads a cron expression of 5 fields, of 6 with seconds first, or an alias such as "@daily". @throws what croner throws */
export function parseCron(expression: string): ParsedCron {
  return parsed.get(expression, () => {
    const pattern = expandAlias(expression);
    const { isFixedTime } = new CronPattern(pattern, undefined, OPTIONS);
    // A number of minutes as the zone spares croner its own look at time zones.
    const calculator = new Cron(pattern, { ...OPTIONS, paused: true, utcOffset: 0 });
    return {
      isFixedTime,
      nextWall(wall) {
        if (wall >= LAST_WALL) return null;
        const second = Math.floor(Math.max(wall, FIRST_WALL) / 1_000) * 1_000;
        return calculator.nextRun(new Date(second))?.getTime() ?? null;
      },
      matchesWall: (wall) => calculator.match(new Date(wall)),
    };
  });
}

/** An alias as the five fields it stands for; any other expression as it is. */
export function expandAlias(expression: string): string {
  return ALIASES.get(expression.trim().toLowerCase()) ?? expression;
}

export interface CronFault {
  message: string;
  /** "second", "minute", "hour", "day of month", "month", "day of week", or "timezone"; null for the whole of it. */
  field: string | null;
  /** Where in the expression the faulty item begins, in characters from 0; null when no one place is at fault. */
  position: number | null;
}

/** What a field takes, for people. */
const FIELDS = [
  { name: "second", takes: "0-59" },
  { name: "minute", takes: "0-59" },
  { name: "hour", takes: "0-23" },
  { name: "day of month", takes: "1-31, L, LW or 15W" },
  { name: "month", takes: "1-12 or JAN-DEC" },
  { name: "day of week", takes: "0-7 or SUN-SAT, 5L or 1#2" },
] as const;
type Field = (typeof FIELDS)[number];

/** What is wrong with a cron expression or its time zone; null if nothing is. Never throws. */
export function cronFault(expression: string, timezone: string): CronFault | null {
  if (!isTimeZone(timezone)) return fault(`"${timezone}" is not an IANA time zone`, "timezone");
  if (expression.length <= LONGEST && parses(expandAlias(expression))) {
    return parseCron(expression).nextWall(0) === null ? fault(`"${expression}" never fires`) : null;
  }
  return syntaxFault(expression);
}

function syntaxFault(expression: string): CronFault {
  if (expression.length > LONGEST) return fault(`it has ${expression.length} characters; ${LONGEST} are allowed`);
  if (expression.trim().startsWith("@")) {
    return fault(`"${expression}" is not one of the aliases ${[...ALIASES.keys()].join(", ")}`);
  }
  const parts = [...expression.matchAll(/\S+/g)];
  if (parts.length < 5 || parts.length > 6) {
    const expected = "5 are expected (minute, hour, day of month, month, day of week), or 6 with seconds first";
    return fault(`"${expression}" has ${parts.length} fields; ${expected}`, null, parts[6]?.index ?? null);
  }
  for (const [number, { 0: text, index: start }] of parts.entries()) {
    const field = FIELDS[number + FIELDS.length - parts.length];
    if (!field || parsesAlone(text, field)) continue;
    const { item, offset } = faultyItem(text, field);
    return fault(`the ${field.name} "${item}" is not valid: ${reason(item, field)}`, field.name, start + offset);
  }
  return fault(`"${expression}" is not a cron expression`);
}

/** Of the items of a list the one that is not valid even alone; the whole field when each of them is, or is not there. */
function faultyItem(text: string, field: Field): { item: string; offset: number } {
  let offset = 0;
  for (const item of text.split(",")) {
    if (item === "") break;
    if (!parsesAlone(item, field)) return { item, offset };
    offset += item.length + 1;
  }
  return { item: text, offset: 0 };
}

function parsesAlone(text: string, field: Field): boolean {
  return text !== "" && parses(FIELDS.map((other) => (other === field ? text : "*")).join(" "));
}

function reason(item: string, { takes }: Field): string {
  const range = /^(\d+)-(\d+)/.exec(item);
  if (range && Number(range[1]) > Number(range[2])) return "the range ends before it begins";
  const step = /^(\d*)\/(\d+)$/.exec(item);
  if (step) return `a step needs a range before it, such as */${step[2]} or ${takes.split(/[ ,]/)[0]}/${step[2]}`;
  return `it takes ${takes}, lists, ranges and steps`;
}

function fault(message: string, field: string | null = null, position: number | null = null): CronFault {
  return { message, field, position };
}

function parses(pattern: string): boolean {
  try {
    new CronPattern(pattern, undefined, OPTIONS);
    return true;
  } catch {
    return false;
  }
}
