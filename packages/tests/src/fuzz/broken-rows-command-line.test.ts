/** The command line over a database in which a row of every kind can't be read. */
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { runCommandLine } from "millrace";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ApiStage } from "../support/api-stage.ts";
import { ApiWorld, worldOptions } from "../support/api-world.ts";
import { JSON_COLUMNS } from "./json-columns.ts";

let stage: ApiStage;
beforeAll(async () => {
  stage = await ApiStage.open({ engine: worldOptions() });
  await new ApiWorld(stage).everything();
  const file = new Sqlite(join(stage.folder, "millrace.sqlite"));
  for (const { table, column } of JSON_COLUMNS) {
    file.exec(`update ${table} set ${column} = '{' where rowid = (select max(rowid) from ${table})`);
  }
  file.close();
});
afterAll(() => stage.close());

test.each([
  "status",
  "workflows list",
  "runs",
  "inputs",
  "events",
  "outputs",
  "needs-attention",
  "audit",
  "logs",
  "jobs list",
  "jobs dead-letters",
  "jobs health",
  "doctor",
])("%s shows all rows", async (command) => {
  const written = { stdout: "", stderr: "" };
  const into = (name: "stdout" | "stderr") => ({ write: (text: string) => (written[name] += text) });
  const words = [...command.split(" "), "--database", `sqlite:${join(stage.folder, "millrace.sqlite")}`];
  const exitCode = await runCommandLine(words, { stdout: into("stdout"), stderr: into("stderr"), env: {} });
  // 3: something waits for a person, which it does.
  expect([exitCode, written.stderr]).toEqual([expect.toBeOneOf([0, 3]), ""]);
  expect(written.stdout).not.toBe("");
});
