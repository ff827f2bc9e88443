/** A file on a disk whose power may be cut: what programs see of it, what was synced, and what may be there of the rest. */
import type { SeededRandom } from "./seeded-random.ts";

/**
 * What becomes of writes that were not synced: all are lost, all are kept, each is kept or lost, each sector is, or that
 * and anything where the file was to grow.
 */
export const CUT_KINDS = ["lost", "kept", "subset", "torn", "garbage"] as const;
export type CutKind = (typeof CUT_KINDS)[number];

/** How probable it is for each thing that was not synced that it is there. */
export function keptShare(kind: CutKind, random: SeededRandom): number {
  if (kind === "lost") return 0;
  return kind === "kept" ? 1 : random.between(1, 3) / 4;
}

export type Change = { is: "write"; offset: number; data: Buffer } | { is: "resize" | "grow"; size: number };

interface Pending {
  change: Change;
  /** What has not come back yet, no sync waits for. */
  ended: boolean;
}

const SECTOR_BYTES = 512;

/** The bytes of a file, and how they change. It has room to grow, so that what is appended does not copy it each time. */
class Content {
  private room: Buffer;
  private size: number;

  constructor(bytes: Buffer) {
    this.room = Buffer.from(bytes);
    this.size = bytes.length;
  }

  get bytes(): Buffer {
    return this.room.subarray(0, this.size);
  }

  apply(change: Change): void {
    if (change.is === "write") {
      this.resize(Math.max(this.size, change.offset + change.data.length));
      change.data.copy(this.room, change.offset);
    } else if (change.is === "resize" || change.size > this.size) this.resize(change.size);
  }

  private resize(size: number): void {
    if (size > this.room.length) {
      const larger = Buffer.alloc(size * 2);
      this.bytes.copy(larger);
      this.room = larger;
    }
    // What lies behind the end is zero, wherever it grows again.
    if (size < this.size) this.room.fill(0, size, this.size);
    this.size = size;
  }
}

export class ModelFile {
  readonly kind = "file";
  /** What running programs see. */
  readonly seen = new Content(Buffer.alloc(0));
  private readonly durable = new Content(Buffer.alloc(0));
  private pending: Pending[] = [];

  begin(change: Change): Pending {
    const entry = { change, ended: false };
    this.pending.push(entry);
    this.seen.apply(change);
    return entry;
  }

  /** Gives what makes durable all that had ended when the sync began. */
  beginSync(): () => void {
    const covered = new Set(this.pending.filter(({ ended }) => ended));
    return () => {
      for (const entry of this.pending) if (covered.has(entry)) this.durable.apply(entry.change);
      this.pending = this.pending.filter((entry) => !covered.has(entry));
    };
  }

  afterCut(kind: CutKind, random: SeededRandom): Buffer {
    const content = new Content(this.durable.bytes);
    const changes = this.pending.map(({ change }) => change);
    if (kind === "garbage") content.apply({ is: "write", offset: content.bytes.length, data: this.remains(random) });
    const share = keptShare(kind, random);
    const pieces = kind === "torn" || kind === "garbage" ? changes.flatMap(intoSectors) : changes;
    for (const piece of pieces) if (random.chance(share)) content.apply(piece);
    return content.bytes;
  }

  /** What may be where the file was to grow and nothing has been written yet. */
  private remains(random: SeededRandom): Buffer {
    const isZero = random.chance(0.3);
    const grown = Buffer.alloc(Math.max(0, this.seen.bytes.length - this.durable.bytes.length));
    if (!isZero) for (let index = 0; index < grown.length; index += 1) grown[index] = random.between(0, 255);
    return grown;
  }
}

function intoSectors(change: Change): Change[] {
  if (change.is !== "write") return [change];
  const pieces: Change[] = [];
  const { offset, data } = change;
  for (let start = 0; start < data.length;) {
    const end = Math.min(data.length, start + SECTOR_BYTES - ((offset + start) % SECTOR_BYTES));
    pieces.push({ is: "write", offset: offset + start, data: data.subarray(start, end) });
    start = end;
  }
  return pieces;
}
