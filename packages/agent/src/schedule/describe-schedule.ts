/** Schedules in words. cronstrue says most of it. */
import cronstrue from "cronstrue";
import { expandAlias } from "./cron-expression.ts";
import { describeDuration } from "./duration.ts";
import type { Schedule } from "./schedule.ts";

/** "every 5 minutes", "once at 2026-03-29T01:00:00.000Z", "At 09:00, Monday through Friday (Europe/Berlin)". */
export function describeSchedule(schedule: Schedule): string {
  switch (schedule.kind) {
    case "cron":
      return describeCron(schedule.expression, schedule.timezone);
    case "interval":
      return `every ${describeDuration(schedule.everyMs).replace(/^1 (\w+)$/, "$1")}`;
    case "once":
      return `once at ${new Date(schedule.at).toISOString()}`;
  }
}

/** A cron expression in words, with its time zone; an expression for which there are no words stands for itself. */
export function describeCron(expression: string, timezone: string): string {
  const fields = expandAlias(expression).trim().replaceAll("?", "*").toUpperCase().split(/\s+/);
  return `${describeFields(fields) ?? `"${expression}"`} (${timezone})`;
}

function describeFields(fields: readonly string[]): string | null {
  const [month, weekday] = fields.slice(-2);
  const day = fields.at(-3);
  if (!day || !month || !weekday) return null;
  const time = fields.slice(0, -3);
  // With a plus before the weekday croner wants both to match, which is what cronstrue says.
  if (weekday.startsWith("+")) return describe([...time, day, month, weekday.slice(1)]);
  if (day === "*" || weekday === "*") return describe(fields);
  return describeEither(time, day, month, weekday);
}

/** Where both days are restricted cron means either, and cronstrue says "and": so each part is described alone. */
function describeEither(time: readonly string[], day: string, month: string, weekday: string): string | null {
  const when = describe([...time, "*", "*", "*"]);
  const onDay = describeDate(day, "*", "*");
  const onWeekday = describeDate("*", "*", weekday);
  const inMonth = month === "*" ? "" : describeDate("*", month, "*");
  if (when === null || onDay === null || onWeekday === null || inMonth === null) return null;
  const comma = when.includes(",") || !onDay.startsWith("on ") ? "," : "";
  return `${when}${comma} ${onDay}, or ${onWeekday}${inMonth && `, ${inMonth}`}`;
}

/** The part of a description that is about the date: "on day 1 of the month", "on Monday", "only in March". */
function describeDate(day: string, month: string, weekday: string): string | null {
  const time = "At 00:00, ";
  const text = describe(["0", "0", day, month, weekday]);
  if (!text?.startsWith(time)) return null;
  const date = text.slice(time.length);
  return weekday === "*" ? date : date.replace(/^only /, "");
}

function describe(fields: readonly string[]): string | null {
  try {
    return cronstrue.toString(fields.join(" "), { use24HourTimeFormat: true, throwExceptionOnParseError: true });
  } catch {
    // cronstrue throws strings. What croner accepts and cronstrue does not is rare: an L in a list, for example.
    return null;
  }
}
