/**
 * The single place that knows what is due next: a heap of times in memory, one timer for the earliest of them. Each part
 * of the engine (workflows, jobs) keeps its times in a section of its own.
 *
 * Invariants:
 * 1. A key has at most one time; setting it again replaces the time.
 * 2. Nothing is polled: the timer is set for the earliest time, and moved only when that changes.
 * 3. Nothing becomes due before `start`, so that nothing is handed to those who are not ready for it.
 * 4. What was replaced is kept in the heap for a while, never more of it than of what counts and a little.
 * 5. A section that is closed keeps nothing and hands out nothing, whatever is noted in it afterwards.
 */
import type { Clock } from "../clock.ts";

interface Entry {
  key: string;
  /** Unix milliseconds. */
  at: number;
  item: unknown;
  section: Section;
}

/** The times of one part of the engine, as the heap sees them. */
interface Section {
  /** The entry that counts for a key; an older one in the heap is skipped when it comes up. */
  readonly current: Map<string, Entry>;
  readonly deliver: (items: never[]) => void;
}

/** The times of one part of the engine. */
export interface AgendaSection<Item> {
  /** Notes that an item is due at a time (Unix milliseconds), instead of any earlier note of its key. */
  set(key: string, at: number, item: Item): void;
  delete(key: string): void;
  /** Forgets all of it, and hands out nothing any more. */
  close(): void;
}

/** So many replaced entries are not worth making the heap anew. */
const REPLACED_SLACK = 64;

export class Agenda {
  private readonly heap: Entry[] = [];
  private readonly sections: Section[] = [];
  private cancelTimer: (() => void) | null = null;
  private armedFor = Number.POSITIVE_INFINITY;
  private started = false;
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get size(): number {
    return this.sections.reduce((size, { current }) => size + current.size, 0);
  }

  /** How many entries are kept, also those that were replaced. */
  get kept(): number {
    return this.heap.length;
  }

  /** Whether something is due that has not been handed out yet. */
  get hasDue(): boolean {
    const { nextAt } = this;
    return nextAt !== null && nextAt <= this.clock.now();
  }

  /**
   * Opens a section.
   * @param onDue takes all of the section's items that have become due, in the order of their times
   */
  section<Item>(onDue: (items: Item[]) => void): AgendaSection<Item> {
    const section: Section = { current: new Map(), deliver: onDue };
    this.sections.push(section);
    let open = true;
    return {
      set: (key, at, item) => {
        if (open) this.note({ key, at, item, section });
      },
      delete: (key) => {
        section.current.delete(key);
      },
      close: () => {
        open = false;
        section.current.clear();
        this.rebuild();
        this.arm();
      },
    };
  }

  /** When the earliest item is due, in Unix milliseconds; null when there is none. */
  get nextAt(): number | null {
    return this.earliest?.at ?? null;
  }

  /** Begins to hand out what is due. */
  start(): void {
    this.started = true;
    this.arm();
  }

  private note(entry: Entry): void {
    entry.section.current.set(entry.key, entry);
    this.push(entry);
    if (this.heap.length > 2 * this.size + REPLACED_SLACK) this.rebuild();
    if (entry.at < this.armedFor) this.arm();
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
    const due = new Map<Section, unknown[]>();
    for (let entry = this.earliest; entry && entry.at <= now; entry = this.earliest) {
      this.pop();
      const { key, item, section } = entry;
      section.current.delete(key);
      const items = due.get(section);
      if (items) items.push(item);
      else due.set(section, [item]);
    }
    this.arm();
    // A section's items were all put there by its own `set`.
    for (const [{ deliver }, items] of due) deliver(items as never[]);
  }

  /** The earliest entry that counts; what was replaced before it is dropped. */
  private get earliest(): Entry | undefined {
    let top = this.heap[0];
    for (; top && !counts(top); top = this.heap[0]) this.pop();
    return top;
  }

  private rebuild(): void {
    const { heap } = this;
    const counting = heap.filter(counts);
    heap.length = 0;
    for (const entry of counting) this.push(entry);
  }

  private push(entry: Entry): void {
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

  private pop(): Entry | undefined {
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

/** Whether nothing has replaced it, or taken it away. */
function counts(entry: Entry): boolean {
  return entry.section.current.get(entry.key) === entry;
}
