/**
 * Sees that the event loop stood still while code ran that is not ours (handlers, connectors), and whose code that was.
 *
 * Invariants:
 * 1. It costs nothing while nothing runs: the timer is set when work begins, and not set again when there is none.
 * 2. A process, or a machine, that was stopped is not taken for a blocked event loop: something must have run meanwhile,
 *    the watching thread or a processor.
 * 3. Nobody is named who did not run all the time that the event loop stood still.
 */
import type { NoticeOwner } from "../execution/notices.ts";
import type { Clock } from "../clock.ts";
import type { SharedLoopState, Slot } from "./shared-loop-state.ts";
import type { WatchThread } from "./watch-thread.ts";

/** Code that is not ours. */
export interface ForeignCode {
  /** For people, the same each time that it runs: `handler "x" of workflow "y"`. */
  readonly what: string;
  /** This time: `run 0198…`. */
  readonly which: string;
  /** Whom a notice about it belongs to. */
  readonly owner: NoticeOwner;
}

/** The event loop stood still. */
export interface Stall {
  blockedMs: number;
  /** Processor time of the whole process meanwhile, in milliseconds. */
  processorMs: number;
  /** Whose code may have blocked it: all of it ran the whole time. */
  suspects: readonly ForeignCode[];
  /** Whether it was in the first suspect's code, and nowhere else. */
  isCertain: boolean;
}

export interface LoopWatchOptions {
  clock: Clock;
  /** How long it may stand still, in milliseconds; 0: nobody looks. */
  limitMs: number;
  /** Starts the thread that sees it while it happens, when something runs for the first time; null: there is none. */
  startThread: (() => WatchThread) | null;
  /** Processor time that this process has used, in milliseconds. */
  processorMs: () => number;
  onStall: (stall: Stall) => void;
  /** The whole process stood still for so long, in milliseconds. */
  onPause: (pausedMs: number) => void;
}

/** One piece of code while it runs. */
export interface Span {
  /** Calls it: until it returns or awaits, whatever blocks is in it. */
  call<T>(code: () => T): T;
  end(): void;
}

interface Running {
  code: ForeignCode;
  since: number;
  slot: Slot;
  /** When it ended; null while it runs. */
  endedAt: number | null;
}

/** How often within the limit the event loop is looked at. */
const LOOKS_PER_LIMIT = 5;
const SHORTEST_BEAT_MS = 10;
/**
 * Of the time that the event loop stood still, the thread or a processor must have run for these shares; the processor
 * beside what may have been used between the last beat and then.
 */
const THREAD_SHARE = 0.5;
const PROCESSOR_SHARE = 0.1;

/** Nobody watches. */
export const UNWATCHED: Span = { call: (code) => code(), end: () => undefined };

export function beatOf(limitMs: number): number {
  return Math.max(SHORTEST_BEAT_MS, Math.ceil(limitMs / LOOKS_PER_LIMIT));
}

export class LoopWatch {
  private readonly options: LoopWatchOptions;
  private readonly elapsed: (() => number) | null;
  private readonly beatMs: number;
  private readonly running = new Set<Running>();
  /** What has ended since the last beat and ran long enough to have blocked. */
  private readonly ended: Running[] = [];
  /** The longest call since the last beat that did not return for so long. */
  private longestCall: { code: ForeignCode; ms: number } | null = null;
  private thread: WatchThread | null = null;
  private cancelTimer: (() => void) | null = null;
  private seen = { at: 0, processorMs: 0, countedMs: 0 };
  private closed = false;

  constructor(options: LoopWatchOptions) {
    this.options = options;
    const { clock, limitMs } = options;
    this.elapsed = limitMs > 0 && clock.isReal === true ? () => clock.elapsed() : null;
    this.beatMs = beatOf(limitMs);
  }

  /** Code begins to run; `end` must be called. */
  begin(code: ForeignCode): Span {
    const { elapsed } = this;
    if (!elapsed || this.closed) return UNWATCHED;
    if (!this.cancelTimer) this.arm(true);
    const running: Running = {
      code,
      since: elapsed(),
      slot: this.state?.take(`${code.what} (${code.which})`) ?? null,
      endedAt: null,
    };
    this.running.add(running);
    return {
      call: (work) => this.call(running, elapsed, work),
      end: () => this.end(running, elapsed),
    };
  }

  /** Watches nothing any more. */
  async close(): Promise<void> {
    this.closed = true;
    this.disarm();
    await this.thread?.stop();
  }

  private get state(): SharedLoopState | null {
    return this.thread?.state ?? null;
  }

  private call<T>(running: Running, elapsed: () => number, work: () => T): T {
    const before = this.state?.setCalling(running.slot) ?? null;
    const from = elapsed();
    try {
      return work();
    } finally {
      const ms = elapsed() - from;
      this.state?.setCalling(before);
      if (ms >= this.options.limitMs && ms > (this.longestCall?.ms ?? 0)) this.longestCall = { code: running.code, ms };
    }
  }

  private end(running: Running, elapsed: () => number): void {
    if (!this.running.delete(running)) return;
    this.state?.giveBack(running.slot);
    running.endedAt = elapsed();
    if (running.endedAt - running.since >= this.options.limitMs) this.ended.push(running);
  }

  private arm(anew: boolean): void {
    const { clock, startThread } = this.options;
    if (anew && startThread) this.thread ??= startThread();
    if (anew) this.state?.setArmed(true);
    this.look();
    this.cancelTimer = clock.setTimer(this.beatMs, () => this.beat());
  }

  private disarm(): void {
    this.cancelTimer?.();
    this.cancelTimer = null;
    this.state?.setArmed(false);
  }

  private look(): void {
    const { processorMs } = this.options;
    this.seen = { at: this.elapsed?.() ?? 0, processorMs: processorMs(), countedMs: this.state?.countedMs ?? 0 };
    this.longestCall = null;
    this.ended.length = 0;
  }

  private beat(): void {
    this.state?.beat();
    const lateMs = (this.elapsed?.() ?? 0) - this.seen.at - this.beatMs;
    const stoodStillMs = Math.max(lateMs, this.longestCall?.ms ?? 0);
    if (stoodStillMs >= this.options.limitMs) this.judge(stoodStillMs);
    if (this.running.size > 0 && !this.closed) this.arm(false);
    else this.disarm();
  }

  private judge(stoodStillMs: number): void {
    const { onStall, onPause, processorMs } = this.options;
    const usedMs = processorMs() - this.seen.processorMs;
    // The difference as 32 bits have it.
    const countedMs = ((this.state?.countedMs ?? 0) - this.seen.countedMs) | 0;
    if (countedMs < stoodStillMs * THREAD_SHARE && usedMs < this.beatMs + stoodStillMs * PROCESSOR_SHARE)
      return onPause(Math.round(stoodStillMs));
    const called = this.longestCall?.code;
    const suspects = called ? [called] : this.suspects(stoodStillMs);
    const isCertain = called !== undefined || suspects.length === 1;
    onStall({ blockedMs: Math.round(stoodStillMs), processorMs: Math.round(usedMs), suspects, isCertain });
  }

  /** Whoever blocked ran before the event loop stood still, and until it turned again. */
  private suspects(stoodStillMs: number): ForeignCode[] {
    const latestBegin = (this.elapsed?.() ?? 0) - stoodStillMs;
    const earliestEnd = this.seen.at + stoodStillMs;
    const ran = [...this.running, ...this.ended].filter(
      ({ since, endedAt }) => since <= latestBegin && (endedAt === null || endedAt >= earliestEnd),
    );
    return ran.map(({ code }) => code);
  }
}
