/** The `mail` connector: reads a Maildir or a folder of .eml files. It changes nothing there. */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { convert } from "html-to-text";
import PostalMime, { type Address, type Email } from "postal-mime";
import { z } from "zod";
import { LogicError, NetworkError } from "../errors.ts";
import { confinedFolderPath } from "./confined-path.ts";
import { defineConnector, read } from "./define-connector.ts";
import { codeOf, isMissing } from "./file-errors.ts";

export interface MailOptions {
  /** A Maildir (it has `new` and `cur`), or a folder of .eml files. */
  folder: string;
  /** Default `mail`. */
  name?: string;
  /** A larger message is listed, but read as one with a problem. Default 25 MiB. */
  maxMessageBytes?: number;
}

/** A message in the folder, not yet read. */
export interface MailFile {
  /** Relative to the folder. */
  file: string;
  size: number;
  /** When the file came to be as it is, in Unix milliseconds. */
  changedAt: number;
}

export interface MailMessage {
  file: string;
  /** The Message-ID, or a hash of the content where there is none: the same message has the same id. */
  id: string;
  messageId: string | null;
  from: { name: string; address: string } | null;
  to: { name: string; address: string }[];
  subject: string;
  /** ISO 8601; null if there is none, or none that can be read. */
  date: string | null;
  /** The text of the message, made from its HTML where it has none of its own. */
  text: string;
  html: string;
  attachments: { filename: string | null; contentType: string; size: number }[];
  /** Why the message could not be read as it should; null if it could. */
  problem: string | null;
}

const cursor = z.object({ until: z.number(), recent: z.array(z.string()) });
/** Where a listing ended; kept by the caller and given to the next one. */
export type MailCursor = z.output<typeof cursor>;

const DEFAULT_MAX_MESSAGE_BYTES = 25 * 1024 * 1024;
/** The longest line of a mail, by RFC 5322; a longer Message-ID would be the key of an input. */
const LONGEST_ID = 998;
/** A link is not followed, and a pipe that nobody writes into is not waited for. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const HTML_SELECTORS = [
  { selector: "table", format: "dataTable" },
  { selector: "img", format: "skip" },
];
/** Files that changed this long before the last listing are looked at again, should the clock have gone back. */
const OVERLAP_MS = 24 * 60 * 60 * 1_000;

/** Makes a `mail` connector. */
export function mail(options: MailOptions) {
  return defineConnector({
    name: options.name ?? "mail",
    operations: {
      /** What is new since the cursor, oldest first, without reading it. */
      list: read({
        params: z.object({ cursor: cursor.optional() }),
        execute: ({ cursor: after }) => listNew(options.folder, after ?? { until: 0, recent: [] }),
      }),
      /** Reads one message. A malformed one is given with its `problem`. */
      read: read({
        params: z.object({ file: z.string() }),
        execute: ({ file }) => readMessage(options, file),
      }),
    },
  });
}

async function listNew(folder: string, after: MailCursor): Promise<{ files: MailFile[]; cursor: MailCursor }> {
  const all = await listFiles(folder);
  const seen = new Set(after.recent);
  const candidates = all.filter(({ changedAt }) => changedAt > after.until - OVERLAP_MS);
  const files = candidates
    .filter((file) => !seen.has(fingerprint(file)))
    .toSorted((a, b) => a.changedAt - b.changedAt || a.file.localeCompare(b.file));
  const until = Math.max(after.until, ...candidates.map(({ changedAt }) => changedAt));
  const recent = candidates.filter(({ changedAt }) => changedAt > until - OVERLAP_MS).map(fingerprint);
  return { files, cursor: { until, recent } };
}

/** The same for the same file with the same content; short, because a day's worth of them is kept. */
function fingerprint({ file, size, changedAt }: MailFile): string {
  return createHash("sha256").update(`${file}\n${size}\n${changedAt}`).digest("base64url").slice(0, 16);
}

async function listFiles(folder: string): Promise<MailFile[]> {
  try {
    const names = await readdir(folder);
    const isMaildir = names.includes("new") && names.includes("cur");
    const files = isMaildir ? await maildirFiles(folder) : names.filter((name) => /^[^.].*\.eml$/i.test(name));
    const stats = await Promise.all(files.map((file) => describeFile(folder, file)));
    return stats.filter((file) => file !== null);
  } catch (error) {
    if (error instanceof LogicError) throw error;
    throw new NetworkError(`The mail folder ${folder} can't be read: ${messageOf(error)}`, {
      cause: error,
      effect: "none",
    });
  }
}

async function maildirFiles(folder: string): Promise<string[]> {
  const lists = await Promise.all(
    ["new", "cur"].map(async (part) => {
      const names = await readdir(await confinedFolderPath(folder, part));
      return names.filter((name) => !name.startsWith(".")).map((name) => join(part, name));
    }),
  );
  return lists.flat();
}

