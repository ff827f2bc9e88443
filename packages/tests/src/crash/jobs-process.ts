/**
 * One life of an engine with jobs, in a process of its own, until somebody kills it. Its clock runs faster than the real
 * one, and goes on while nobody lives. Arguments: the database's path, the folder for effects and acknowledgements, the
 * real time at which it all began, and `drain` for the last life, which works off what is left and ends.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import {
  createEngine,
  defineJobHandler,
  systemClock,
  type Clock,
  type JobContext,
  type Scheduler,
} from "@millrace/agent";
import { openDatabase } from "@millrace/db";
import { AT_LEAST_ONCE, AT_MOST_ONCE, CRON, EVENT, SPEED, START } from "./jobs-world.ts";

const [path = "", folder = "", began = "0", mode = "live"] = process.argv.slice(2);

/** How long the last life goes on with all ticks, in real milliseconds. */
const CATCH_UP_MS = 3_000;

/** The same moment in every life: what passes between two lives passes here too. */
const fastClock: Clock = {
  now: () => START + Math.floor((Date.now() - Number(began)) * SPEED),
  elapsed: () => systemClock.elapsed() * SPEED,
  setTimer: (delayMs, callback) => systemClock.setTimer(Math.ceil(delayMs / SPEED), callback),
};

/** An effect in the world: once it is written it has happened, whatever becomes of the process. */
const act = defineJobHandler({
  name: "act",
  handler: (_payload, { jobName, idempotencyKey, scheduledAt }: JobContext) => {
    appendFileSync(join(folder, "effects"), `${jobName} ${scheduledAt} ${idempotencyKey}\n`);
  },
});

async function scheduleAll(jobs: Scheduler): Promise<void> {
  const every = {
    handler: "act",
    overlap: "buffer_all",
    misfire: { policy: "all", limit: 1_000 },
    startsAt: START,
  } as const;
  for (const name of AT_MOST_ONCE)
    await jobs.scheduleRecurring({ ...every, key: name, name, interval: "1s", delivery: "at_most_once" });
  for (const name of AT_LEAST_ONCE)
    await jobs.scheduleRecurring({ ...every, key: name, name, interval: "1s", maxRetries: 1_000, retryDelay: 100 });
  const { startsAt: _startsAt, ...cron } = every;
  await jobs.schedule({
    ...cron,
    type: "cron",
    key: CRON,
    name: CRON,
    cron: "*/2 * * * * *",
    delivery: "at_most_once",
  });
  await jobs.schedule({
    type: "event",
    event: EVENT,
    key: EVENT,
    name: EVENT,
    handler: "act",
    delivery: "at_most_once",
  });
}

/** Events and one-time jobs; what is acknowledged is written down, and must then be there for ever. */
async function askForMore(jobs: Scheduler): Promise<void> {
  for (let index = 1; ; index += 1) {
    const id = `${process.pid}-${index}`;
    await jobs.triggerEvent(EVENT, null, { eventId: id });
    appendFileSync(join(folder, "events"), `${id}\n`);
    await jobs.scheduleOnce({
      key: `once-${id}`,
      name: `once-${id}`,
      handler: "act",
      delivery: "at_most_once",
      in: "500ms",
    });
    appendFileSync(join(folder, "once"), `${id}\n`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const database = await openDatabase(`sqlite:${path}`);
const engine = createEngine({
  database,
  clock: fastClock,
  jobHandlers: [act],
  // Lives are short: what is left of the one before must not wait for the real duration of a lease.
  policy: { jobs: { leaseMs: 3_000 }, stop: { graceMs: 60_000 } },
});
await engine.start();
process.stdout.write("up\n");
await scheduleAll(engine.jobs);
if (mode === "live") await askForMore(engine.jobs);
// The last life: no more ticks, and what has begun comes to its end. What a pause holds is there, and not lost.
await new Promise((resolve) => setTimeout(resolve, CATCH_UP_MS));
const { items } = await engine.jobs.listJobs({ types: ["cron", "recurring"], limit: 1_000 });
for (const { id } of items) await engine.jobs.pauseJob(id, { note: "the end" });
await engine.whenIdle();
await engine.stop();
await database.close();
