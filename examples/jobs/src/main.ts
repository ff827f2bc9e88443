/** Runs the example: schedules four jobs, one of each type, lets them run, and prints what became of them. */
import { mkdirSync } from "node:fs";
import { relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { createEngine, type Engine } from "@millrace/agent";
import { openDatabase } from "@millrace/db";
import { pino } from "pino";
import { handlersFor, placesIn, scheduleJobs, type Places } from "./jobs.ts";
import { PAYMENTS } from "./receipts.ts";
import { describeJobs, printEnds } from "./report.ts";
import { isOver, untilDone } from "./until-done.ts";

const HELP = `Runs four jobs: backups by cron, a restore drill once, samples five times, a receipt whenever an invoice is paid.

Usage: npm run jobs -- [options]

  --watch          print each execution as it ends, and go on until Ctrl-C (default: until the bounded work is done)
  --out <folder>   gets the database, backups, receipts and samples (default: out/jobs)
  --help           show this
`;

/** Exit codes: all is done; something needs a person; the arguments are wrong. */
const [DONE, NEEDS_ATTENTION, BAD_ARGUMENTS] = [0, 3, 2];

async function main(): Promise<number> {
  const options = readOptions();
  if (options === null) return BAD_ARGUMENTS;
  if (options.help) {
    process.stdout.write(HELP);
    return DONE;
  }
  const out = resolve(options.out);
  mkdirSync(out, { recursive: true });
  const places = placesIn(out);
  const database = await openDatabase(`sqlite:${places.database}`);
  try {
    const logger = pino({ level: process.env["LOG_LEVEL"] ?? "silent" }, pino.destination(2));
    const engine = createEngine({ database, jobHandlers: handlersFor(places), logger });
    const code = await run(engine, places, options.watch);
    console.log(`\nAll of it is in ${relative(process.cwd(), out) || out}; remove that folder to begin anew.`);
    return code;
  } finally {
    await database.close();
  }
}

async function run(engine: Engine, places: Places, watch: boolean): Promise<number> {
  const stopAsked = untilSignal();
  const scheduled = await scheduleJobs(engine.jobs, places);
  for (const job of Object.values(scheduled)) {
    if (isOver(job)) console.log(`"${job.name}" was ${job.status} by an earlier run.`);
  }
  if (watch) printEnds(engine, Object.values(scheduled));
  await engine.start();

  let receipts = 0;
  for (const { eventId, payload } of PAYMENTS) {
    // Resolves when the work is on disk. An event that is known by its id makes none again.
    const executions = await engine.jobs.triggerEvent("invoice.paid", payload, { eventId });
    receipts += executions.length;
  }
  console.log(`invoice.paid was delivered ${PAYMENTS.length} times and made work ${receipts} times.`);

  console.log(watch ? "Running until Ctrl-C …" : "Running for a few seconds …");
  await (watch ? stopAsked : Promise.race([untilDone(engine, scheduled), stopAsked]));
  await engine.stop();

  console.log(`\n${await describeJobs(engine.jobs)}`);
  const failed = await engine.jobs.listDeadLetters();
  return failed.items.length === 0 ? DONE : NEEDS_ATTENTION;
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        watch: { type: "boolean", default: false },
        out: { type: "string", default: "out/jobs" },
        help: { type: "boolean", default: false },
      },
    });
    return values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return null;
  }
}

/** One Ctrl-C may arrive as several signals; those after the first do not disturb the stopping. */
function untilSignal(): Promise<void> {
  return new Promise((resolveSignal) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => resolveSignal());
  });
}

process.exitCode = await main();
