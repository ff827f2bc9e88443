/**
 * A disk in memory that crashes in the middle of a chosen step, or refuses it. What a process killed at that point
 * leaves is what was written; what a power cut leaves is what was synced, and by chance more.
 */
import { dirname } from "node:path";
import type { Disk, FileState } from "../disk.ts";

interface StoredFile {
  identity: string;
  /** What programs see. */
  content: Buffer;
  /** What was synced. */
  synced: Buffer;
}

type Names = Map<string, StoredFile>;

/** At which step something goes wrong, and how much of it is done by then. */
export interface Trouble {
  step: number;
  /** From 0 (none) to 1 (all). */
  part: number;
  /** `crash`: nothing works afterwards. `full`: only this step fails. */
  kind: "crash" | "full";
}

/** How much of what was not synced a power cut leaves: from 0 (none) to 1 (all), the rest perhaps as zeros. */
export interface PowerCut {
  part: number;
  zeros: boolean;
}

export class CrashingDisk implements Disk {
  private names: Names;
  private syncedNames: Names;
  private readonly trouble: Trouble | null;
  private steps = 0;
  private isDead = false;
  private static identities = 0;

  constructor(trouble: Trouble | null = null, names: Names = new Map()) {
    this.names = names;
    this.syncedNames = new Map(names);
    this.trouble = trouble;
  }

  /** How many steps have changed something, or tried to. */
  get stepsTaken(): number {
    return this.steps;
  }

  /** The disk as the next process finds it; without a power cut everything that was written is there. */
  restart(powerCut: PowerCut | null, trouble: Trouble | null = null): CrashingDisk {
    if (!powerCut) return new CrashingDisk(trouble, this.names);
    const names = new Map(powerCut.part > 0.5 ? this.names : this.syncedNames);
    for (const file of new Set(names.values())) {
      file.content = afterPowerCut(file, powerCut);
      file.synced = file.content;
    }
    return new CrashingDisk(trouble, names);
  }

  text(path: string): string {
    return this.names.get(path)?.content.toString() ?? "";
  }

  /** What another program does; it syncs. */
  interfere(path: string, change: (content: string) => string): void {
    const file = this.names.get(path) ?? this.make(path);
    file.content = Buffer.from(change(file.content.toString()));
    file.synced = file.content;
    this.syncedNames.set(path, file);
  }

  async stat(path: string): Promise<FileState | null> {
    this.checkAlive();
    const file = this.names.get(path);
    return file ? { size: file.content.length, identity: file.identity } : null;
  }

  async read(path: string, offset: number, length: number): Promise<Buffer> {
    this.checkAlive();
    return Buffer.from(this.existing(path).content.subarray(offset, offset + length));
  }

  async append(path: string, bytes: Buffer): Promise<void> {
    this.step((part) => {
      const file = this.names.get(path) ?? this.make(path);
      file.content = Buffer.concat([file.content, partOf(bytes, part)]);
    });
  }

  async write(path: string, bytes: Buffer): Promise<void> {
    this.step((part) => {
      const file = this.names.get(path) ?? this.make(path);
      file.content = Buffer.from(partOf(bytes, part));
    });
  }

  async truncate(path: string, size: number): Promise<void> {
    this.step((part) => {
      const file = this.existing(path);
      if (part > 0.5) file.content = file.content.subarray(0, size);
    });
  }

  async sync(path: string): Promise<void> {
    this.step((part) => {
      const file = this.existing(path);
      if (part > 0.5) file.synced = file.content;
    });
  }

  async syncFolder(path: string): Promise<void> {
    this.step((part) => {
      if (part <= 0.5) return;
      const elsewhere = [...this.syncedNames].filter(([name]) => dirname(name) !== path);
      this.syncedNames = new Map([...elsewhere, ...[...this.names].filter(([name]) => dirname(name) === path)]);
    });
  }

  async rename(from: string, to: string): Promise<void> {
    this.step((part) => {
      if (part <= 0.5) return;
      this.names.set(to, this.existing(from));
      this.names.delete(from);
    });
  }

  async remove(path: string): Promise<void> {
    this.step((part) => {
      if (part > 0.5) this.names.delete(path);
    });
  }

  private step(change: (part: number) => void): void {
    this.checkAlive();
    const { trouble } = this;
    const isHit = trouble?.step === this.steps;
    this.steps += 1;
    change(isHit ? trouble.part : 1);
    if (!isHit) return;
    this.isDead = trouble.kind === "crash";
    throw Object.assign(new Error(`trouble at step ${trouble.step}`), { code: "ENOSPC" });
  }

  private checkAlive(): void {
    if (this.isDead) throw new Error("the process is dead");
  }

  private existing(path: string): StoredFile {
    const file = this.names.get(path);
    if (!file) throw Object.assign(new Error(`no ${path}`), { code: "ENOENT" });
    return file;
  }

  private make(path: string): StoredFile {
    CrashingDisk.identities += 1;
    const file = { identity: String(CrashingDisk.identities), content: Buffer.alloc(0), synced: Buffer.alloc(0) };
    this.names.set(path, file);
    return file;
  }
}

function partOf(bytes: Buffer, part: number): Buffer {
  return bytes.subarray(0, Math.round(bytes.length * part));
}

function afterPowerCut({ content, synced }: StoredFile, { part, zeros }: PowerCut): Buffer {
  const isExtended = content.length >= synced.length && content.subarray(0, synced.length).equals(synced);
  if (!isExtended) return part > 0.5 ? content : synced;
  const unsynced = content.subarray(synced.length);
  const kept = partOf(unsynced, part);
  const rest = zeros ? Buffer.alloc(unsynced.length - kept.length) : Buffer.alloc(0);
  return Buffer.concat([synced, kept, rest]);
}
