/** The cost of a unit does not grow with what waits, nor with what is past; `pnpm bench costs --large` sets a million beside a thousand. */
import { readFileSync } from "node:fs";
import BetterSqlite3 from "better-sqlite3";
import { beforeAll, describe, expect, test } from "vitest";
import { RECOMPILED_LIMITS } from "./cost-limits.ts";
import { createTemplate, crowdOf, withCrowdedFile, type CrowdTemplate } from "./crowded-database.ts";
import { StatementMeter } from "./statement-meter.ts";
import { CROWDED_UNITS, findGrowth, measureUnitSteps, traceUnits, type UnitSteps } from "./unit-steps.ts";

const FEW = crowdOf(500);
const MANY = crowdOf(5_000);

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
    expect(many.steps <= few.steps * 1.1 ? "" : findGrowth(few, many)).toBe("");
    expect(many.perStatement.length).toBe(few.perStatement.length);
  });

  test("reads no table from one end to the other", () => {
    expect(stepsOf(withMany, unit).perStatement.filter(({ scanned }) => scanned > 0)).toEqual([]);
  });

  test("lets SQLite compile no more statements again than it may", () => {
    const { recompiled, perStatement } = stepsOf(withMany, unit);
    const limit = RECOMPILED_LIMITS[unit];
    const statements = new Set(perStatement.filter((cost) => cost.recompiled > 0).map(({ sql }) => sql));
    // What is compared with the limit is shown with what it comes from.
    expect(recompiled <= limit ? "" : `${recompiled}, not ${limit}:\n${[...statements].join("\n")}`).toBe("");
  });
});

describe("the meter", () => {
  test("has the same SQLite as the driver, and leaves the same rows as the engine", async () => {
    await withCrowdedFile(template, crowdOf(100), async (path) => {
      const meter = await StatementMeter.open(readFileSync(path));
      const statements = [...(await traceUnits(path, template.leftAt)).values()].flat();
      for (const statement of statements) meter.run(statement);
      expect(meter.version).toBe(read(path, "select sqlite_version() as version")[0]?.["version"]);
      const again = meter.serialise();
      for (const { name } of read(path, "select name from sqlite_master where type = 'table'")) {
        const rows = `select * from "${String(name)}"`;
        expect(read(again, rows)).toEqual(read(path, rows));
      }
      expect(read(path, "pragma foreign_key_check")).toEqual([]);
      meter.close();
    });
  });

  test("shows what grows: rows that no index finds, and those that one finds among too many", async () => {
    const [few, many] = await Promise.all(
      [crowdOf(100), crowdOf(1_000)].map((crowd) =>
        withCrowdedFile(template, crowd, async (path) => {
          const meter = await StatementMeter.open(readFileSync(path));
          const run = (sql: string) => meter.run({ sql, parameters: ["nothing"] });
          const scan = run("select count(*) from events where payload = ?");
          const search = run("select 1 from events where status = 'pending' and workflow_id <> ? and payload = ''");
          meter.close();
          return { scanned: scan.scanned, steps: search.steps };
        }),
      ),
    );
    expect(many?.scanned).toBeGreaterThan(5 * (few?.scanned ?? 0));
    expect(many?.steps).toBeGreaterThan(5 * (few?.steps ?? 0));
  });
});

function read(source: Buffer | string, sql: string): Record<string, unknown>[] {
  const connection = new BetterSqlite3(source);
  try {
    return connection.prepare<[], Record<string, unknown>>(sql).all();
  } finally {
    connection.close();
  }
}
