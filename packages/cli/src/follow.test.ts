import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "@millrace/agent/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { follow } from "./follow.ts";

let folder: string;
let path: string;
let clock: FakeClock;
let interrupt: () => void;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-follow-"));
  path = join(folder, "state.sqlite");
  writeFileSync(path, "");
  clock = new FakeClock();
  interrupt = () => undefined;
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Follows; `looks` gives the next look, once it has been taken. */
function begin(databasePath: string | null, until: (look: number) => boolean = () => true) {
  let count = 0;
  const waiting: (() => void)[] = [];
  const ended = follow(
    databasePath,
    { clock, onInterrupt: (listener) => ((interrupt = listener), () => (interrupt = () => undefined)) },
    async () => {
      count += 1;
      for (const resolve of waiting.splice(0)) resolve();
      return until(count);
    },
  );
  const looked = async (number: number): Promise<void> => {
    if (count >= number) return;
    await new Promise<void>((resolve) => waiting.push(resolve));
    await looked(number);
  };
  return { ended, looked };
}

/** Fires the timer that is set next. */
async function passTime(): Promise<void> {
  for (let turn = 0; turn < 1_000; turn += 1) {
    if (clock.fireNext(clock.now() + 10_000)) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect.unreachable("No timer was set.");
}

describe("it looks", () => {
  test("at once, and when the log of the database changes", async () => {
    const { ended, looked } = begin(path);
    await looked(1);
    appendFileSync(`${path}-wal`, "x");
    await looked(2);
    interrupt();
    await ended;
  });

  test("from time to time, in case a change went unnoticed", async () => {
    const { ended, looked } = begin(null);
    await looked(1);
    for (let number = 2; number <= 4; number += 1) {
      await passTime();
      await looked(number);
    }
    interrupt();
    await ended;
  });

  test("from time to time where the folder cannot be watched", async () => {
    const { ended, looked } = begin(join(folder, "missing", "state.sqlite"));
    await looked(1);
    await passTime();
    await looked(2);
    interrupt();
    await ended;
  });
});

test("it ends when there is no more to see", async () => {
  await begin(null, () => false).ended;
});
