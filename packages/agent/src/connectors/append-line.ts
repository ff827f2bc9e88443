/**
 * Appending a line so that it can be told afterwards whether it is there.
 *
 * Before a line is appended, what will be written where is noted, and synced, in a journal beside the file. After a
 * crash the bytes at the noted place tell the truth: all there, none, torn (then cut off), or something else.
 *
 * Boundary: one call for a file at a time, by one process; other programs may append, or change the file, meanwhile.
 * Invariants:
 * 1. What became of an append is decided and noted before the next one of the file begins.
 * 2. A key has at most one line: an append with a key whose line is there gives that line again.
 * 3. Only a part of a line of ours, at the end of the file, is ever cut off.
 * 4. Where another program's change leaves it open, the answer is "unclear". Whoever appends again under such a key has
 *    found out otherwise that its line is not there.
 */
import { basename, dirname } from "node:path";
import type { Effect } from "../errors.ts";
import { AppendJournal, type Intent, type Verdict } from "./append-journal.ts";
import type { Disk, FileState } from "./disk.ts";
import { findLine } from "./find-line.ts";

/** Where a line is. */
export interface AppendedLine {
  offset: number;
  /** With its newline. */
  length: number;
}

/** What can be told about the line of a key. */
export type AppendState =
  { kind: "there"; line: AppendedLine } | { kind: "absent" } | { kind: "unclear"; reason: string };

/** The line could not be appended. */
export class AppendError extends Error {
  readonly effect: Effect;

  constructor(effect: Effect, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = "AppendError";
    this.effect = effect;
  }
}

/** So many journals are kept in memory; others are read again when they are needed. */
const MAX_JOURNALS = 32;

export class LineAppender {
  private readonly disk: Disk;
  private readonly journals = new Map<string, AppendJournal>();

  constructor(disk: Disk) {
    this.disk = disk;
  }

  /** Appends a line (without its newline) under a key, once. @throws AppendError */
  async append(path: string, line: string, key: string): Promise<AppendedLine> {
    const begun = await this.begin(path, line, key).catch((error: unknown) => {
      this.journals.delete(path);
      throw new AppendError("none", error);
    });
    if ("line" in begun) return begun.line;
    await this.write(path, begun.journal, begun.intent);
    const appended = await this.locate(path, begun.intent);
    await this.note(path, begun.journal, { is: "done", key, ...appended });
    return appended;
  }

  /** What became of the append of a key; what there is of a torn line is cut off. */
  async stateOf(path: string, key: string): Promise<AppendState> {
    const journal = await this.journalOf(path);
    const { intent } = journal;
    if (intent?.key !== key) return toState(journal.verdict(key));
    const verdict = await this.decide(path, intent);
    await this.note(path, journal, verdict);
    return toState(verdict);
  }

  /** Decides what is open, and notes what is going to be written, unless the line is there already. */
  private async begin(
    path: string,
    line: string,
    key: string,
  ): Promise<{ line: AppendedLine } | { journal: AppendJournal; intent: Intent }> {
    const journal = await this.journalOf(path);
    if (journal.intent) await journal.settle(await this.decide(path, journal.intent));
    const state = toState(journal.verdict(key));
    if (state.kind === "there") return { line: state.line };
    const { size, identity } = (await this.disk.stat(path)) ?? (await this.create(path));
    const endsLine = size === 0 || (await this.disk.read(path, size - 1, 1))[0] === 0x0a;
    const text = `${endsLine ? "" : "\n"}${line}\n`;
    return { journal, intent: await journal.intend({ key, offset: size, file: identity, text }) };
  }

  private async create(path: string): Promise<FileState> {
    await this.disk.append(path, Buffer.alloc(0));
    await this.disk.syncFolder(dirname(path));
    const created = await this.disk.stat(path);
    if (!created) throw new Error(`another program has removed ${basename(path)}`);
    return created;
  }

  private async write(path: string, journal: AppendJournal, intent: Intent): Promise<void> {
    try {
      await this.disk.append(path, Buffer.from(intent.text));
    } catch (error) {
      throw new AppendError(await this.withdraw(path, journal, intent), error);
    }
    await this.disk.sync(path).catch((error: unknown) => {
      throw new AppendError("unknown", error);
    });
  }

  /** After a failed write: cuts off what there is of the line. If that succeeds, nothing happened. */
  private async withdraw(path: string, journal: AppendJournal, intent: Intent): Promise<Effect> {
    try {
      const verdict = await this.decide(path, intent);
      await this.note(path, journal, verdict);
      return verdict.is === "withdrawn" ? "none" : "unknown";
    } catch {
      // The disk fails in this, too: the file is looked at again when somebody asks.
      return "unknown";
    }
  }

  /** What the file says about an append that was not finished, made true for good. */
  private async decide(path: string, intent: Intent): Promise<Verdict> {
    const finding = await findLine(this.disk, path, intent);
    const { key } = intent;
    switch (finding.is) {
      case "there":
        await this.disk.sync(path);
        return { is: "done", key, ...lineOf(intent, intent.offset) };
      case "torn":
        await this.disk.truncate(path, intent.offset);
        await this.disk.sync(path);
        return { is: "withdrawn", key };
      case "absent":
        return { is: "withdrawn", key };
      case "unclear":
        return { is: "unclear", key, reason: finding.reason };
    }
  }

  /** Where a line is that was written: not at the noted place if another program appended just before. */
  private async locate(path: string, intent: Intent): Promise<AppendedLine> {
    const expected = lineOf(intent, intent.offset);
    try {
      const state = await this.disk.stat(path);
      const bytes = await this.disk.read(path, intent.offset, Math.max(0, (state?.size ?? 0) - intent.offset));
      const index = bytes.lastIndexOf(intent.text);
      return index > 0 ? lineOf(intent, intent.offset + index) : expected;
    } catch {
      // It has been written; that it can't be read now changes nothing about that.
      return expected;
    }
  }

  /** A verdict that can't be noted is found again in the file. */
  private async note(path: string, journal: AppendJournal, verdict: Verdict): Promise<void> {
    await journal.settle(verdict).catch(() => this.journals.delete(path));
  }

  private async journalOf(path: string): Promise<AppendJournal> {
    const known = this.journals.get(path);
    this.journals.delete(path);
    const journal = known && (await known.isCurrent()) ? known : await AppendJournal.open(this.disk, path);
    this.journals.set(path, journal);
    const [oldest] = this.journals.keys();
    if (this.journals.size > MAX_JOURNALS && oldest !== undefined) this.journals.delete(oldest);
    return journal;
  }
}

/** Without the newline that may stand in front of it. */
function lineOf({ text }: Intent, offset: number): AppendedLine {
  const front = text.startsWith("\n") ? 1 : 0;
  return { offset: offset + front, length: Buffer.byteLength(text) - front };
}

function toState(verdict: Verdict | null): AppendState {
  switch (verdict?.is) {
    case "done":
      return { kind: "there", line: { offset: verdict.offset, length: verdict.length } };
    case "unclear":
      return { kind: "unclear", reason: verdict.reason };
    case "withdrawn":
    case undefined:
      return { kind: "absent" };
  }
}
