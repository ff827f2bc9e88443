/** The `mail` connector: reads a Maildir or a folder of .eml files. It changes nothing there. */
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { convert } from "html-to-text";
import PostalMime, { type Address, type Email } from "postal-mime";
import { z } from "zod";
import { LogicError, NetworkError } from "../errors.ts";
import { defineConnector, read } from "./define-connector.ts";

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
    throw new NetworkError(`The mail folder ${folder} can't be read: ${messageOf(error)}`, {
      cause: error,
      effect: "none",
    });
  }
}

async function maildirFiles(folder: string): Promise<string[]> {
  const lists = await Promise.all(
    ["new", "cur"].map(async (part) =>
      (await readdir(join(folder, part))).filter((name) => !name.startsWith(".")).map((name) => join(part, name)),
    ),
  );
  return lists.flat();
}

/** Null for what is no file, or gone by now (a mail program may move it). */
async function describeFile(folder: string, file: string): Promise<MailFile | null> {
  try {
    const { size, ctimeMs, mtimeMs } = await stat(join(folder, file));
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
  const content = await readContent(folder, file);
  const id = `sha256:${createHash("sha256").update(content).digest("hex")}`;
  if (content.length > maxMessageBytes)
    return unreadable(file, id, `The message has ${content.length} bytes; at most ${maxMessageBytes} are read.`);
  try {
    return toMessage(file, id, await PostalMime.parse(content));
  } catch (error) {
    return unreadable(file, id, `The message can't be parsed: ${messageOf(error)}`);
  }
}

/** A Maildir's message may have been moved from `new` to `cur`, with flags added, since it was listed. */
async function readContent(folder: string, file: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, file));
  } catch (error) {
    const [unique = ""] = basename(file).split(":");
    const moved =
      isMissing(error) && (await listFiles(folder)).find((other) => basename(other.file).split(":")[0] === unique);
    if (moved) return readFile(join(folder, moved.file));
    throw new NetworkError(`The message ${file} can't be read: ${messageOf(error)}`, { cause: error, effect: "none" });
  }
}

function toMessage(file: string, hash: string, email: Email): MailMessage {
  const { messageId, subject, date, text, html, from, to, attachments } = email;
  const looksEmpty =
    email.headers.length === 0 || (from === undefined && subject === undefined && messageId === undefined);
  return {
    file,
    id: messageId ?? hash,
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

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
