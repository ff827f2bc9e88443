/**
 * How much was done over time, in steps that are counted once.
 *
 * Invariants:
 * 1. A step that is over, and whose runs can't change any more, is counted once and then remembered.
 * 2. What is remembered is bounded: the steps of three spans for so many platforms.
 */
import type { PlatformId, RunStatus, Stores } from "@millrace/db";

/** A step of time. */
export interface ActivityBucket {
  /** When it begins, in Unix milliseconds. */
  at: number;
  /** Runs that began in it and are committed. */
  committed: number;
  /** Runs that began in it and failed, whether they were tried again or not. */
  failed: number;
  /** Runs that began in it and wait for a person or for the other side. */
  waiting: number;
  /** Executions of jobs that ended in it. */
  jobs: number;
}

export interface ActivityOverTime {
  bucketMs: number;
  /** The oldest first, the last one not over yet; none is left out. */
  buckets: ActivityBucket[];
}

const MINUTE_MS = 60 * 1_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The spans of time that can be looked at, each in steps that a chart has room for. */
const SPANS = {
  hour: { bucketMs: MINUTE_MS, count: 60 },
  day: { bucketMs: HOUR_MS, count: 24 },
  week: { bucketMs: 6 * HOUR_MS, count: 28 },
} as const;

export type ActivitySpan = keyof typeof SPANS;

const FAILED: readonly RunStatus[] = ["failed:logic", "failed:internal", "crashed", "paused:transient"];
const WAITING: readonly RunStatus[] = ["paused:approval", "paused:reconciliation"];

/** What began in a step may be committed to the database so much later. */
const COMMIT_GRACE_MS = 10 * 1_000;
/** A step that is over and may still change is counted again after so long. */
const RECOUNT_MS = 15 * 1_000;
const MOST_PLATFORMS = 50;

interface Counted {
  bucket: ActivityBucket;
  /** Whether it can't change any more. */
  isFinal: boolean;
  isOver: boolean;
  countedAt: number;
}

export class ActivityHistory {
  private readonly stores: Pick<Stores, "handlerRuns" | "counts">;
  /** By platform and span, then by the begin of the step. The platform that was not asked for the longest stands first. */
  private readonly counted = new Map<string, Map<number, Counted>>();

  constructor(stores: Pick<Stores, "handlerRuns" | "counts">) {
    this.stores = stores;
  }

  /** @param now Unix milliseconds */
  async read(platformId: PlatformId, span: ActivitySpan, now: number): Promise<ActivityOverTime> {
    const { bucketMs, count } = SPANS[span];
    const first = (Math.floor(now / bucketMs) - count + 1) * bucketMs;
    const known = this.remembered(`${platformId} ${span}`);
    for (const at of known.keys()) if (at < first || at > now) known.delete(at);
    const buckets: ActivityBucket[] = [];
    for (let at = first; at <= now; at += bucketMs) {
      const last = known.get(at);
      const isGood = last && (last.isFinal || (last.isOver && now - last.countedAt < RECOUNT_MS));
      const counted = isGood ? last : await this.count(platformId, at, bucketMs, now);
      known.set(at, counted);
      buckets.push(counted.bucket);
    }
    return { bucketMs, buckets };
  }

  private async count(platformId: PlatformId, at: number, bucketMs: number, now: number): Promise<Counted> {
    const until = at + bucketMs;
    const [{ byStatus }, jobs] = await Promise.all([
      this.stores.handlerRuns.countsBetween(platformId, at, until),
      this.stores.counts.endedExecutions(platformId, at, until),
    ]);
    const sum = (statuses: readonly RunStatus[]) =>
      statuses.reduce((total, status) => total + (byStatus[status] ?? 0), 0);
    const waiting = sum(WAITING);
    const isOver = now >= until + COMMIT_GRACE_MS;
    return {
      bucket: { at, committed: byStatus.committed ?? 0, failed: sum(FAILED), waiting, jobs },
      isFinal: isOver && waiting === 0 && (byStatus.active ?? 0) === 0,
      isOver,
      countedAt: now,
    };
  }

  private remembered(key: string): Map<number, Counted> {
    const known = this.counted.get(key) ?? new Map<number, Counted>();
    this.counted.delete(key);
    this.counted.set(key, known);
    for (const oldest of this.counted.keys()) {
      if (this.counted.size <= MOST_PLATFORMS * Object.keys(SPANS).length) break;
      this.counted.delete(oldest);
    }
    return known;
  }
}
