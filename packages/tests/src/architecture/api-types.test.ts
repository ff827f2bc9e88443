import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "..", "..", "..", "..");

test("the dashboard's types of the API are those of its schemas", async () => {
  const script = path.join("scripts", "api-types.ts");
  const compared = promisify(execFile)(process.execPath, ["--conditions=millrace-source", script], { cwd: root });
  await expect(compared).resolves.toMatchObject({ stderr: "" });
});
