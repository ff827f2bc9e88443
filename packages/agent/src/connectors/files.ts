/** The `files` connector: appends lines and writes files inside one folder, and can tell afterwards whether it did. */
import { createHash } from "node:crypto";
import { open, readFile, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { ClassifiedError, LogicError, NetworkError } from "../errors.ts";
import { appendOnce, stateOf, syncFolder } from "./append-journal.ts";
import { confinedPath } from "./confined-path.ts";
import { applied, defineConnector, inconclusive, mutation, notApplied, read } from "./define-connector.ts";

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

const lineParams = z.object({
  path: z.string(),
  line: z.string().regex(/^[^\r\n]*$/, "must be one line, without line breaks"),
  /** What it does, in words. */
  title: z.string().optional(),
});
const writeParams = z.object({ path: z.string(), content: z.string(), title: z.string().optional() });

const DEFAULT_MAX_READ_BYTES = 16 * 1024 * 1024;

/** Makes a `files` connector. */
export function files({ root, name = "files", maxReadBytes = DEFAULT_MAX_READ_BYTES, approval }: FilesOptions) {
  const terms = approval ? { approval } : {};
  return defineConnector({
    name,
    operations: {
      /** Reads a text file; null if there is none. */
      readText: read({
        params: z.object({ path: z.string() }),
        execute: ({ path }) => readText(root, path, maxReadBytes),
      }),
      /** Appends one line. */
      appendLine: mutation({
        params: lineParams,
        execute: ({ path, line }, { idempotencyKey }) =>
          inTurn(root, path, (target) => classified(path, () => appendOnce(target, line, idempotencyKey))),
        reconcile: ({ path }, key) =>
          inTurn(root, path, async (target) => {
            const state = await stateOf(target, key);
            if (state.kind === "there") return applied(state.line);
            return state.kind === "absent" ? notApplied() : inconclusive(state.reason);
          }),
        describe: ({ path, title }) => title ?? `append a line to ${path}`,
        ...terms,
      }),
      /** Writes a whole file, in one step: it is there completely or not at all. */
      write: mutation({
        params: writeParams,
        execute: ({ path, content }, { idempotencyKey }) =>
          inTurn(root, path, (target) => classified(path, () => writeAtOnce(target, content, idempotencyKey))),
        reconcile: ({ path, content }) =>
          inTurn(root, path, async () => {
            const found = await readText(root, path, maxReadBytes);
            return found === content ? applied({ bytes: Buffer.byteLength(content) }) : notApplied();
          }),
        describe: ({ path, title }) => title ?? `write ${path}`,
        ...terms,
      }),
    },
  });
}

async function readText(root: string, path: string, maxReadBytes: number): Promise<string | null> {
  const target = await locate(root, path);
  try {
    const content = await readFile(target);
    if (content.length > maxReadBytes)
      throw new LogicError(`"${path}" has ${content.length} bytes; at most ${maxReadBytes} are read.`);
    return content.toString("utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error instanceof ClassifiedError ? error : toNetworkError(path, error);
  }
}

async function writeAtOnce(target: string, content: string, key: string): Promise<{ bytes: number }> {
  const suffix = createHash("sha256").update(key).digest("hex").slice(0, 12);
  const temporary = join(dirname(target), `.millrace-${basename(target)}.${suffix}.tmp`);
  await writeSynced(temporary, content);
  await rename(temporary, target);
  await syncFolder(target);
  return { bytes: Buffer.byteLength(content) };
}

async function writeSynced(path: string, content: string): Promise<void> {
  await using file = await open(path, "w");
  await file.writeFile(content);
  await file.sync();
}

/** A failed write leaves unknown how much was written; `reconcile` looks. What failed before it began did nothing. */
async function classified<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw toNetworkError(path, error);
  }
}

/** These come from opening a file, before anything is written. */
const BEFORE_WRITING = new Set(["EACCES", "EPERM", "EROFS", "EISDIR", "ENOTDIR", "EMFILE", "ENFILE", "ELOOP"]);

function toNetworkError(path: string, error: unknown): NetworkError {
  const effect = BEFORE_WRITING.has(codeOf(error) ?? "") ? ("none" as const) : ("unknown" as const);
  return new NetworkError(`"${path}" can't be written: ${messageOf(error)}`, { cause: error, effect });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}

/** Nothing has been written when a path can't be had. */
async function locate(root: string, path: string): Promise<string> {
  try {
    return await confinedPath(root, path);
  } catch (error) {
    if (error instanceof ClassifiedError) throw error;
    throw new NetworkError(`"${path}" can't be reached: ${messageOf(error)}`, { cause: error, effect: "none" });
  }
}

const turns = new Map<string, Promise<unknown>>();

/** Runs what concerns one file one after another, in this whole process, whatever becomes of each. */
async function inTurn<T>(root: string, path: string, work: (target: string) => Promise<T>): Promise<T> {
  const target = await locate(root, path);
  const result = (turns.get(target) ?? Promise.resolve()).then(() => work(target));
  const settled = result.catch(() => undefined);
  turns.set(target, settled);
  void settled.then(() => {
    if (turns.get(target) === settled) turns.delete(target);
  });
  return result;
}
