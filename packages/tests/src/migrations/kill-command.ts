/**
 * Kills real processes that migrate: from each earlier version at every statement, and at random moments of a larger
 * database. Run it with `node --conditions=millrace-source packages/tests/src/migrations/kill-command.ts [--random 100]`.
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import { killMigration, rehearse, type Moment } from "./killed-migration.ts";
import { prepareRelease, withFolder, type Release } from "./migrating-child.ts";
import { EARLIER_VERSIONS, VERSIONS } from "./old-release.ts";

/** Rows of most kinds in the database that takes a while. */
const MANY = 1_000;
/** How many of the kills are followed by an engine that works off what was pending: one of so many. */
const ENGINE_EVERY = 10;
const AT_ONCE = 2;

const settings = z.object({ random: z.coerce.number().int().min(0).default(100) });

const say = (line: string) => process.stdout.write(`${line}\n`);

interface Tally {
  kills: number;
  engines: number;
  faults: string[];
}

async function killAll(release: Release, moments: readonly Moment[]): Promise<Tally> {
  const tally: Tally = { kills: 0, engines: 0, faults: [] };
  const waiting = [...moments.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, moment] = next;
      const withEngine = index % ENGINE_EVERY === 0;
      const { wasKilled, faults } = await killMigration(release, moment, withEngine);
      tally.kills += wasKilled ? 1 : 0;
      tally.engines += withEngine ? 1 : 0;
      tally.faults.push(...faults.map((fault) => `${JSON.stringify(moment)}: ${fault}`));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return tally;
}

async function main(): Promise<number> {
  const { random } = settings.parse(parseArgs({ options: { random: { type: "string" } } }).values);
  const perVersion = Math.ceil(random / EARLIER_VERSIONS.length);
  let failed = false;
  for (const version of EARLIER_VERSIONS) {
    const [atStatements, atRandom] = await withFolder(async (folder) => {
      const release = await prepareRelease(folder, version);
      const { points } = await rehearse(release);
      const every = Array.from({ length: points }, (_, index) => ({ point: index + 1 }));
      const tally = await killAll(release, every);
      const large = await prepareRelease(folder, version, MANY);
      const { durationMs } = await rehearse(large);
      const any = Array.from({ length: perVersion }, () => ({ afterMs: Math.random() * durationMs * 1.1 }));
      return [tally, await killAll(large, any)] as const;
    });
    const faults = [...atStatements.faults, ...atRandom.faults];
    say(
      `from ${VERSIONS[version - 1] ?? ""}: ${atStatements.kills} kills at statements, ${atRandom.kills} kills at random moments, ${atStatements.engines + atRandom.engines} engines worked off the rest, ${faults.length} faults`,
    );
    for (const fault of faults.slice(0, 20)) say(`  ${fault}`);
    failed ||= faults.length > 0;
  }
  return failed ? 1 : 0;
}

process.exitCode = await main();
