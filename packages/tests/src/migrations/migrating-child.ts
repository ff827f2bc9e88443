/** Starts processes that migrate, and looks at what one of them left behind. */
import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openDatabase } from "@millrace/db";
import BetterSqlite3 from "better-sqlite3";
import {
  createRelease,
  EVERY_KIND,
  findLoss,
  findUnsound,
  readContent,
  readSchema,
  type Content,
} from "./old-release.ts";

const PROGRAM = fileURLToPath(new URL("migrating-process.ts", import.meta.url));

/** A database of an earlier version that is copied and never opened, and what is in it. */
export interface Release {
  version: number;
  path: string;
  content: Content;
  schema: readonly string[];
  /** That of a database that is made new today. */
  freshSchema: readonly string[];
}

export interface Migrating {
  child: ChildProcess;
  /** Resolves when it has said this; gives the whole line. @throws when it ends without */
  says: (word: string) => Promise<string>;
  /** Its signal, and all that it said. */
  ended: Promise<{ signal: string | null; output: string }>;
}

export type Action = { at: number; do: "die" | "hold" } | "never";

/** @param fileBlocks the largest file that it may write, in blocks of 512 bytes */
export function startMigrating(path: string, action: Action, fileBlocks?: number): Migrating {
  const what = action === "never" ? ["never"] : [action.do, String(action.at)];
  const command = [process.execPath, "--conditions=millrace-source", PROGRAM, path, ...what];
  const limited = fileBlocks === undefined ? 'exec "$@"' : `ulimit -f ${fileBlocks}; exec "$@"`;
  const child = spawn("sh", ["-c", limited, "sh", ...command], { stdio: ["pipe", "pipe", "pipe"] });
  // Who is killed takes no more lines.
  child.stdin.on("error", () => undefined);
  let output = "";
  const listeners = new Set<() => void>();
  const hear = (piece: unknown) => {
    output += String(piece);
    for (const listener of listeners) listener();
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const ended = new Promise<{ signal: string | null; output: string }>((resolve) =>
    child.once("close", (_code, signal) => resolve({ signal, output })),
  );
  const says = (word: string) =>
    new Promise<string>((resolve, reject) => {
      const listen = () => {
        const line = output.split("\n").find((text) => text.startsWith(word));
        if (line !== undefined && output.includes(`${line}\n`)) resolve(line);
      };
      listeners.add(listen);
      listen();
      void ended.then(() => reject(new Error(`It ended without "${word}": ${output}`)));
    });
  return { child, says, ended };
}

/** Makes a folder for a work and takes it away afterwards. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-migrating-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function prepareRelease(folder: string, version: number, count = EVERY_KIND): Promise<Release> {
  const [path, fresh] = [join(folder, `release-${version}-${count}.sqlite`), join(folder, "fresh.sqlite")];
  await createRelease(path, version, count);
  if (!existsSync(fresh)) await (await openDatabase(`sqlite:${fresh}`)).close();
  return { version, path, ...look(path), freshSchema: look(fresh).schema };
}

/** Copies a database with its log, if it has one. */
export function copyDatabase(from: string, to: string): void {
  for (const suffix of ["", "-wal"]) {
    rmSync(`${to}${suffix}`, { force: true });
    if (existsSync(`${from}${suffix}`)) cpSync(`${from}${suffix}`, `${to}${suffix}`);
  }
}

/** What is in a database; looks at a file that nobody else needs, for looking puts the log into it. */
function look(path: string) {
  const connection = new BetterSqlite3(path);
  try {
    return { content: readContent(connection), schema: readSchema(connection), unsound: findUnsound(connection) };
  } finally {
    connection.close();
  }
}

/**
 * What is wrong with what a process left that died: it must be the old database, or the new one, and whole. Looks at a
 * copy that nobody needs any more.
 */
export function findHalfDone(path: string, release: Release): string[] {
  const { content, schema, unsound } = look(path);
  if (String(schema) === String(release.freshSchema)) return findLossSince(path, release);
  const changed = Object.keys(release.content).filter((column) => content[column] !== release.content[column]);
  return [
    ...unsound,
    ...changed.map((column) => `${column} was changed before it died`),
    ...(String(schema) === String(release.schema) ? [] : ["the schema is neither the old nor the new one"]),
  ];
}

export const findLossSince = (path: string, { content, version, freshSchema }: Release): string[] =>
  findLoss(path, content, version, freshSchema);

/** Opens what a dead process left, as the next start does; gives what is wrong then. */
export async function findLossAfterOpening(path: string, release: Release): Promise<string[]> {
  copyDatabase(path, `${path}-copy`);
  const halfDone = findHalfDone(`${path}-copy`, release);
  await (await openDatabase(`sqlite:${path}`)).close();
  return [...halfDone, ...findLossSince(path, release)];
}