/** Null for what is gone by now (a mail program may move it). What is no file is listed, and has a problem when read. */
async function describeFile(folder: string, file: string): Promise<MailFile | null> {
  try {
    const { size, ctimeMs, mtimeMs } = await lstat(await pathOf(folder, file));
    // The change time can't be set by those who copy old files here, so nothing arrives "in the past".
    return { file, size, changedAt: Math.max(ctimeMs, mtimeMs) };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function readMessage(
  { folder, maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES }: MailOptions,
  file: string,
): Promise<MailMessage> {
  const parts = file.split(/[\\/]/);
  if (parts.includes("..") || file.startsWith("/") || file.includes("\0"))
    throw new LogicError(`"${file}" is not in the mail folder.`);
  const content = await readContent(folder, file, maxMessageBytes);
  if (typeof content === "string") return unreadable(file, hashOf(uniqueName(file)), content);
  const id = hashOf(content);
  try {
    return toMessage(file, id, await PostalMime.parse(content));
  } catch (error) {
    return unreadable(file, id, `The message can't be parsed: ${messageOf(error)}`);
  }
}

/**
 * A Maildir's message may have been moved from `new` to `cur`, with flags added, since it was listed.
 * @returns the content; in words, why this file is not read whenever it is tried
 */
async function readContent(folder: string, file: string, maxBytes: number): Promise<Buffer | string> {
  try {
    return await readOrdinaryFile(folder, file, maxBytes);
  } catch (error) {
    if (error instanceof LogicError) throw error;
    const moved =
      isMissing(error) && (await listFiles(folder)).find((other) => uniqueName(other.file) === uniqueName(file));
    if (moved) return readOrdinaryFile(folder, moved.file, maxBytes);
    throw new NetworkError(`The message ${file} can't be read: ${messageOf(error)}`, { cause: error, effect: "none" });
  }
}

/** What the file system says of that which is no ordinary file, or not ours to read. A change of either lists it anew. */
const LASTING = new Set(["ELOOP", "EACCES", "EPERM", "EISDIR", "ENXIO", "ENOTDIR", "ENAMETOOLONG"]);

async function readOrdinaryFile(folder: string, file: string, maxBytes: number): Promise<Buffer | string> {
  try {
    const handle = await open(await pathOf(folder, file), READ_FLAGS);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) return "It is no ordinary file.";
      if (stats.size > maxBytes) return `The message has ${stats.size} bytes; at most ${maxBytes} are read.`;
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = codeOf(error);
    if (code !== null && LASTING.has(code)) return `It is no ordinary file that may be read (${code}).`;
    throw error;
  }
}

/** Where a file really is. Its name may be in another encoding than UTF-8, and is then found by how it reads. */
async function pathOf(folder: string, file: string): Promise<string | Buffer> {
  const [inside, name] = [await confinedFolderPath(folder, dirname(file)), basename(file)];
  if (!name.includes("\ufffd")) return join(inside, name);
  const raw = (await readdir(inside, { encoding: "buffer" })).find((other) => other.toString() === name);
  return raw ? Buffer.concat([Buffer.from(inside + sep), raw]) : join(inside, name);
}

/** What stays of a Maildir's file name when flags are added. */
const uniqueName = (file: string) => basename(file).split(":")[0] ?? "";

const hashOf = (content: Buffer | string) => `sha256:${createHash("sha256").update(content).digest("hex")}`;

function toMessage(file: string, hash: string, email: Email): MailMessage {
  const { messageId, subject, date, text, html, from, to, attachments } = email;
  const looksEmpty =
    email.headers.length === 0 || (from === undefined && subject === undefined && messageId === undefined);
  return {
    file,
    id: messageId !== undefined && messageId.length <= LONGEST_ID ? messageId : hash,
    messageId: messageId ?? null,
    from: from ? (mailboxes(from)[0] ?? null) : null,
    to: (to ?? []).flatMap(mailboxes),
    subject: subject ?? "",
    date: date !== undefined && !Number.isNaN(Date.parse(date)) ? new Date(date).toISOString() : null,
    text: text ?? (html === undefined ? "" : convert(html, { wordwrap: false, selectors: HTML_SELECTORS })),
    html: html ?? "",
    attachments: attachments.map(({ filename, mimeType, content }) => ({
      filename,
      contentType: mimeType,
      size: typeof content === "string" ? Buffer.byteLength(content) : content.byteLength,
    })),
    problem: looksEmpty ? "The message has neither a sender nor a subject: it may be no mail at all." : null,
  };
}

function mailboxes(address: Address): { name: string; address: string }[] {
  if (address.group) return address.group.map(({ name, address: own }) => ({ name, address: own }));
  return [{ name: address.name, address: address.address ?? "" }];
}

function unreadable(file: string, id: string, problem: string): MailMessage {
  return {
    file,
    id,
    messageId: null,
    from: null,
    to: [],
    subject: "",
    date: null,
    text: "",
    html: "",
    attachments: [],
    problem,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
