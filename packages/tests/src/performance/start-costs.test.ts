import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { countStatements } from "./statement-trace.ts";
import { openUnitWorld } from "./unit-world.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-starts-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The statements of a start with so many workflows, none of which has changed or has anything to do. */
async function statementsOfStart(workflows: number): Promise<Map<string, number>> {
  const world = { location: `sqlite:${join(folder, `${workflows}.sqlite`)}`, workflows, polls: true };
  const first = await openUnitWorld(world);
  await first.engine.start();
  await first.engine.whenIdle();
  await first.test.close();
  const second = await openUnitWorld(world);
  second.trace.take();
  await second.engine.start();
  await second.engine.whenIdle();
  const statements = second.trace.take();
  await second.test.close();
  return new Map(countStatements(statements));
}

test("a start costs the same statements among 3 workflows and among 60, if they have not changed", async () => {
  expect(await statementsOfStart(60)).toEqual(await statementsOfStart(3));
});
