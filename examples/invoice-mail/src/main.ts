/** Runs the example: watches a folder of mail, shows live what comes in and what is done, and serves the dashboard. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createEngine, type Engine } from "@millrace/agent";
import { openDatabase, type SqliteDatabase } from "@millrace/db";
import { createHost, type HostOptions } from "millrace";
import { pino } from "pino";
import { z } from "zod";
import { invoiceMail } from "./invoice-mail.ts";
import { startReceiver, type Receiver } from "./receiver.ts";
import { printActivity, printSummary } from "./terminal.ts";
import { drain } from "./drain.ts";

const HELP = `Turns invoice mails into rows of a CSV file and notifications.

Usage: npm start -- [options]

  --once             work off what is there, print a summary, and end
  --inbox <folder>   a Maildir or a folder of .eml files (default: the example's own inbox)
  --out <folder>     gets invoices.csv, the digests and the database (default: out)
  --database <loc>   where the engine keeps its state (default: sqlite:<out>/millrace.sqlite)
  --receiver <url>   notify this receiver instead of starting one on loopback
  --poll-ms <ms>     how often the inbox is looked at (default: 2000, at least 1000)
  --port <port>      where the dashboard is served on loopback (default: 4400, or a free one where that is taken)
  --help             show this
`;

const settings = z.object({
  once: z.boolean().default(false),
  help: z.boolean().default(false),
  inbox: z.string().default(fileURLToPath(new URL("../inbox", import.meta.url))),
  out: z.string().default("out"),
  database: z.string().optional(),
  receiver: z.url().optional(),
  "poll-ms": z.coerce.number().int().min(1_000).default(2_000),
  port: z.coerce.number().int().min(0).max(65_535).optional(),
});

/** After so long a second signal means: at once. One Ctrl-C may arrive as several signals. */
const IMPATIENCE_MS = 1_500;

async function main(): Promise<number> {
  const options = readSettings();
  if (options === null) return 2;
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const out = resolve(options.out);
  mkdirSync(out, { recursive: true });
  const receiver =
    options.receiver === undefined ? await startReceiver({ file: join(out, "notifications.jsonl") }) : null;
  const database = await openDatabase(options.database ?? `sqlite:${join(out, "millrace.sqlite")}`);
  try {
    const workflow = invoiceMail({
      inbox: resolve(options.inbox),
      out,
      receiver: options.receiver ?? receiver?.url ?? "",
      interval: `${options["poll-ms"]}ms`,
    });
    const logger = pino({ level: process.env["LOG_LEVEL"] ?? "silent" }, pino.destination(2));
    const engine = createEngine({ database, workflows: [workflow], logger });
    const work = { engine, folders: { inbox: resolve(options.inbox), out }, receiver };
    return options.once ? await runOnce(work) : await runUntilStopped(work, database, options.port);
  } finally {
    await database.close();
    await receiver?.close();
  }
}

interface Work {
  engine: Engine;
  folders: { inbox: string; out: string };
  receiver: Receiver | null;
}

/** Works off what is there. */
async function runOnce({ engine, folders, receiver }: Work): Promise<number> {
  const stopAsked = untilSignal();
  await startEngine(engine);
  await Promise.race([drain(engine, "invoice-mail", "pollInbox"), stopAsked]);
  await engine.stop();
  return printSummary(engine, folders.out, receiver);
}

/** Watches the inbox, and shows in a browser what comes of it. */
async function runUntilStopped(
  { engine, folders, receiver }: Work,
  database: SqliteDatabase,
  port: number | undefined,
): Promise<number> {
  const stopAsked = untilSignal();
  const { host, loginUrl } = await startDashboard(engine, database, port);
  // Said before the first mail, so that it stands at the top.
  console.log(`Dashboard: ${loginUrl} (lets in one browser, within ten minutes)`);
  console.log(`Watching ${folders.inbox} (drop an .eml file into it). Ctrl-C ends this.\n`);
  await startEngine(engine);
  await stopAsked;
  console.log("Stopping …");
  await host.stop();
  await engine.stop();
  return printSummary(engine, folders.out, receiver);
}

async function startEngine(engine: Engine): Promise<void> {
  printActivity(engine);
  const recovered = await engine.start();
  if (recovered.crashedRuns + recovered.uncertainMutations > 0) {
    console.log(
      `Took up what was left: ${recovered.crashedRuns} runs, ${recovered.uncertainMutations} actions of unknown outcome.`,
    );
  }
}

/** Serves the dashboard at the port that was asked for; where nobody asked, at the usual one or any that is free. */
async function startDashboard(engine: Engine, database: SqliteDatabase, port: number | undefined) {
  const start = async (at: Partial<Pick<HostOptions, "port">>) => {
    const host = createHost({ engine, database, ...at });
    return { host, ...(await host.start()) };
  };
  if (port !== undefined) return start({ port });
  try {
    return await start({});
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    return start({ port: 0 });
  }
}

function readSettings(): z.output<typeof settings> | null {
  try {
    const { values } = parseArgs({
      options: {
        once: { type: "boolean" },
        help: { type: "boolean" },
        inbox: { type: "string" },
        out: { type: "string" },
        database: { type: "string" },
        receiver: { type: "string" },
        "poll-ms": { type: "string" },
        port: { type: "string" },
      },
    });
    return settings.parse(values);
  } catch (error) {
    const message =
      error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error);
    process.stderr.write(`${message}\n\n${HELP}`);
    return null;
  }
}

function untilSignal(): Promise<void> {
  return new Promise((resolveSignal) => {
    let first: number | null = null;
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        first ??= performance.now();
        if (performance.now() - first > IMPATIENCE_MS) process.exit(130);
        resolveSignal();
      });
    }
  });
}

process.exitCode = await main();
