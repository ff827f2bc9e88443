/**
 * One life of an engine, until somebody kills it: prints when its database was open, when it had started, when it made
 * its first call and when the first run after that start was committed. The argument is the database's location.
 */
import { createEngine } from "@millrace/agent";
import { openDatabase } from "@millrace/db";
import { sql } from "kysely";
import { createWorld, JOBS } from "./recovery-world.ts";

const [location = ""] = process.argv.slice(2);
const said = new Set<string>();

/** Says once that something has happened, with the time since the process began in milliseconds. */
function say(what: string, more: object = {}): void {
  if (said.has(what)) return;
  said.add(what);
  process.stdout.write(`${JSON.stringify({ what, ms: performance.now(), ...more })}\n`);
}

const { workflows, jobHandlers } = createWorld(() => say("called"));
say("loaded");
const database = await openDatabase(location);
say("opened");
const engine = createEngine({ database, workflows, jobHandlers });
engine.on("run:changed", ({ status }) => {
  if (status === "committed") say("committed");
});
const recovered = await engine.start();
say("started", { ...recovered });
const every = { handler: "count", interval: "1s", overlap: "skip" } as const;
for (let index = 0; index < JOBS; index += 1)
  await engine.jobs.scheduleRecurring({ ...every, key: `job-${index}`, name: `job-${index}` });
const { rows } = await database.read((executor) =>
  sql<{ pending: number; running: number }>`select
    (select count(*) from events where status = 'pending') as pending,
    (select count(*) from job_executions where status = 'running') as running`.execute(executor),
);
say("counted", rows[0]);
