/**
 * The journal beside a file that lines are appended to: which key's line is where, and which append is under way.
 *
 * Job: to remember, across crashes. What the remembered means for the file is decided in append-line.ts.
 * Invariants:
 * 1. At most one append is under way; its intent is on disk, synced, before the line is written.
 * 2. Later records overrule earlier ones of the same key. What is done or unclear is never forgotten.
 * 3. A record that a crash tore is cut off before the next is written. A power cut may leave the record that was written
 *    last and tear the one before it, for these two alone are not synced yet: so an intent repeats the verdict before it.
 *    Damage anywhere else is an error, never skipped.
 */
import { dirname, basename, join } from "node:path";
import { z } from "zod";
import { LogicError } from "../errors.ts";
import { OWN_PREFIX } from "./confined-path.ts";
import type { Disk, FileState } from "./disk.ts";
import { replaceFile } from "./replace-file.ts";

const done = z.object({ is: z.literal("done"), key: z.string(), offset: z.int().min(0), length: z.int().min(1) });
const unclear = z.object({ is: z.literal("unclear"), key: z.string(), reason: z.string() });
const withdrawn = z.object({ is: z.literal("withdrawn"), key: z.string() });
const verdictRecord = z.discriminatedUnion("is", [done, unclear, withdrawn]);
const intent = z.object({
  is: z.literal("intended"),
  key: z.string(),
  /** Where the bytes are to be. */
  offset: z.int().min(0),
  /** Which file it is: another one may be in its place by the time somebody asks. */
  file: z.string(),
  /** The bytes: the line with its newline, and one in front where the file did not end with one. */
  text: z.string(),
  /** The verdict before it, once more. */
  after: verdictRecord.optional(),
});
const record = z.union([intent, verdictRecord]);

type JournalRecord = z.output<typeof record>;
export type Intent = z.output<typeof intent>;
/** What became of the append of a key. */
export type Verdict = z.output<typeof verdictRecord>;

/** The journal can't be read, so nothing is appended and nothing is said about what was. */
export class DamagedJournalError extends LogicError {
  constructor(path: string, offset: number) {
    super(
      `The journal ${path} is damaged at byte ${offset}. Find out by looking at the file itself which lines are there, then move the journal away.`,
    );
  }
}

/** Below this size a journal is not worth rewriting. */
const SMALL_BYTES = 256 * 1024;
/** It is rewritten when it is this many times as large as what it has to remember. */
const SLACK = 3;

export class AppendJournal {
  private readonly disk: Disk;
  private readonly path: string;
  private readonly verdicts = new Map<string, Verdict>();
  private underWay: Intent | null = null;
  /** The record that is last, if it is a verdict. */
  private lastVerdict: Verdict | null = null;
  private state: FileState | null = null;
  /** How large it would be with nothing but what has to be remembered. */
  private essentialBytes = 0;

  private constructor(disk: Disk, path: string) {
    this.disk = disk;
    this.path = path;
  }

  /** @throws DamagedJournalError */
  static async open(disk: Disk, file: string): Promise<AppendJournal> {
    const journal = new AppendJournal(disk, join(dirname(file), `${OWN_PREFIX}${basename(file)}.keys`));
    await journal.load();
    return journal;
  }

  get intent(): Intent | null {
    return this.underWay;
  }

  verdict(key: string): Verdict | null {
    return this.verdicts.get(key) ?? null;
  }

  /** Whether what is in memory is what is on disk. */
  async isCurrent(): Promise<boolean> {
    const state = await this.disk.stat(this.path);
    return state?.size === this.state?.size && state?.identity === this.state?.identity;
  }

  /** Says, for good, what is going to be written where. */
  async intend(intended: Omit<Intent, "is" | "after">): Promise<Intent> {
    const isNew = this.state === null;
    const after = this.lastVerdict;
    const entry: Intent = { is: "intended", ...intended, ...(after && { after }) };
    await this.add(entry);
    await this.disk.sync(this.path);
    if (isNew) await this.disk.syncFolder(dirname(this.path));
    return entry;
  }

  /** Says what became of it. Should a power cut lose this, the file is looked at again. */
  async settle(verdict: Verdict): Promise<void> {
    await this.add(verdict);
    if ((this.state?.size ?? 0) > Math.max(SMALL_BYTES, SLACK * this.essentialBytes)) await this.compact();
  }

  private async load(): Promise<void> {
    const state = await this.disk.stat(this.path);
    if (!state) return;
    const content = await this.disk.read(this.path, 0, state.size);
    const whole = this.readRecords(content);
    if (whole < content.length) await this.disk.truncate(this.path, whole);
    this.state = { ...state, size: whole };
  }

  /** Gives where the last whole record ends. */
  private readRecords(content: Buffer): number {
    let start = 0;
    let damagedAt: number | null = null;
    for (let end = content.indexOf(0x0a); end >= 0; end = content.indexOf(0x0a, start)) {
      const parsed = record.safeParse(parseOrNull(content.toString("utf8", start, end)));
      if (parsed.success) {
        if (damagedAt !== null) this.makeUp(parsed.data, damagedAt, start);
        damagedAt = null;
        this.take(parsed.data, end + 1 - start);
      } else damagedAt ??= start;
      start = end + 1;
    }
    return damagedAt ?? start;
  }

  /** What was torn is repeated by what follows it. @throws DamagedJournalError when it is not */
  private makeUp(following: JournalRecord, damagedAt: number, end: number): void {
    const repeated = following.is === "intended" ? following.after : undefined;
    if (!repeated || repeated.key !== this.underWay?.key) throw new DamagedJournalError(this.path, damagedAt);
    this.take(repeated, end - damagedAt);
  }

  private async add(entry: JournalRecord): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(entry)}\n`);
    await this.disk.append(this.path, bytes);
    this.state = { identity: await this.identity(), size: (this.state?.size ?? 0) + bytes.length };
    this.take(entry, bytes.length);
  }

  private async identity(): Promise<string> {
    return this.state?.identity ?? (await this.disk.stat(this.path))?.identity ?? "";
  }

  private take(entry: JournalRecord, bytes: number): void {
    if (entry.is === "intended") {
      this.underWay = entry;
      this.lastVerdict = null;
      return;
    }
    this.underWay = null;
    this.lastVerdict = entry;
    if (entry.is === "withdrawn") {
      this.verdicts.delete(entry.key);
      return;
    }
    this.verdicts.set(entry.key, entry);
    this.essentialBytes += bytes;
  }

  private async compact(): Promise<void> {
    const lines = [...this.verdicts.values()].map((verdict) => `${JSON.stringify(verdict)}\n`);
    const content = Buffer.from(lines.join(""));
    await replaceFile(this.disk, this.path, content, "compact");
    this.essentialBytes = content.length;
    this.state = await this.disk.stat(this.path);
  }
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
