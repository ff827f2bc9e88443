/** What a doctor says about facts (pure): what was found, and what to do about it. */
import type { Diagnosis } from "@millrace/agent";
import type { DatabaseStatistics, IntegrityFinding } from "@millrace/db";
import { byteSize, shortId } from "../output/cells.ts";
import { shorten } from "../output/printable.ts";

/** `ok`: as it should be. `attention`: a person should look. `damaged`: data is lost or at risk. */
export type CheckStatus = "ok" | "attention" | "damaged";

export interface Check {
  name: string;
  status: CheckStatus;
  /** What was found. */
  message: string;
  /** What to do about it; null where nothing is to be done. */
  advice: string | null;
}

export interface Facts {
  /** As Node says it, for example `v24.1.0`. */
  nodeVersion: string;
  /** What is free where the database is, in bytes; null where nobody knows. */
  freeDiskBytes: number | null;
  engineRuns: boolean;
  damage: readonly IntegrityFinding[];
  statistics: DatabaseStatistics;
  diagnosis: Diagnosis;
}

const MEBIBYTE = 1024 * 1024;
/** A log that grows beyond this is not put into the database any more: something reads for very long. */
const LARGE_LOG_BYTES = 256 * MEBIBYTE;
const LITTLE_DISK_BYTES = 512 * MEBIBYTE;
const OLDEST_NODE = [22, 12] as const;

const HOW_TO_RESTORE =
  "Stop the engine and copy the files as they are. Then put the last backup in the place of the database and delete the files beside it that end in -wal and -shm; or save what can be read: sqlite3 <file> .recover";

export function checkAll(facts: Facts): Check[] {
  return [
    checkNode(facts),
    checkDisk(facts),
    checkPages(facts),
    checkReferences(facts),
    checkSchema(facts),
    checkLog(facts),
    checkEngine(facts),
    ...checkWork(facts),
  ];
}

/** What can be said of a database that is too damaged to be opened. @param message what opening it gave */
export function checkUnreadable(nodeVersion: string, message: string): Check[] {
  return [checkNode({ nodeVersion }), damaged("database", message, HOW_TO_RESTORE)];
}

/** The worst of all. */
export function worstOf(checks: readonly Check[]): CheckStatus {
  if (checks.some(({ status }) => status === "damaged")) return "damaged";
  return checks.some(({ status }) => status === "attention") ? "attention" : "ok";
}

const fine = (name: string, message: string): Check => ({ name, status: "ok", message, advice: null });
const look = (name: string, message: string, advice: string): Check => ({ name, status: "attention", message, advice });
const damaged = (name: string, message: string, advice: string): Check => ({
  name,
  status: "damaged",
  message,
  advice,
});

function checkNode({ nodeVersion }: Pick<Facts, "nodeVersion">): Check {
  const [major = 0, minor = 0] = nodeVersion.replace("v", "").split(".").map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return fine("Node", nodeVersion);
  return look("Node", `${nodeVersion} is too old`, `Install Node ${OLDEST_NODE.join(".")} or newer.`);
}

function checkDisk({ freeDiskBytes, statistics }: Facts): Check {
  if (freeDiskBytes === null) return fine("disk", "How much is free can't be told here");
  const needed = Math.max(LITTLE_DISK_BYTES, statistics.sizeBytes);
  if (freeDiskBytes >= needed) return fine("disk", `${byteSize(freeDiskBytes)} are free`);
  const advice =
    "Make room: an engine that can't write stops its workflows, and a backup needs as much as the database.";
  return look("disk", `Only ${byteSize(freeDiskBytes)} are free`, advice);
}

function checkPages({ damage, statistics }: Facts): Check {
  const found = damage.filter(({ kind }) => kind === "integrity");
  if (found.length === 0) return fine("database", `It is whole (${byteSize(statistics.sizeBytes)})`);
  return damaged("database", `It is damaged: ${firstOf(found)}`, HOW_TO_RESTORE);
}

function checkReferences({ damage }: Facts): Check {
  const found = damage.filter(({ kind }) => kind === "reference");
  if (found.length === 0) return fine("references", "Every row finds what it names");
  const advice =
    "Something else than Millrace has written here. Go back to the last backup, or ask before you delete anything.";
  return damaged("references", firstOf(found), advice);
}

function firstOf(found: readonly IntegrityFinding[]): string {
  const more = found.length > 1 ? ` (and ${found.length - 1} more)` : "";
  return `${found[0]?.message ?? ""}${more}`;
}

// A database of another version is brought to this one, or refused, when it is opened.
const checkSchema = ({ statistics }: Facts): Check =>
  fine("schema", `It is that of this version (${statistics.schemaVersion})`);

function checkLog({ statistics: { logBytes } }: Facts): Check {
  if (logBytes <= LARGE_LOG_BYTES) return fine("write-ahead log", byteSize(logBytes));
  const advice =
    "Another program reads the database without an end, so that the log grows. End that program, or restart the engine.";
  return look("write-ahead log", `It has grown to ${byteSize(logBytes)}`, advice);
}

const checkEngine = ({ engineRuns }: Facts): Check =>
  fine("engine", engineRuns ? "One runs this database" : "None runs this database now, so what is due is not done");

function* checkWork({ diagnosis, engineRuns }: Facts): Generator<Check> {
  const { unresolvedMutations, stoppedWorkflows, deadJobs, deadProducers, openNotifications } = diagnosis;
  yield judge(
    "actions",
    unresolvedMutations.map(shortId),
    "Whether each happened or not is known",
    (count) => `${count} whose outcome nobody knows`,
    "Look there whether they did, then say so: millrace needs-attention",
  );
  yield judge(
    "workflows",
    stoppedWorkflows.map(({ name, error }) => `${name} (${shorten(error, 80)})`),
    "None has stopped",
    (count) => `${count} stopped`,
    "What to do about each: millrace needs-attention",
  );
  yield judge(
    "schedules",
    [...deadJobs.map(({ id, name }) => `job ${name} (${shortId(id)})`), ...deadProducers],
    "Every enabled one ticks",
    (count) => `${count} should tick and do not`,
    "Look at its decisions (millrace jobs decisions <job>); schedule it anew, pause or cancel it. If the engine hangs, restart it.",
  );
  yield judge(
    "executions",
    diagnosis.stuckExecutions.map(shortId),
    "None has lost its worker",
    (count) => `${count} lost their worker`,
    engineRuns
      ? "The engine should have taken them up by now. Look at its log, and restart it."
      : "The next engine that starts takes them up: millrace run <file>",
  );
  yield judge(
    "runs",
    diagnosis.stuckRuns.map(shortId),
    "None was left half-done",
    (count) => `${count} were left half-done by an engine that is gone`,
    "The next engine that starts recovers them: millrace run <file>",
  );
  yield openNotifications === 0
    ? fine("notifications", "None is open")
    : look("notifications", `${openNotifications} open`, "Read them: millrace needs-attention");
}

const MOST_NAMED = 5;

function judge(
  name: string,
  found: readonly string[],
  whenFine: string,
  say: (count: number) => string,
  advice: string,
): Check {
  if (found.length === 0) return fine(name, whenFine);
  const named = found.slice(0, MOST_NAMED).join(", ");
  return look(name, `${say(found.length)}: ${named}${found.length > MOST_NAMED ? ", …" : ""}`, advice);
}
