/** `pnpm bench:peers`: measures ours and its peers in alternation, prints one table, and writes it as JSON. */
import { writeFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";
import { measureCommit } from "../commit-cost.ts";
import { compare, messageOf } from "./comparison.ts";
import { installPeers, versionOf } from "./peer-files.ts";
import type { Contestant, Sizes } from "./plan/contestant-entry.ts";
import { contestantsOf, planOf } from "./plan/plan.ts";
import { printTable } from "./result-table.ts";
import type { Comparison } from "./result-schema.ts";
import { resultOf } from "./result.ts";
import { findPostgres, findRedis, versionOfProgram } from "./server-programs.ts";

const RESULTS = fileURLToPath(new URL("../../results/peers.json", import.meta.url));

const HELP = `Usage: pnpm bench:peers [--rounds N] [--quick] [--only <name,…>] [--json <file>] [sizes]

Runs every contestant once in each round, each in a process of its own, and prints the medians beside their targets.
Peers come from npm into benchmarks/peers; PostgreSQL and Redis from Debian's packages. A peer that can't be run is
listed with the reason. A missed target does not make the command fail: the figures are this machine's.

  --rounds N                 5
  --quick                    two rounds with a tenth of the work, short backlog and history
  --only <name,…>            contestants of these names, or that begin with them ("restate" is all of Restate's)
  --json <file>              benchmarks/results/peers.json, unless only some or quick ones were asked for
  --list                     prints the names and ends
  --backlog N                pending events of the long backlog: 1,000,000
  --history N                runs of the long history: 10,000,000
  --idle-workflows N, --idle-jobs N    100,000 each
`;

const count = z.coerce.number().int().positive();
const settings = z.object({
  rounds: count.optional(),
  quick: z.boolean().default(false),
  only: z
    .string()
    .optional()
    .transform((names) => names?.split(",").map((name) => name.trim())),
  json: z.string().optional(),
  list: z.boolean().default(false),
  backlog: count.optional(),
  history: count.optional(),
  "idle-workflows": count.optional(),
  "idle-jobs": count.optional(),
  help: z.boolean().default(false),
});

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string" },
      quick: { type: "boolean" },
      only: { type: "string" },
      json: { type: "string" },
      list: { type: "boolean" },
      backlog: { type: "string" },
      history: { type: "string" },
      "idle-workflows": { type: "string" },
      "idle-jobs": { type: "string" },
      help: { type: "boolean" },
    },
  });
  const chosen = settings.parse(values);
  if (chosen.help) return console.log(HELP);
  const { quick } = chosen;
  const works = planOf(sizesOf(chosen));
  const contestants = choose(contestantsOf(works), chosen.only);
  if (chosen.list) return console.log(contestants.map(({ name }) => name).join("\n"));
  const unavailable = await installPeers().then(
    () => null,
    (error: unknown) => `the peers' packages can't be installed: ${messageOf(error)}`,
  );
  const [machine, commitMs] = [describeMachine(), await measureCommit()];
  const say = (line: string) => process.stderr.write(`${line}\n`);
  say(
    `${machine.cpu}, ${machine.cores} cores, ${machine.system}, Node ${machine.node}; one synced commit: ${commitMs} ms`,
  );
  const rounds = chosen.rounds ?? (quick ? 2 : 5);
  const outcomes = await compare(contestants, { rounds, unavailable, signal: stopSignal(), say });
  const versions = new Map<string, string>();
  for (const contestant of contestants) {
    if (outcomes.get(contestant.name)?.failure === null)
      versions.set(contestant.name, await describeVersion(contestant));
  }
  const result: Comparison = { machine, commitMs, rounds, quick, works: resultOf(works, outcomes, versions) };
  console.log(printTable(result.works));
  const file = chosen.json ?? (quick || chosen.only ? undefined : RESULTS);
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
}

/** Who ends the comparison leaves no server behind, nor the rows that were written for it. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.once(name, () => controller.abort(new Error(`The comparison was ended by ${name}.`)));
  return controller.signal;
}

function sizesOf(chosen: z.output<typeof settings>): Sizes {
  const { quick } = chosen;
  return {
    quick,
    backlog: chosen.backlog ?? (quick ? 20_000 : 1_000_000),
    history: chosen.history ?? (quick ? 20_000 : 10_000_000),
    idleWorkflows: chosen["idle-workflows"] ?? (quick ? 1_000 : 100_000),
    idleJobs: chosen["idle-jobs"] ?? (quick ? 1_000 : 100_000),
    idleSeconds: quick ? 5 : 30,
  };
}

/** @throws Error for a name that no contestant has */
function choose(contestants: readonly Contestant[], only: readonly string[] | undefined): Contestant[] {
  if (!only) return [...contestants];
  const isMeant = (name: string, asked: string) => name === asked || name.startsWith(`${asked}-`);
  for (const asked of only) {
    if (!contestants.some(({ name }) => isMeant(name, asked)))
      throw new Error(
        `There is no contestant "${asked}"; there are: ${contestants.map(({ name }) => name).join(", ")}`,
      );
  }
  return contestants.filter(({ name }) => only.some((asked) => isMeant(name, asked)));
}

function describeMachine(): Comparison["machine"] {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${release()}`,
    node: process.version,
  };
}

/** Of the packages, and of the server where it does not come with them; empty for ours. */
async function describeVersion({ packages, server }: Contestant): Promise<string> {
  const versions = packages.map((name, index) => (index === 0 ? versionOf(name) : `SDK ${versionOf(name)}`));
  if (server === "postgres") versions.push(`PostgreSQL ${await versionOfProgram(`${await findPostgres()}/postgres`)}`);
  if (server === "redis-always" || server === "redis-everysec")
    versions.push(`Redis ${await versionOfProgram(await findRedis())}`);
  return versions.join(", ");
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
