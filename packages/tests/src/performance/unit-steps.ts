/** What units of work cost in a database that is full of others: the steps of SQLite's virtual machine, by statement. */
import { readFileSync } from "node:fs";
import { withCrowdedFile, type Crowd, type CrowdTemplate } from "./crowded-database.ts";
import { StatementMeter, type StatementCost } from "./statement-meter.ts";
import type { Statement } from "./statement-trace.ts";
import { JOB, openUnitWorld, TOPIC, type UnitWorld } from "./unit-world.ts";

export interface UnitSteps extends StatementCost {
  unit: CrowdedUnit;
  /** In the order in which they were run. */
  perStatement: ({ sql: string } & StatementCost)[];
}

/**
 * Done one after another in one database, whose consumer takes nothing unless it is told to. When the template's engine was
 * left the next tick was due in four minutes, the producer in ten.
 */
const UNITS = {
  "a start after a crash, with a run and a job under way": ({ engine }) => engine.start(),
  "an event published, and a run that takes none": (world) => publish(world, "one"),
  "a tick of a recurring job": ({ test }) => test.advance("4m"),
  "a producer run, and a run that takes no event": ({ test }) => test.advance("6m"),
  "a job added": ({ engine, test }) =>
    engine.jobs.scheduleOnce({ name: JOB, handler: JOB, at: test.clock.now() + 1_000 }),
  "a job run": ({ test }) => test.advance("1s"),
  "an event published, and three runs that take one each": (world) => {
    world.gate.events = 3;
    return publish(world, "another");
  },
} as const satisfies Record<string, (world: UnitWorld) => Promise<unknown>>;

export type CrowdedUnit = keyof typeof UNITS;

// Object.keys forgets which keys an object of known keys has.
export const CROWDED_UNITS = Object.keys(UNITS) as CrowdedUnit[];

function publish({ engine, workflow }: UnitWorld, messageId: string): Promise<unknown> {
  return engine.publish(workflow, TOPIC, { messageId, payload: { text: "" } });
}

/** Does the units on this file, one after another, and gives their statements. */
export async function traceUnits(path: string, startAt: number): Promise<Map<CrowdedUnit, Statement[]>> {
  const world = await openUnitWorld({ location: `sqlite:${path}`, startAt, polls: true, events: 0 });
  const statements = new Map<CrowdedUnit, Statement[]>();
  try {
    world.trace.take();
    for (const unit of CROWDED_UNITS) {
      await UNITS[unit](world);
      await world.engine.whenIdle();
      statements.set(unit, world.trace.take());
    }
    return statements;
  } finally {
    await world.test.close();
  }
}

/** Does the units in a database with so many others, and reads what their statements cost there. */
export function measureUnitSteps(template: CrowdTemplate, crowd: Crowd): Promise<UnitSteps[]> {
  return withCrowdedFile(template, crowd, async (path) => {
    const meter = await StatementMeter.open(readFileSync(path));
    try {
      return [...(await traceUnits(path, template.leftAt))].map(([unit, statements]) => sumUp(unit, statements, meter));
    } finally {
      meter.close();
    }
  });
}

function sumUp(unit: CrowdedUnit, statements: readonly Statement[], meter: StatementMeter): UnitSteps {
  const perStatement = statements.map((statement) => ({ sql: statement.sql, ...meter.run(statement) }));
  const sum = (counter: keyof StatementCost) => perStatement.reduce((total, cost) => total + cost[counter], 0);
  const [steps, scanned, sorts, recompiled] = [sum("steps"), sum("scanned"), sum("sorts"), sum("recompiled")];
  return { unit, perStatement, steps, scanned, sorts, recompiled };
}

/** The statements whose cost is another with more rows, with the steps that they took; empty where there are none. */
export function findGrowth(few: UnitSteps, many: UnitSteps): string {
  return many.perStatement
    .map(({ sql, steps }, index) => ({ sql, steps, before: few.perStatement[index] }))
    .filter(({ sql, steps, before }) => sql !== before?.sql || steps > before.steps)
    .map(({ sql, steps, before }) => `${before?.sql === sql ? before.steps : "not run"} → ${steps}: ${sql}`)
    .join("\n");
}
