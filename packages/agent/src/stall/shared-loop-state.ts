/**
 * What the main thread and the one that watches it share: whether anybody is to watch, how often the event loop was seen
 * to turn, and whose code runs. While the event loop is blocked nothing in it changes, so it can be read as it is.
 */

const HEADER = { armed: 0, beats: 1, countedMs: 2, calling: 3 } as const;
const HEADER_BYTES = 64;
const SLOT_BYTES = 256;
const SLOTS = 256;
/** A text's length stands before it. */
const LENGTH_BYTES = 4;

/** A place for the description of one piece of code that runs; null when all are taken. */
export type Slot = number | null;

export class SharedLoopState {
  readonly memory: SharedArrayBuffer;
  private readonly header: Int32Array<SharedArrayBuffer>;
  private readonly bytes: Buffer<SharedArrayBuffer>;
  private readonly free: number[];

  /** @param memory that of the other thread; default: new memory */
  constructor(memory = new SharedArrayBuffer(HEADER_BYTES + SLOTS * SLOT_BYTES)) {
    this.memory = memory;
    this.header = new Int32Array(memory, 0, HEADER_BYTES / 4);
    this.bytes = Buffer.from(memory);
    this.free = Array.from({ length: SLOTS }, (_, index) => SLOTS - 1 - index);
  }

  /** Lets the other thread watch, or sleep until it is to watch again. */
  setArmed(isArmed: boolean): void {
    Atomics.store(this.header, HEADER.armed, isArmed ? 1 : 0);
    Atomics.notify(this.header, HEADER.armed);
  }

  get isArmed(): boolean {
    return Atomics.load(this.header, HEADER.armed) === 1;
  }

  /** Blocks the calling thread until it is to watch. */
  sleepUntilArmed(): void {
    Atomics.wait(this.header, HEADER.armed, 0);
  }

  /** Blocks the calling thread for a time, or until it need not watch any more. */
  sleepWhileArmed(milliseconds: number): void {
    Atomics.wait(this.header, HEADER.armed, 1, milliseconds);
  }

  /** The event loop turns. */
  beat(): void {
    Atomics.add(this.header, HEADER.beats, 1);
  }

  get beats(): number {
    return Atomics.load(this.header, HEADER.beats);
  }

  /** The watching thread has been awake for so long. */
  addCounted(milliseconds: number): void {
    Atomics.add(this.header, HEADER.countedMs, Math.round(milliseconds));
  }

  /** How long the watching thread has been awake in all; it begins anew where 32 bits end. */
  get countedMs(): number {
    return Atomics.load(this.header, HEADER.countedMs);
  }

  /** Notes that code runs; what does not fit into its slot is left out. */
  take(text: string): Slot {
    const slot = this.free.pop();
    if (slot === undefined) return null;
    const at = HEADER_BYTES + slot * SLOT_BYTES;
    const length = this.bytes.write(text, at + LENGTH_BYTES, SLOT_BYTES - LENGTH_BYTES, "utf8");
    this.bytes.writeInt32LE(length, at);
    return slot;
  }

  giveBack(slot: Slot): void {
    if (slot === null) return;
    this.bytes.writeInt32LE(0, HEADER_BYTES + slot * SLOT_BYTES);
    this.free.push(slot);
  }

  /** Notes whose code has been called and has not returned; gives what was noted before. */
  setCalling(slot: Slot): Slot {
    const before = Atomics.exchange(this.header, HEADER.calling, slot === null ? 0 : slot + 1);
    return before === 0 ? null : before - 1;
  }

  /** The code that has been called and has not returned; null when it is not known. */
  get calling(): string | null {
    const slot = Atomics.load(this.header, HEADER.calling) - 1;
    return slot < 0 ? null : this.textAt(slot);
  }

  /** All code that runs. */
  get running(): string[] {
    return Array.from({ length: SLOTS }, (_, slot) => this.textAt(slot)).filter((text) => text !== null);
  }

  private textAt(slot: number): string | null {
    const at = HEADER_BYTES + slot * SLOT_BYTES;
    const length = this.bytes.readInt32LE(at);
    return length === 0 ? null : this.bytes.toString("utf8", at + LENGTH_BYTES, at + LENGTH_BYTES + length);
  }
}
