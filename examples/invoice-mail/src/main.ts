/** Runs the example: watches a folder of mail, shows live what comes in and what is done, until Ctrl-C (or --once). */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createEngine, type Engine } from "@millrace/agent";
import { openDatabase } from "@millrace/db";
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
    return await run(engine, options.once, { inbox: resolve(options.inbox), out }, receiver);
  } finally {
    await database.close();
    await receiver?.close();
  }
}

async function run(
  engine: Engine,
  once: boolean,
  folders: { inbox: string; out: string },
  receiver: Receiver | null,
): Promise<number> {
  const stopAsked = untilSignal();
  printActivity(engine);
  const recovered = await engine.start();
  if (recovered.crashedRuns + recovered.uncertainMutations > 0) {
    console.log(
      `Took up what was left: ${recovered.crashedRuns} runs, ${recovered.uncertainMutations} actions of unknown outcome.`,
    );
  }
  if (once) {
    await Promise.race([drain(engine, "invoice-mail", "pollInbox"), stopAsked]);
  } else {
    console.log(`Watching ${folders.inbox} (drop an .eml file into it). Ctrl-C ends this.`);
    await stopAsked;
    console.log("Stopping …");
  }
  await engine.stop();
  return printSummary(engine, folders.out, receiver);
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
