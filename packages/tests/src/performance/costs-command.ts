/**
 * `pnpm bench costs`: prints what units of work cost the database, none of which depends on the machine; `--large` sets
 * a database with a million waiting events beside a small one, and one with a long past. cost-limits.ts holds what the tests allow.
 */
import { parseArgs } from "node:util";
import { createTemplate, crowdOf, type Crowd } from "./crowded-database.ts";
import { measureUnit } from "./unit-costs.ts";
import { findGrowth, measureUnitSteps, type UnitSteps } from "./unit-steps.ts";
import { UNIT_NAMES } from "./units.ts";

const SMALL = crowdOf(1_000);
const CROWDS: readonly Crowd[] = [crowdOf(10_000)];
/** As large as the meter's memory of 2 GiB lets them be. */
const LARGE_CROWDS: readonly Crowd[] = [
  { events: 1_000_000, jobs: 100_000, history: 1_000 },
  { events: 1_000, jobs: 1_000, history: 100_000 },
];

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { large: { type: "boolean", default: false } } });
  await printCosts();
  await printSteps(values.large ? LARGE_CROWDS : CROWDS);
}

async function printCosts(): Promise<void> {
  print("for one unit of work                              statements  of them control  commits    syncs    bytes");
  for (const name of UNIT_NAMES) {
    const { statements, control, commits, syncs, bytes } = await measureUnit(name);
    print(
      `  ${name.padEnd(48)}${column(statements.toFixed(1), 10)}${column(control.toFixed(1), 17)}${column(commits.toFixed(3), 9)}${column(syncs.toFixed(3), 9)}${column(Math.round(bytes), 9)}`,
    );
  }
}

async function printSteps(crowds: readonly Crowd[]): Promise<void> {
  const template = await createTemplate();
  const small = await measureUnitSteps(template, SMALL);
  printCrowd(SMALL, small);
  for (const crowd of crowds) {
    const measured = await measureUnitSteps(template, crowd);
    printCrowd(crowd, measured);
    for (const [index, many] of measured.entries()) {
      const few = small[index];
      const growth = few ? findGrowth(few, many) : "";
      if (growth !== "") print(`  ${many.unit} grows:\n${growth}`);
    }
  }
}

function printCrowd({ events, jobs, history }: Crowd, measured: readonly UnitSteps[]): void {
  const [waiting, scheduled, past] = [events, jobs, history].map((count) => count.toLocaleString("en"));
  print(`\n${waiting} events waiting, ${scheduled} jobs scheduled, ${past} of each past`);
  print("  for one unit of work                                   statements     steps  scanned rows  compiled again");
  for (const { unit, perStatement, steps, scanned, recompiled } of measured) {
    print(
      `  ${unit.padEnd(55)}${column(perStatement.length, 10)}${column(steps, 10)}${column(scanned, 14)}${column(recompiled, 16)}`,
    );
  }
}

const column = (value: number | string, width: number) => String(value).padStart(width);

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
