/** How contestants are timed: the same for ours and for theirs. */

/** 1 KB, as an event of a real workflow has. */
export const PAYLOAD = { text: "x".repeat(1_000) };

/** Callers that each wait for the acknowledgement of one unit before they begin the next. */
export async function byCallers(
  callers: number,
  units: number,
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const caller = async () => {
    while (next < units) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(callers, units) }, caller));
}

/** How many of them a second, for the time that the work takes. */
export async function rateOf(units: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (units * 1_000) / (performance.now() - start);
}

/** The median and the 99th of a hundred, in milliseconds. */
export function spreadOf(milliseconds: readonly number[]): { p50Ms: number; p99Ms: number } {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** Resolves when it was called so often, which a contestant's own events or handlers do. */
export class Countdown {
  private left: number;
  private end: () => void = () => undefined;
  readonly ended: Promise<void>;

  constructor(count: number) {
    this.left = count;
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  count(): void {
    this.left -= 1;
    if (this.left === 0) this.end();
  }
}

/**
 * Probes one after another, each when nothing else is to be done.
 * @param begin starts one and resolves when nothing is left to do; it says when the moment has come that is measured
 */
export async function probeIdle(
  probes: number,
  begin: (index: number, reached: () => void) => Promise<unknown>,
): Promise<number[]> {
  const latencies: number[] = [];
  let reached: () => void = () => undefined;
  // The first probes warm up and do not count.
  for (let index = -Math.min(50, probes); index < probes; index += 1) {
    const start = performance.now();
    let latency: number | undefined;
    const moment = new Promise<void>((resolve) => {
      reached = () => {
        latency ??= performance.now() - start;
        resolve();
      };
    });
    await Promise.all([moment, begin(index, () => reached())]);
    if (index >= 0) latencies.push(latency ?? Number.NaN);
    await pause(2 + Math.random() * 4);
  }
  return latencies;
}

export const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
