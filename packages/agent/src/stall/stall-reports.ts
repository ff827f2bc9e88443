/**
 * Says that the event loop stood still: in the log each time, to the owner of a handler once, and in what watches the
 * host asks for.
 */
import type { Logger } from "pino";
import { reportBlockingHandler, type NoticeDependencies } from "../execution/notices.ts";
import type { Clock } from "../clock.ts";
import type { Policy } from "../policy.ts";
import { beatOf, LoopWatch, type ForeignCode, type Stall } from "./loop-watch.ts";
import { startWatchThread } from "./watch-thread.ts";

export interface StallDependencies extends NoticeDependencies {
  clock: Clock;
  policy: Policy;
  logger: Logger;
  /** Whether a thread of its own says it while it happens. */
  usesThread: boolean;
  /** How many executions run here whose leases have expired. */
  expiredLeases: () => number;
}

/** How the event loop of an engine has been since it was made. */
export interface EventLoopReport {
  /** How often it stood still for too long. */
  stalls: number;
  /** For how long in all, in milliseconds. */
  blockedMs: number;
  /** The last time: when it was over (Unix milliseconds), and how long ago; how long it took, and what ran. */
  last: { at: number; agoMs: number; blockedMs: number; while: string } | null;
}

/** How many suspects the log names. */
const MOST_NAMED = 10;

export class StallReports {
  readonly watch: LoopWatch;
  private readonly dependencies: StallDependencies;
  private readonly told = new Set<string>();
  private readonly sum = { stalls: 0, blockedMs: 0 };
  private last: { at: number; blockedMs: number; while: string } | null = null;

  constructor(dependencies: StallDependencies) {
    this.dependencies = dependencies;
    const { clock, policy, logger, usesThread } = dependencies;
    const limitMs = policy.watchdog.blockedMs;
    const onError = (error: unknown) =>
      logger.warn(
        { err: error },
        "The thread that watches the event loop has ended; what blocks it is told afterwards",
      );
    this.watch = new LoopWatch({
      clock,
      limitMs,
      startThread: usesThread ? () => startWatchThread({ limitMs, tickMs: beatOf(limitMs) }, onError) : null,
      processorMs,
      onStall: (stall) => this.report(stall),
      onPause: (pausedMs) => logger.debug({ pausedMs }, "The process, or the machine, was stopped for a while"),
    });
  }

  get health(): EventLoopReport {
    const { last, sum } = this;
    return { ...sum, last: last && { ...last, agoMs: this.dependencies.clock.now() - last.at } };
  }

  private report({ blockedMs, processorMs: usedMs, suspects, isCertain }: Stall): void {
    const { clock, logger, expiredLeases } = this.dependencies;
    const named = suspects.slice(0, MOST_NAMED).map(nameOf);
    const ran = named.length === 0 ? "nothing of the workflows" : named.join("; ");
    this.sum.stalls += 1;
    this.sum.blockedMs += blockedMs;
    this.last = { at: clock.now(), blockedMs, while: ran };
    const expired = expiredLeases();
    const leases = expired === 0 ? "" : ` Leases that ran out meanwhile: ${expired}.`;
    logger.error(
      { blockedMs, processorMs: usedMs, suspects: named, expiredLeases: expired },
      `The event loop stood still for ${seconds(blockedMs)}${isCertain ? ", blocked by" : " while these ran:"} ${ran}.${leases}`,
    );
    const [culprit] = suspects;
    if (isCertain && culprit) this.tell(culprit);
  }

  /** Once in the life of this process, even if a person has dismissed it. */
  private tell({ what, owner }: ForeignCode): void {
    const { policy, logger } = this.dependencies;
    if (this.told.has(what)) return;
    this.told.add(what);
    reportBlockingHandler(this.dependencies, owner, { what, limitMs: policy.watchdog.blockedMs }).catch(
      (error: unknown) => {
        this.told.delete(what);
        logger.error({ err: error }, "Nobody could be told of a handler that blocks the event loop");
      },
    );
  }
}

const nameOf = ({ what, which }: ForeignCode) => `${what} (${which})`;

const seconds = (milliseconds: number) => `${(milliseconds / 1_000).toFixed(1)} s`;

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
