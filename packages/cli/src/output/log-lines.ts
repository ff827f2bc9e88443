/** The log of a running engine: lines of JSON for programs, or short lines for people. */
import { pino, type Logger } from "pino";
import { z } from "zod";
import type { Colors, Context } from "../context.ts";
import { localTime } from "./cells.ts";
import { printable } from "./printable.ts";

/** What a line for people begins with, by what happened. */
export const MARKS = {
  in: "came in",
  done: "done",
  failed: "failed",
  asking: "asking",
  unknown: "unknown",
  approval: "waits",
  person: "needs you",
  host: "millrace",
} as const;

/** What happened, as the lines of the host say it. */
export type Activity = keyof typeof MARKS;

const MARK_COLORS: Record<Activity, (colors: Colors) => (text: string) => string> = {
  in: ({ cyan }) => cyan,
  done: ({ green }) => green,
  failed: ({ red }) => red,
  asking: ({ yellow }) => yellow,
  unknown: ({ red }) => red,
  approval: ({ yellow }) => yellow,
  person: ({ magenta }) => magenta,
  host: ({ dim }) => dim,
};

const logLine = z.looseObject({
  time: z.iso.datetime(),
  level: z.enum(["trace", "debug", "info", "warn", "error", "fatal"]),
  msg: z.string().default(""),
  activity: z.enum(Object.keys(MARKS) as [Activity, ...Activity[]]).optional(),
  workflow: z.string().optional(),
  handler: z.string().optional(),
  err: z.object({ message: z.string(), stack: z.string().optional() }).optional(),
});

type LogLine = z.infer<typeof logLine>;

interface LogOptions {
  json?: true | undefined;
  verbose?: true | undefined;
}

/** A logger that writes to standard output. */
export function createLogger({ stdout, colors }: Context, { json, verbose }: LogOptions): Logger {
  const write = (line: string): void => {
    if (json) stdout.write(line);
    else stdout.write(lineForPeople(logLine.parse(JSON.parse(line)), colors, verbose === true));
  };
  return pino(
    {
      level: verbose ? "debug" : "info",
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write },
  );
}

/** Gives nothing for what the engine says of its own work and the host's lines say already. */
function lineForPeople(line: LogLine, colors: Colors, verbose: boolean): string {
  const { activity, level, handler, err, msg, time, workflow } = line;
  const isWarning = level === "warn" || level === "error" || level === "fatal";
  if (activity === undefined && !isWarning && handler === undefined && !verbose) return "";
  const mark = activity === undefined ? level : MARKS[activity];
  const color = activity === undefined ? (isWarning ? colors.red : colors.dim) : MARK_COLORS[activity](colors);
  const place = [workflow, handler].filter((part) => part !== undefined).join(".");
  const text = [msg, ...(err ? [err.message] : [])].join(": ");
  const stack = verbose && err?.stack !== undefined ? `\n${printable(err.stack, "lines")}` : "";
  const when = colors.dim(localTime(Date.parse(time)).slice(-8));
  return `${when}  ${color(mark.padEnd(9))}  ${place === "" ? "" : `${colors.bold(place)}  `}${printable(text)}${stack}\n`;
}
