/** Schedules and time zones as nobody should write them, asked about at times that hardly anybody lives in. */
import {
  cronFault,
  describeCron,
  nextRuns,
  parseDuration,
  ticksBetween,
  type DstPolicy,
  type Schedule,
} from "@millrace/agent";
import * as fc from "fast-check";
import { addUp, fuzz, split, type FuzzTarget, type Verdict } from "./fuzz-target.ts";
import { hostileText, mutatedText } from "./hostile-values.ts";

/** No question takes as long, however slow the machine is. */
const LONGEST_MS = 10_000;

const CRONS = [
  "* * * * *",
  "0 9 * * 1-5",
  "*/5 * * * * *",
  "0 0 29 2 *",
  "0 0 L * *",
  "30 2 * * *",
  "0 0 LW * *",
  "0 0 15W JAN-MAR MON#2",
  "0 0 1 1 +5L",
  "59 59 23 31 12 7",
  "@daily",
  "@yearly",
  "0 0 30 2 *",
  "0,1,2,3-50/7 1-23/2 ? * SUN",
];
const PIECES = [
  ..."0123456789*/,-?LW#+@ ".split(""),
  "  ",
  "\t",
  "\n",
  "JAN",
  "MON",
  "@reboot",
  "99999999999999999999",
  "\u0000",
  "１",
];
const cron = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...CRONS).chain((text) => mutatedText(text, PIECES)) },
  { weight: 2, arbitrary: fc.constantFrom(...CRONS) },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 4 }), { minLength: 4, maxLength: 7 })
      .map((fields) => fields.map((field) => field.join("")).join(" ")),
  },
  hostileText,
);

const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/Nuuk",
  "Pacific/Apia",
  "Antarctica/Troll",
  "Australia/Lord_Howe",
  "Africa/Casablanca",
  "America/St_Johns",
  "Asia/Kathmandu",
  "Etc/GMT+12",
  "Pacific/Kiritimati",
];
const zone = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...ZONES) },
  fc.constantFrom(...ZONES).chain((text) => mutatedText(text, ["/", "_", "+", "-", "0", "99", ":", "GMT"])),
  fc.constantFrom(
    "+01:00",
    "-23:59",
    "+24:00",
    "GMT",
    "EST",
    "utc",
    "Europe",
    "localtime",
    "",
    "Etc/Unknown",
    "../UTC",
  ),
  hostileText,
);

/** Unix milliseconds: the ends of what a date can be, the year 1900, the epoch, changes of clocks, the end of cron. */
const TIMES = [
  -8.64e15,
  8.64e15,
  8.64e15 - 1,
  Date.UTC(1899, 11, 31, 23, 59, 59),
  -1,
  0,
  0.5,
  1_711_846_800_000,
  1_711_846_799_999,
  1_730_000_000_123,
  Date.UTC(2011, 11, 30),
  Date.UTC(9999, 11, 29, 23, 59, 59),
  Date.UTC(9999, 11, 31),
  253_402_300_800_000,
];
const time = fc.oneof(
  fc.constantFrom(...TIMES),
  fc.integer({ min: 0, max: 4_000_000_000_000 }),
  fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 }),
);
const dst = fc.record({
  gap: fc.constantFrom("shift" as const, "skip" as const),
  overlap: fc.constantFrom("first" as const, "last" as const, "both" as const),
});

/** Asks all that can be asked of a cron expression. @throws for an answer that is none */
function askCron(expression: string, timezone: string, after: number, policy: DstPolicy = DEFAULT): Verdict {
  return inTime(() => {
    const fault = cronFault(expression, timezone);
    // In words it can be said whatever it is.
    if (typeof describeCron(expression, timezone) !== "string") throw new Error("It is not described.");
    if (fault === null) {
      askNext({ kind: "cron", expression, timezone, dst: policy }, after);
      return "accepted";
    }
    if (fault.message === "") throw new Error("The fault says nothing.");
    const isInside = fault.position === null || (fault.position >= 0 && fault.position < expression.length);
    if (!isInside) throw new Error(`The fault is at ${fault.position} of ${expression.length} characters.`);
    return "refused";
  });
}

const DEFAULT: DstPolicy = { gap: "shift", overlap: "first" };

/** The next runs come later and in order, and the preview says each of them. */
function askNext(schedule: Schedule, after: number): void {
  let before = after;
  for (const { at, local } of nextRuns(schedule, 4, after)) {
    if (!(at > before)) throw new Error(`${at} is not later than ${before}.`);
    if (!/^([+-]\d\d)?\d{4}-\d\d-\d\dT/.test(local)) throw new Error(`${at} is said to be ${local}.`);
    before = at;
  }
  const { ticks } = ticksBetween(schedule, after, after + 60_000, 5);
  for (const tick of ticks)
    if (tick < after || tick > after + 60_000) throw new Error(`${tick} is not within the minute.`);
}

function inTime(ask: () => Verdict): Verdict {
  const startedAt = performance.now();
  const verdict = ask();
  if (performance.now() - startedAt > LONGEST_MS) throw new Error("It took too long.");
  return verdict;
}

const duration = fc.oneof(
  fc
    .constantFrom("5m", "1h30m", "500ms", "1w")
    .chain((text) => mutatedText(text, [..."0123456789smhdw.- ".split(""), "999999999999999999"])),
  hostileText,
);

/** A duration that is one is a whole number of milliseconds, at which an interval can run. */
function askInterval(text: string, anchor: number, after: number): Verdict {
  return inTime(() => {
    const everyMs = parseDuration(text);
    if (everyMs === null) return "refused";
    if (!Number.isSafeInteger(everyMs) || everyMs < 0) throw new Error(`${text} is ${everyMs} ms.`);
    if (everyMs >= 1 && everyMs < 1e14) askNext({ kind: "interval", everyMs, anchor }, after);
    return "accepted";
  });
}

export const schedules: FuzzTarget = {
  name: "schedules",
  async run(options) {
    const share = split(options, 2);
    const now = fc.integer({ min: 0, max: 4_000_000_000_000 });
    return addUp([
      await fuzz("schedules", share, fc.tuple(cron, zone, time, dst), ([text, where, at, policy]) =>
        askCron(text, where, at, policy),
      ),
      await fuzz("schedules", share, fc.tuple(duration, now, now), ([text, anchor, at]) =>
        askInterval(text, anchor, at),
      ),
    ]);
  },
};
