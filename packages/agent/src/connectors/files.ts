/** The `files` connector: appends lines and writes files inside one folder, and can tell afterwards whether it did. */
import { createHash } from "node:crypto";
import { open, readdir } from "node:fs/promises";
import { z } from "zod";
import { LogicError, NetworkError, type Effect } from "../errors.ts";
import { DamagedJournalError } from "./append-journal.ts";
import { AppendError, LineAppender, type AppendState } from "./append-line.ts";
import { confinedFolderPath, confinedPath, OWN_PREFIX } from "./confined-path.ts";
import {
  applied,
  defineConnector,
  inconclusive,
  mutation,
  notApplied,
  read,
  type CallContext,
  type ReconcileAnswer,
} from "./define-connector.ts";
import { realDisk } from "./disk.ts";
import { fileFailure, isMissing } from "./file-errors.ts";
import { holds, NotReplacedError, replaceFile } from "./replace-file.ts";

export interface FilesOptions {
  /** The folder that holds everything it may touch; made if it is missing. */
  root: string;
  /** Default `files`. */
  name?: string;
  /** The largest file that is read, in bytes. Default 16 MiB. */
  maxReadBytes?: number;
  /** `required`: a person must approve each mutation. */
  approval?: "required";
}

/** What is in a folder. */
export interface FolderEntry {
  name: string;
  kind: "file" | "folder";
}

const pathParams = z.object({ path: z.string() });
const lineParams = pathParams.extend({
  line: z.string().regex(/^[^\r\n]*$/, "must be one line, without line breaks"),
  /** What it does, in words. */
  title: z.string().optional(),
});
const writeParams = pathParams.extend({ content: z.string(), title: z.string().optional() });

const DEFAULT_MAX_READ_BYTES = 16 * 1024 * 1024;

/** Makes a `files` connector. */
export function files({ root, name = "files", maxReadBytes = DEFAULT_MAX_READ_BYTES, approval }: FilesOptions) {
  const terms = approval ? { approval } : {};
  return defineConnector({
    name,
    operations: {
      /** Reads a text file; null if there is none. */
      readText: read({ params: pathParams, execute: ({ path }) => readText(root, path, maxReadBytes) }),
      /** Lists a folder, the root itself without a path; empty if there is none. */
      list: read({
        params: z.object({ path: z.string().default("") }),
        execute: ({ path }) => listFolder(root, path),
      }),
      /** Appends one line. */
      appendLine: mutation({
        params: lineParams,
        execute: ({ path, line }, context) =>
          inTurn(root, path, context, (target) => appendLine(target, path, line, context.idempotencyKey)),
        reconcile: ({ path }, key, context) =>
          inTurn(root, path, context, (target) => reconcileAppend(target, path, key)),
        describe: ({ path, title }) => title ?? `append a line to ${path}`,
        ...terms,
      }),
      /** Writes a whole file, in one step: it is there completely or not at all. */
      write: mutation({
        params: writeParams,
        execute: ({ path, content }, context) =>
          inTurn(root, path, context, (target) => writeFile(target, path, content, context.idempotencyKey)),
        reconcile: ({ path, content }, _key, context) =>
          inTurn(root, path, context, (target) => reconcileWrite(target, path, content)),
        describe: ({ path, title }) => title ?? `write ${path}`,
        ...terms,
      }),
    },
  });
}

async function readText(root: string, path: string, maxReadBytes: number): Promise<string | null> {
  try {
    const target = await confinedPath(root, path, false);
    await using file = await open(target, "r");
    const { size } = await file.stat();
    if (size > maxReadBytes) throw new LogicError(`"${path}" has ${size} bytes; at most ${maxReadBytes} are read.`);
    return await file.readFile("utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw fileFailure(`"${path}" can't be read`, error, "none");
  }
}

async function listFolder(root: string, path: string): Promise<FolderEntry[]> {
  try {
    const entries = await readdir(await confinedFolderPath(root, path), { withFileTypes: true });
    return entries
      .filter((entry) => !entry.name.startsWith(OWN_PREFIX) && (entry.isFile() || entry.isDirectory()))
      .map((entry): FolderEntry => ({ name: entry.name, kind: entry.isFile() ? "file" : "folder" }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileFailure(`"${path}" can't be listed`, error, "none");
  }
}

const appender = new LineAppender(realDisk);

async function appendLine(target: string, path: string, line: string, key: string) {
  try {
    return await appender.append(target, line, key);
  } catch (error) {
    const effect: Effect = error instanceof AppendError ? error.effect : "unknown";
    throw fileFailure(`"${path}" can't be appended to`, error instanceof AppendError ? error.cause : error, effect);
  }
}

async function reconcileAppend(target: string, path: string, key: string) {
  try {
    return toAnswer(await appender.stateOf(target, key));
  } catch (error) {
    if (error instanceof DamagedJournalError) return inconclusive(error.message);
    throw fileFailure(`"${path}" can't be looked at`, error, "unknown");
  }
}

function toAnswer(state: AppendState) {
  switch (state.kind) {
    case "there":
      return applied(state.line);
    case "absent":
      return notApplied();
    case "unclear":
      return inconclusive(state.reason);
  }
}

async function writeFile(target: string, path: string, text: string, key: string): Promise<{ bytes: number }> {
  const content = Buffer.from(text);
  // Two calls must not share a temporary file, and a repetition must not leave another one behind.
  const suffix = createHash("sha256").update(key).digest("hex").slice(0, 12);
  try {
    await replaceFile(realDisk, target, content, suffix);
    return { bytes: content.length };
  } catch (error) {
    if (error instanceof NotReplacedError) throw fileFailure(`"${path}" can't be written`, error.cause, "none");
    throw fileFailure(`"${path}" can't be written`, error, "unknown");
  }
}

async function reconcileWrite(target: string, path: string, text: string): Promise<ReconcileAnswer<{ bytes: number }>> {
  const content = Buffer.from(text);
  try {
    return (await holds(realDisk, target, content)) ? applied({ bytes: content.length }) : notApplied();
  } catch (error) {
    throw fileFailure(`"${path}" can't be looked at`, error, "unknown");
  }
}

const turns = new Map<string, Promise<unknown>>();

/** Runs what concerns one file one after another, in this whole process, whatever becomes of each. */
async function inTurn<T>(
  root: string,
  path: string,
  { signal }: CallContext,
  work: (target: string) => Promise<T>,
): Promise<T> {
  const target = await confinedPath(root, path, true).catch((error: unknown) => {
    throw fileFailure(`"${path}" can't be reached`, error, "none");
  });
  const result = (turns.get(target) ?? Promise.resolve()).then(() => {
    if (signal.aborted)
      throw new NetworkError(`"${path}" was not touched: its turn came too late.`, { effect: "none" });
    return work(target);
  });
  const settled = result.catch(() => undefined);
  turns.set(target, settled);
  void settled.then(() => {
    if (turns.get(target) === settled) turns.delete(target);
  });
  return result;
}
