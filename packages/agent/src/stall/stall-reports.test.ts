import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "@millrace/db";
import { pino } from "pino";
import { expect, test } from "vitest";
import { createEngine } from "../engine.ts";

interface Line {
  msg: string;
  suspects?: string[];
  expiredLeases?: number;
}

/** Computes without a pause; by the processor's time, of which a busy machine gives little. */
function compute(milliseconds: number): void {
  const before = process.cpuUsage();
  for (let used = 0; used < milliseconds * 1_000;) {
    const { user, system } = process.cpuUsage(before);
    used = user + system;
  }
}

test("a job that blocks the event loop until its lease has run out is told of with that, its owner once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-stall-"));
  const database = await openDatabase(`sqlite:${join(folder, "test.sqlite")}`);
  const lines: Line[] = [];
  const logger = pino({ base: null }, { write: (line) => void lines.push(JSON.parse(line) as Line) });
  let calls = 0;
  const engine = createEngine({
    database,
    logger,
    policy: { watchdog: { blockedMs: 200 }, jobs: { leaseMs: 150 } },
    jobHandlers: [
      {
        name: "crunch",
        handler: () => {
          calls += 1;
          compute(600);
        },
      },
    ],
  });
  await engine.start();
  const job = await engine.jobs.scheduleOnce({ name: "sums", handler: "crunch" });
  await engine.whenIdle();
  await engine.jobs.runJobNow(job.id);
  // The second time has its own line in the log, when the event loop has turned.
  while (lines.filter(({ suspects }) => suspects).length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  await engine.whenIdle();
  const told = lines.filter(({ suspects }) => suspects);
  expect(told.map(({ suspects }) => suspects)).toEqual(
    Array.from({ length: 2 }, () => [expect.stringMatching(/^handler "crunch" of job "sums" \(execution /)]),
  );
  expect(told[0]).toMatchObject({
    expiredLeases: 1,
    msg: expect.stringContaining("Leases that ran out meanwhile: 1."),
  });
  expect((await engine.needsAttention()).map(({ notification: { kind, jobId } }) => [kind, jobId])).toEqual([
    ["logic", job.id],
  ]);
  expect(engine.eventLoop).toMatchObject({ stalls: 2, last: { while: expect.stringContaining('job "sums"') } });
  expect(calls).toBe(2);
  expect(await engine.jobs.getJobHistory(job.id)).toMatchObject({
    items: [{ status: "success" }, { status: "success" }],
  });
  await engine.stop();
  await database.close();
  rmSync(folder, { recursive: true });
});
