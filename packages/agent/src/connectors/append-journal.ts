/**
 * Appending a line so that it can be told afterwards whether it is there.
 *
 * Before a line is appended to `out/rows.csv`, what will be written where is noted, and synced, in
 * `out/.millrace-rows.csv.journal`. After a crash the bytes at the noted place tell the truth: all there, none, or torn.
 *
 * Invariants:
 * 1. A line is written only after its note is on disk; one that is torn is cut off before anything else is written.
 * 2. A key has at most one line: an append with a key whose line is there gives that line again.
 * 3. When another program has changed the file in between, the answer is "can't tell", never a guess.
 */
import { createHash } from "node:crypto";
import { open, readFile, truncate, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";

const note = z.object({
  key: z.string(),
  /** Where the bytes begin. */
  offset: z.int().min(0),
  length: z.int().min(1),
  sha256: z.string(),
  /** The bytes had been torn, and what there was of them was cut off. */
  withdrawn: z.boolean().default(false),
});
type Note = z.output<typeof note>;

/** Where a line is. */
export interface AppendedLine {
  offset: number;
  length: number;
}

/** What can be told about the line of a key. */
export type AppendState =
  { kind: "there"; line: AppendedLine } | { kind: "absent" } | { kind: "unknown"; reason: string };

/** Appends a line (without its newline) under a key, once. The caller runs one append of a file at a time. */
export async function appendOnce(path: string, line: string, key: string): Promise<AppendedLine> {
  const state = await stateOf(path, key);
  if (state.kind === "there") return state.line;
  const { size, endsWithNewline } = await measure(path);
  const bytes = Buffer.from(`${size > 0 && !endsWithNewline ? "\n" : ""}${line}\n`);
  await addNote(path, { key, offset: size, length: bytes.length, sha256: digest(bytes), withdrawn: false });
  await writeSynced(path, bytes);
  return { offset: size, length: bytes.length };
}

/** Looks for the line of a key; what there is of a torn one is cut off. */
export async function stateOf(path: string, key: string): Promise<AppendState> {
  const notes = await readNotes(path);
  const index = notes.findLastIndex((entry) => entry.key === key);
  const found = notes[index];
  const last = notes.at(-1);
  // Whatever is asked, a torn line at the end is cut off first, so that nothing is ever appended to half a line.
  if (last && !last.withdrawn) await withdrawIfTorn(path, last);
  if (!found || found.withdrawn) return { kind: "absent" };
  const bytes = await readRange(path, found.offset, found.length);
  if (digest(bytes) === found.sha256) return { kind: "there", line: { offset: found.offset, length: found.length } };
  // Nothing was written at that place before something else was noted for it, or nothing is there at all.
  const overtaken = notes.slice(index + 1).some(({ offset }) => offset <= found.offset);
  const { size } = await measure(path);
  if (overtaken || size <= found.offset) return { kind: "absent" };
  return {
    kind: "unknown",
    reason: `${basename(path)} was changed by another program where the line should be (at byte ${found.offset}).`,
  };
}

async function withdrawIfTorn(path: string, last: Note): Promise<void> {
  const { size } = await measure(path);
  const isTorn = size > last.offset && size < last.offset + last.length;
  if (!isTorn) return;
  await addNote(path, { ...last, withdrawn: true });
  await truncate(path, last.offset);
  await sync(path);
}

function journalOf(path: string): string {
  return join(dirname(path), `.millrace-${basename(path)}.journal`);
}

async function readNotes(path: string): Promise<Note[]> {
  const text = await readFile(journalOf(path), "utf8").catch(ignoreMissing);
  // A note that is torn itself was not on disk, so nothing was written for it.
  return (text ?? "").split("\n").flatMap((entry) => {
    const parsed = note.safeParse(parseOrNull(entry));
    return parsed.success ? [parsed.data] : [];
  });
}

async function addNote(path: string, entry: Note): Promise<void> {
  // The newline in front ends whatever a crash may have left of an earlier note.
  await writeSynced(journalOf(path), Buffer.from(`\n${JSON.stringify(entry)}\n`));
}

async function writeSynced(path: string, bytes: Buffer): Promise<void> {
  await using file = await open(path, "a");
  await file.writeFile(bytes);
  await file.sync();
  await syncFolder(path);
}

async function sync(path: string): Promise<void> {
  await using file = await open(path, "r+");
  await file.sync();
}

/** A new file is there after a power cut only if its folder is synced too. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(dirname(path), "r");
  await folder.sync();
}

async function measure(path: string): Promise<{ size: number; endsWithNewline: boolean }> {
  return withFile(path, { size: 0, endsWithNewline: true }, async (file) => {
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    return { size, endsWithNewline: size === 0 || buffer[0] === 0x0a };
  });
}

async function readRange(path: string, offset: number, length: number): Promise<Buffer> {
  return withFile(path, Buffer.alloc(0), async (file) => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  });
}

async function withFile<T>(path: string, missing: T, work: (file: FileHandle) => Promise<T>): Promise<T> {
  await using file = await open(path, "r").catch(ignoreMissing);
  return file ? await work(file) : missing;
}

function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function ignoreMissing(error: unknown): null {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
  throw error;
}
