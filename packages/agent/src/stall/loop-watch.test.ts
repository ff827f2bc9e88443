import type { WorkflowId } from "@millrace/db";
import { beforeEach, describe, expect, test } from "vitest";
import { FakeClock } from "../testing/fake-clock.ts";
import { LoopWatch, type ForeignCode, type Stall } from "./loop-watch.ts";
import { SharedLoopState } from "./shared-loop-state.ts";

const LIMIT = 500;
const BEAT = 100;

/** A clock that goes on by itself while code runs, as the real one does. */
class RealTime extends FakeClock {
  readonly isReal = true;

  pass(milliseconds: number): void {
    this.jumpTo(this.now() + milliseconds);
  }
}

let clock: RealTime;
let stalls: Stall[];
let pauses: number[];
let processorMs: number;
let state: SharedLoopState | null;

beforeEach(() => {
  clock = new RealTime(0);
  stalls = [];
  pauses = [];
  processorMs = 0;
  state = null;
});

const code = (name: string): ForeignCode => ({
  what: `handler "${name}"`,
  which: "run 1",
  owner: { workflowId: name as WorkflowId },
});

function watchLoop(limitMs = LIMIT, withThread = false, ownClock: FakeClock = clock): LoopWatch {
  return new LoopWatch({
    clock: ownClock,
    limitMs,
    startThread: withThread ? () => ({ state: (state = new SharedLoopState()), stop: async () => undefined }) : null,
    processorMs: () => processorMs,
    onStall: (stall) => stalls.push(stall),
    onPause: (pausedMs) => pauses.push(pausedMs),
  });
}

/** The event loop stands still while something computes. */
function compute(milliseconds: number): void {
  clock.pass(milliseconds);
  processorMs += milliseconds;
}

/** The event loop turns: the timer that is due fires. */
const turn = () => clock.fireNext(Number.MAX_SAFE_INTEGER);

const named = () => stalls.map(({ suspects, isCertain }) => [suspects.map(({ what }) => what), isCertain]);

describe("the watch over the event loop", () => {
  test("says who blocked it, and for how long", () => {
    const span = watchLoop().begin(code("slow"));
    span.call(() => compute(2_000));
    turn();
    expect(stalls).toEqual([{ blockedMs: 2_000, processorMs: 2_000, suspects: [code("slow")], isCertain: true }]);
  });

  test("names the only one who ran, though it blocked after it had awaited", () => {
    const span = watchLoop().begin(code("slow"));
    span.call(() => undefined);
    turn();
    compute(3_000);
    span.end();
    turn();
    expect(named()).toEqual([[['handler "slow"'], true]]);
  });

  test("is not certain when several ran all the time, and leaves out who did not", () => {
    const watch = watchLoop();
    const early = watch.begin(code("early"));
    watch.begin(code("one"));
    watch.begin(code("two"));
    turn();
    early.end();
    compute(1_000);
    watch.begin(code("late"));
    turn();
    expect(named()).toEqual([[['handler "one"', 'handler "two"'], false]]);
  });

  test("is certain among several when one did not return", () => {
    const watch = watchLoop();
    watch.begin(code("waiting"));
    watch.begin(code("slow")).call(() => compute(1_000));
    turn();
    expect(named()).toEqual([[['handler "slow"'], true]]);
  });

  test("says nothing of what stays within the limit", () => {
    const span = watchLoop().begin(code("quick"));
    for (let call = 0; call < 10; call += 1) {
      span.call(() => compute(LIMIT - 1));
      turn();
    }
    expect(stalls).toEqual([]);
  });

  test("tells each stall once", () => {
    const span = watchLoop().begin(code("slow"));
    span.call(() => compute(2_000));
    for (let beat = 0; beat < 5; beat += 1) turn();
    expect(stalls).toHaveLength(1);
  });

  test("does not take a process or a machine that was stopped for a blocked event loop", () => {
    watchLoop().begin(code("waiting"));
    turn();
    clock.pass(3_600_000);
    turn();
    expect({ stalls, pauses }).toEqual({ stalls: [], pauses: [3_600_000 - BEAT] });
  });

  test("believes its thread that the process went on, where no processor was used", () => {
    watchLoop(LIMIT, true).begin(code("waiting on a lock"));
    turn();
    clock.pass(2_000);
    state?.addCounted(1_900);
    turn();
    expect(named()).toEqual([[['handler "waiting on a lock"'], true]]);
  });

  test("sets no timer while nothing runs, and one at a time while something does", () => {
    const watch = watchLoop(LIMIT, true);
    expect(clock.nextTimerAt).toBeNull();
    const span = watch.begin(code("work"));
    watch.begin(code("more work")).end();
    expect([clock.nextTimerAt, clock.timersSet, state?.isArmed]).toEqual([BEAT, 1, true]);
    turn();
    span.end();
    turn();
    expect([clock.nextTimerAt, clock.timersSet, state?.isArmed]).toEqual([null, 2, false]);
  });

  test("does nothing on a clock that does not go with real time, or without a limit", () => {
    const still = new FakeClock(0);
    watchLoop(LIMIT, true, still).begin(code("work")).end();
    watchLoop(0, true).begin(code("work")).end();
    expect([still.timersSet, clock.timersSet, state]).toEqual([0, 0, null]);
  });

  test("tells the thread what runs, and what has been called and has not returned", () => {
    const watch = watchLoop(LIMIT, true);
    const outer = watch.begin(code("outer"));
    const inner = watch.begin(code("inner"));
    const seen = outer.call(() => {
      const within = inner.call(() => state?.calling);
      return [within, state?.calling];
    });
    expect(seen).toEqual(['handler "inner" (run 1)', 'handler "outer" (run 1)']);
    expect([state?.calling, state?.running.toSorted()]).toEqual([null, seen]);
    outer.end();
    inner.end();
    expect(state?.running).toEqual([]);
  });
});
