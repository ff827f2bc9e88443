/**
 * What a unit of work costs the database: statements, commits and bytes, none of which depends on the machine. Counted on
 * the real engine and a real file at `synchronous = FULL`; clock, ids and order are the same each time.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countStatements, isControl, type Statement } from "./statement-trace.ts";
import { JOB, openUnitWorld, type UnitWorld } from "./unit-world.ts";
import { publishTo, UNITS, type Unit, type UnitName } from "./units.ts";
import { measureWritten } from "./write-ahead-log.ts";

/** Of one unit, on average over those that were measured together. */
export interface UnitCost {
  /** All statements, with those that only begin or end a transaction or a part of one. */
  statements: number;
  control: number;
  commits: number;
  /** Commits that wait for the disk: each syncs the log once. */
  syncs: number;
  /** Written into the log: pages with their headers. What a checkpoint copies into the file later is not in it. */
  bytes: number;
}

export interface MeasuredUnit extends UnitCost {
  name: UnitName;
  /** How often each statement was run for one unit, the most frequent first. */
  perStatement: [sql: string, times: number][];
}

/** Measures a unit in an engine of its own. */
export async function measureUnit(name: UnitName): Promise<MeasuredUnit> {
  const unit: Unit = UNITS[name];
  const folder = mkdtempSync(join(tmpdir(), "millrace-costs-"));
  const path = join(folder, "costs.sqlite");
  const world = await openUnitWorld({ location: `sqlite:${path}`, workflows: unit.workflows ?? 1 });
  try {
    await world.engine.start();
    await warmUp(world);
    await unit.prepare?.(world);
    await world.engine.whenIdle();
    const before = await unit.done(world);
    const { statements, commits, syncs, bytes } = await measureWork(world, path, unit);
    const done = (await unit.done(world)) - before;
    if (done !== unit.count) throw new Error(`${done} of ${unit.count} units of "${name}" were done.`);
    return {
      name,
      statements: statements.length / unit.count,
      control: statements.filter(isControl).length / unit.count,
      commits: commits / unit.count,
      syncs: syncs / unit.count,
      bytes: bytes / unit.count,
      perStatement: countStatements(statements).map(([sql, times]) => [sql, times / unit.count]),
    };
  } finally {
    await world.test.close();
    rmSync(folder, { recursive: true });
  }
}

async function measureWork(world: UnitWorld, path: string, { work }: Unit) {
  let statements: Statement[] = [];
  const syncsBefore = world.syncs();
  const written = await measureWritten(path, async () => {
    world.trace.take();
    await work(world);
    await world.engine.whenIdle();
    statements = world.trace.take();
  });
  return { ...written, statements, syncs: world.syncs() - syncsBefore };
}

/** What is only done once (the first row of a state, the first page of a table) is no cost of a unit. */
async function warmUp(world: UnitWorld): Promise<void> {
  await Promise.all(world.workflows.map((workflow, index) => publishTo(world, workflow, `warm-${index}`)));
  await world.engine.jobs.scheduleOnce({ name: "warm", handler: JOB });
  await world.engine.whenIdle();
}
