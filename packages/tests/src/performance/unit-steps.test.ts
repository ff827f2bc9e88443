/** The cost of a unit does not grow with what waits, nor with what is past; a million of each is in `pnpm bench costs --large`. */
import BetterSqlite3 from "better-sqlite3";
import { beforeAll, describe, expect, test } from "vitest";
import { RECOMPILED_LIMITS } from "./cost-limits.ts";
import { createTemplate, crowdedImage, type CrowdTemplate } from "./crowded-database.ts";
import { StatementMeter } from "./statement-meter.ts";
import { CROWDED_UNITS, findGrowth, measureUnitSteps, traceUnits, type UnitSteps } from "./unit-steps.ts";

const FEW = { pending: 1_000, history: 1_000 };
const MANY = { pending: 20_000, history: 20_000 };

let template: CrowdTemplate;
let withFew: UnitSteps[];
let withMany: UnitSteps[];

beforeAll(async () => {
  template = await createTemplate();
  withFew = await measureUnitSteps(template, FEW);
  withMany = await measureUnitSteps(template, MANY);
});

const stepsOf = (all: readonly UnitSteps[], unit: string) => {
  const found = all.find((steps) => steps.unit === unit);
  if (!found) throw new Error(`"${unit}" was not measured.`);
  return found;
};

describe.each(CROWDED_UNITS)("%s", (unit) => {
  test("costs the same whatever waits and is past", () => {
    const [few, many] = [stepsOf(withFew, unit), stepsOf(withMany, unit)];
    const growth = findGrowth(few, many);
    expect(many.steps, `These statements look at more rows where there are more:\n${growth}`).toBeLessThanOrEqual(
      few.steps * 1.1,
    );
    expect(many.perStatement.length).toBe(few.perStatement.length);
  });

  test("reads no table from one end to the other", () => {
    const scans = stepsOf(withMany, unit).perStatement.filter(({ scanned }) => scanned > 0);
    expect(scans).toEqual([]);
  });

  test("lets SQLite compile no more statements again than it may", () => {
    const { recompiled, perStatement } = stepsOf(withMany, unit);
    const statements = [...new Set(perStatement.filter((cost) => cost.recompiled > 0).map(({ sql }) => sql))];
    expect(
      recompiled,
      `cost-limits.ts says how to change a limit, and why this happens. Compiled again:\n${statements.join("\n")}\n`,
    ).toBeLessThanOrEqual(RECOMPILED_LIMITS[unit]);
  });
});

describe("the meter", () => {
  test("has the same SQLite as the driver, and leaves the same rows as the engine", async () => {
    const image = crowdedImage(template, { pending: 100, history: 100 });
    const { statements, after } = await traceUnits(image, template.leftAt);
    const meter = await StatementMeter.open(image);
    for (const statement of [...statements.values()].flat()) meter.run(statement);
    expect(meter.version).toBe(read(image, "select sqlite_version() as version")[0]?.["version"]);
    for (const { name } of read(after, "select name from sqlite_master where type = 'table'")) {
      const rows = `select * from "${String(name)}"`;
      expect(read(meter.serialise(), rows)).toEqual(read(after, rows));
    }
    meter.close();
  });

  test("shows what grows: rows that no index finds, and those that one finds among too many", async () => {
    const meters = [await StatementMeter.open(crowdedImage(template, FEW))];
    meters.push(await StatementMeter.open(crowdedImage(template, { pending: 2_000, history: 2_000 })));
    const cost = (sql: string) => meters.map((meter) => meter.run({ sql, parameters: ["nothing"] }));
    const [fewScanned, manyScanned] = cost("select count(*) from events where payload = ?").map((row) => row.scanned);
    expect(manyScanned).toBeGreaterThan(1.5 * (fewScanned ?? 0));
    const [few, many] = cost("select 1 from events where status = 'pending' and workflow_id <> ? and payload = ''");
    expect(many?.steps).toBeGreaterThan(1.5 * (few?.steps ?? 0));
    for (const meter of meters) meter.close();
  });
});

function read(image: Buffer, sql: string): Record<string, unknown>[] {
  const connection = new BetterSqlite3(image);
  try {
    return connection.prepare<[], Record<string, unknown>>(sql).all();
  } finally {
    connection.close();
  }
}
