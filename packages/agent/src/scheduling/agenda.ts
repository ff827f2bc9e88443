/**
 * The single place that knows what is due next: a heap of times in memory, one timer for the earliest of them.
 *
 * Invariants:
 * 1. A key has at most one time; setting it again replaces the time.
 * 2. Nothing is polled: the timer is set for the earliest time, and moved only when that changes.
 * 3. Nothing becomes due before `start`, so that nothing is handed to those who are not ready for it.
 */
import type { Clock } from "../clock.ts";

interface Entry<Item> {
  key: string;
  at: number;
  item: Item;
}

export class Agenda<Item> {
  private readonly heap: Entry<Item>[] = [];
  /** The entry that counts for a key; an older one in the heap is skipped when it comes up. */
  private readonly current = new Map<string, Entry<Item>>();
  private cancelTimer: (() => void) | null = null;
  private armedFor = Number.POSITIVE_INFINITY;
  private started = false;
  private readonly clock: Clock;
  private readonly onDue: (items: Item[]) => void;

  /** @param onDue takes all items that have become due, in the order of their times */
  constructor(clock: Clock, onDue: (items: Item[]) => void) {
    this.clock = clock;
    this.onDue = onDue;
  }

  get size(): number {
    return this.current.size;
  }

  /** When the earliest item is due, in Unix milliseconds; null when there is none. */
  get nextAt(): number | null {
    this.dropReplaced();
    return this.heap[0]?.at ?? null;
  }

  /** Notes that an item is due at a time (Unix milliseconds), instead of any earlier note of its key. */
  set(key: string, at: number, item: Item): void {
    const entry = { key, at, item };
    this.current.set(key, entry);
    this.push(entry);
    if (at < this.armedFor) this.arm();
  }

  /** Begins to hand out what is due. */
  start(): void {
    this.started = true;
    this.arm();
  }

  delete(key: string): void {
    this.current.delete(key);
  }

  /** Forgets everything and hands out nothing any more. */
  stop(): void {
    this.started = false;
    this.heap.length = 0;
    this.current.clear();
    this.disarm();
  }

  private arm(): void {
    this.disarm();
    const at = this.nextAt;
    if (at === null || !this.started) return;
    this.armedFor = at;
    this.cancelTimer = this.clock.setTimer(Math.max(0, at - this.clock.now()), () => this.fire());
  }

  private disarm(): void {
    this.cancelTimer?.();
    this.cancelTimer = null;
    this.armedFor = Number.POSITIVE_INFINITY;
  }

  private fire(): void {
    this.disarm();
    const now = this.clock.now();
    const due: Item[] = [];
    for (let at = this.nextAt; at !== null && at <= now; at = this.nextAt) {
      const entry = this.pop();
      if (!entry) break;
      this.current.delete(entry.key);
      due.push(entry.item);
    }
    this.arm();
    if (due.length > 0) this.onDue(due);
  }

  private dropReplaced(): void {
    for (let top = this.heap[0]; top && this.current.get(top.key) !== top; top = this.heap[0]) this.pop();
  }

  private push(entry: Entry<Item>): void {
    const { heap } = this;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (!parent || parent.at <= entry.at) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  private pop(): Entry<Item> | undefined {
    const { heap } = this;
    const top = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return top;
    let index = 0;
    for (;;) {
      const leftIndex = 2 * index + 1;
      const [left, right] = [heap[leftIndex], heap[leftIndex + 1]];
      if (!left) break;
      const [childIndex, child] = right && right.at < left.at ? [leftIndex + 1, right] : [leftIndex, left];
      if (child.at >= last.at) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
    return top;
  }
}
