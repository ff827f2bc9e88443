/**
 * The program of the thread that watches the event loop of the main one, and says at once when it is blocked: the main
 * thread can say nothing then. It sleeps while no handler runs.
 */
import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { systemClock } from "../clock.ts";
import { SharedLoopState } from "./shared-loop-state.ts";
import { describeBlock, type ThreadData } from "./watch-thread.ts";

const STANDARD_ERROR = 2;

// What `startWatchThread` gives, and nobody else starts this program.
const { memory, limitMs, tickMs } = workerData as ThreadData;
const state = new SharedLoopState(memory);
for (;;) {
  state.sleepUntilArmed();
  watch();
}

function watch(): void {
  let { beats } = state;
  let stillMs = 0;
  let tellAt = limitMs;
  let last = systemClock.elapsed();
  while (state.isArmed) {
    state.sleepWhileArmed(tickMs);
    const now = systemClock.elapsed();
    // A longer sleep means that the whole process stood still, or the machine: then nobody blocks.
    const passed = Math.min(now - last, 2 * tickMs);
    last = now;
    state.addCounted(passed);
    if (state.beats !== beats) {
      ({ beats } = state);
      stillMs = 0;
      tellAt = limitMs;
      continue;
    }
    stillMs += passed;
    if (stillMs < tellAt) continue;
    // Again after twice the time, so that one that never ends does not fill the log.
    tellAt = stillMs * 2;
    say(describeBlock(stillMs, state));
  }
}

function say(text: string): void {
  try {
    // Standard error as Node gives it to a thread goes through the main one.
    writeSync(STANDARD_ERROR, `millrace: ${text}\n`);
  } catch {
    // Nobody reads it, or not fast enough; there is nowhere else to say so.
  }
}
