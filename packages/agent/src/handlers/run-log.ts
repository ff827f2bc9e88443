/** The log lines of one run: into the process's log at once, into the database with the run's next transition. */
import { encodeJson, type JsonValue, type LogLevel, type RunLog } from "@millrace/db";
import type { Logger } from "pino";
import { RunSecrets } from "./run-secrets.ts";

/** The longest kept message, in characters. */
const MAX_MESSAGE_LENGTH = 10_000;
/** The largest kept data, in bytes. */
const MAX_DATA_BYTES = 100_000;

export class RunLogBuffer {
  private lines: RunLog[] = [];
  private kept = 0;
  private readonly now: () => number;
  private readonly logger: Logger;
  private readonly maxLines: number;
  private readonly secrets: RunSecrets;

  /** @param secrets what is kept out of both logs; what was said before it was known to be secret, out of the database's */
  constructor(now: () => number, logger: Logger, maxLines: number, secrets = new RunSecrets([])) {
    this.now = now;
    this.logger = logger;
    this.maxLines = maxLines;
    this.secrets = secrets;
  }

  add(level: LogLevel, message: string, data?: unknown): void {
    const { secrets } = this;
    const shown = data === undefined ? {} : { data: secrets.data(storableData(data)) };
    const text = secrets.text(message);
    this.logger[level](shown, text);
    this.kept += 1;
    if (this.kept > this.maxLines) return;
    if (this.kept === this.maxLines)
      return this.push("warn", `Only the first ${this.maxLines} lines of a run are kept.`, null);
    // Cut only now: a piece of a secret could not be told for one.
    this.push(level, text.slice(0, MAX_MESSAGE_LENGTH), storableData(data));
  }

  /** Takes the lines that are not yet in the database. */
  drain(): RunLog[] {
    const { secrets } = this;
    const lines = this.lines.splice(0);
    return lines.map((line) => ({
      ...line,
      message: secrets.text(line.message),
      data: line.data && secrets.data(line.data),
    }));
  }

  /** Puts back lines whose transaction failed. */
  restore(lines: readonly RunLog[]): void {
    this.lines.unshift(...lines);
  }

  private push(level: LogLevel, message: string, data: JsonValue | null): void {
    this.lines.push({ at: this.now(), level, message, data });
  }
}

/** Data of a log line is a help to people: what can't be stored is described instead. */
function storableData(data: unknown): JsonValue | null {
  if (data === undefined) return null;
  if (data instanceof Error) return { name: data.name, message: data.message };
  try {
    // encodeJson accepts JSON values only.
    return JSON.parse(encodeJson(data, "log data", MAX_DATA_BYTES)) as JsonValue;
  } catch (error) {
    return { notStored: error instanceof Error ? error.message : String(error) };
  }
}
