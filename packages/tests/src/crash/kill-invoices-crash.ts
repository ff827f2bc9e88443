/**
 * `pnpm crash invoices`: kills the running example with SIGKILL at random moments, starts it again each time, and counts
 * what happened outside.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Operations } from "@millrace/agent";
import { openDatabase } from "@millrace/db";
import { startCountingReceiver, type CountingReceiver, type Moment } from "./counting-receiver.ts";
import { SeededRandom } from "./seeded-random.ts";

const EXAMPLE = fileURLToPath(new URL("../../../../examples/invoice-mail/src/main.ts", import.meta.url));
const MAX_LIFE_MS = 1_500;
const START_UP_MS = 450;
const MAX_DRAINS = 10;

/** One place and what is in it. */
interface Ground {
  folder: string;
  inbox: string;
  out: string;
  database: string;
  receiver: CountingReceiver;
}

/** Gives whether anything was lost, duplicated or unaccounted for. */
export async function crashInvoices(cycles: number, seed: number, keep: boolean): Promise<boolean> {
  const random = new SeededRandom(seed);
  // The receiver's moods have a source of their own: how often it is asked depends on the moments of the kills.
  const receiver = await startCountingReceiver(new SeededRandom(seed + 1));
  const ground = prepareGround(receiver);
  let fed = 0;
  for (let cycle = 1; cycle <= cycles; cycle += 1) {
    for (let count = random.between(0, 2); count > 0; count -= 1) feed(ground, (fed += 1));
    await liveAndDie(ground, random);
    if (cycle % 20 === 0) console.log(`  ${cycle} kills, ${fed} invoices fed, ${receiver.accepted.size} notified`);
  }
  receiver.behave = true;
  const exitCode = await drain(ground);
  const failed = await report(ground, fed, exitCode);
  await receiver.close();
  if (keep || failed) console.log(`kept: ${ground.folder}`);
  else rmSync(ground.folder, { recursive: true });
  return failed;
}

function prepareGround(receiver: CountingReceiver): Ground {
  const folder = mkdtempSync(join(tmpdir(), "millrace-crash-"));
  const [inbox, out] = [join(folder, "inbox"), join(folder, "out")];
  mkdirSync(inbox);
  mkdirSync(out);
  return { folder, inbox, out, database: `sqlite:${join(out, "millrace.sqlite")}`, receiver };
}

/** Puts one more invoice into the inbox, complete at once as a mail server does. */
function feed({ inbox }: Ground, index: number): void {
  const lines = [
    "From: Supplier <billing@supplier.example>",
    `Subject: Invoice T-${index}`,
    `Message-ID: <t-${index}@supplier.example>`,
    "Content-Type: text/plain; charset=utf-8",
    "",
    `Invoice number: T-${index}`,
    `Amount due: EUR ${index}.00`,
    "",
  ];
  const temporary = join(inbox, `.${index}.tmp`);
  writeFileSync(temporary, lines.join("\r\n"));
  renameSync(temporary, join(inbox, `${index}.eml`));
}

function start({ inbox, out, database, receiver }: Ground, ...more: string[]): ChildProcess {
  const options = [
    "--inbox",
    inbox,
    "--out",
    out,
    "--database",
    database,
    "--receiver",
    receiver.url,
    "--poll-ms",
    "1000",
  ];
  return spawn(process.execPath, [...process.execArgv, EXAMPLE, ...options, ...more], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** One life: from the start to a kill at a random moment, or just when a request is before or behind its effect. */
async function liveAndDie(ground: Ground, random: SeededRandom): Promise<void> {
  const child = start(ground);
  child.stdout?.resume();
  child.stderr?.resume();
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const duringStartUp = random.chance(0.3);
  const life = duringStartUp ? random.between(0, START_UP_MS) : random.between(START_UP_MS, MAX_LIFE_MS);
  const timer = setTimeout(() => child.kill("SIGKILL"), life);
  if (random.chance(0.4)) {
    const moment: Moment = random.chance(0.5) ? "before-accepting" : "after-accepting";
    ground.receiver.onMoment = (reached) => reached === moment && child.kill("SIGKILL");
  }
  await ended;
  clearTimeout(timer);
  ground.receiver.onMoment = () => false;
}

/** Lets it work off what is left; gives its exit code. Retries may be due later than one run waits. */
async function drain(ground: Ground): Promise<number> {
  let exitCode = 1;
  for (let run = 0; run < MAX_DRAINS; run += 1) {
    const child = start(ground, "--once");
    let output = "";
    child.stdout?.on("data", (piece) => (output += String(piece)));
    child.stderr?.on("data", (piece) => (output += String(piece)));
    exitCode = await new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
    if (exitCode === 0 || exitCode === 3) return exitCode;
    console.log(output);
  }
  return exitCode;
}

async function report({ out, database: location, receiver }: Ground, fed: number, exitCode: number): Promise<boolean> {
  const numbers = Array.from({ length: fed }, (_, index) => `T-${index + 1}`);
  const csv = join(out, "invoices.csv");
  const rows = (existsSync(csv) ? readFileSync(csv, "utf8") : "").split("\n").filter((row) => row !== "");
  const written = new Map<string, number>();
  for (const row of rows) written.set(row.split(",")[0] ?? "", (written.get(row.split(",")[0] ?? "") ?? 0) + 1);
  const twice = (counts: ReadonlyMap<string, number>) =>
    [...counts].filter(([, count]) => count > 1).map(([number]) => number);
  const duplicated = [...twice(written), ...twice(receiver.accepted)];
  const lost = numbers.filter((number) => !written.has(number) || !receiver.accepted.has(number));

  const database = await openDatabase(location);
  const operations = new Operations({ database });
  const uncertain = (await operations.outputs({ limit: 1_000_000 })).filter(
    ({ uncertainSince }) => uncertainSince !== null,
  );
  const attention = await operations.needsAttention();
  const listed = new Set(attention.map(({ notification }) => notification.mutationId));
  const settled = uncertain.filter(({ resolvedAt }) => resolvedAt !== null);
  const forPerson = uncertain.filter(({ id, resolvedAt }) => resolvedAt === null && listed.has(id));
  await database.close();

  const unaccounted = uncertain.length - settled.length - forPerson.length;
  console.log(`\ninvoices fed             ${fed}`);
  console.log(`rows written             ${rows.length}`);
  console.log(`notifications accepted   ${receiver.accepted.size}`);
  console.log(
    `effects duplicated       ${duplicated.length}${duplicated.length > 0 ? `  (${duplicated.join(", ")})` : ""}`,
  );
  console.log(`events lost              ${lost.length}${lost.length > 0 ? `  (${lost.join(", ")})` : ""}`);
  console.log(
    `uncertain mutations      ${uncertain.length}: ${settled.length} settled by asking, ${forPerson.length} listed for a person, ${unaccounted} unaccounted for`,
  );
  for (const { notification } of attention) console.log(`! ${notification.message}`);
  // What waits for a person is not lost; anything else that is missing is.
  return duplicated.length > 0 || unaccounted > 0 || (lost.length > 0 && forPerson.length === 0) || exitCode === 1;
}
