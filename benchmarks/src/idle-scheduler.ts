/** What an engine costs that has nothing to do: CPU time and wake-ups, by the number of workflows. */
import { createEngine, defineWorkflow, systemClock, type Clock } from "@millrace/agent";
import { z } from "zod";
import { withTemporaryDatabase } from "./temporary-database.ts";

export interface IdleResult {
  workflows: number;
  /** Processor time of the whole process for one idle minute, in milliseconds, scaled from the measured time. */
  cpuMsPerMinute: number;
  /** Timers of the engine that fired in the measured time. */
  wakeUps: number;
  measuredSeconds: number;
  /** From `start` to the end of all first runs, in milliseconds. */
  startUpMs: number;
  rssMegabytes: number;
}

/** The system clock, which counts the timers that fire. */
export class CountingClock implements Clock {
  fired = 0;
  readonly isReal = true;

  now(): number {
    return systemClock.now();
  }

  elapsed(): number {
    return performance.now();
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    return systemClock.setTimer(delayMs, () => {
      this.fired += 1;
      callback();
    });
  }
}

export async function measureIdle(workflows: number, seconds: number): Promise<IdleResult> {
  return withTemporaryDatabase(async (database) => {
    const clock = new CountingClock();
    const engine = createEngine({
      database,
      clock,
      workflows: Array.from({ length: workflows }, (_, index) => sleeper(index)),
    });
    const starting = performance.now();
    await engine.start();
    await engine.whenIdle();
    const startUpMs = Math.round(performance.now() - starting);
    // What start-up has left to be collected is not a cost of being idle.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const firedBefore = clock.fired;
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    const { user, system } = process.cpuUsage(before);
    const wakeUps = clock.fired - firedBefore;
    await engine.stop();
    return {
      workflows,
      cpuMsPerMinute: Number((((user + system) / 1_000) * (60 / seconds)).toFixed(1)),
      wakeUps,
      measuredSeconds: seconds,
      startUpMs,
      rssMegabytes: Math.round(process.memoryUsage.rss() / 1024 / 1024),
    };
  });
}

/** As workflows have it that one factory makes. */
const tick = z.object({});

/** A workflow that has nothing to do for hours. */
export function sleeper(index: number) {
  return defineWorkflow({
    name: `sleeper-${index}`,
    topics: { tick },
    producers: (producer) => ({
      rarely: producer({ publishes: ["tick"], schedule: { interval: "30d" }, handler: async () => undefined }),
    }),
    consumers: (consumer) => ({
      sleep: consumer({
        subscribe: ["tick"],
        prepare: async (ctx) => ({ data: null, wakeAt: new Date(ctx.now() + 20 * 60 * 60 * 1_000).toISOString() }),
      }),
    }),
  });
}
