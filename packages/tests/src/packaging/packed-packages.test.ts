// Job: what a user installs works without the workspace around it.
// To add a case, put a program into empty-project/ and run it with `runProgram`.
import { execFile } from "node:child_process";
import { copyFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { packPackages, type PackedPackage, withTemporaryDirectory } from "../../../../scripts/pack-packages.ts";

const run = promisify(execFile);
const programs = path.join(import.meta.dirname, "empty-project");

test("the packed packages work in an empty project", { timeout: 300_000 }, async () => {
  await withTemporaryDirectory(async (project) => {
    const packed = await packPackages(project);
    expect(packed.map(({ name }) => name).toSorted()).toEqual(["@millrace/agent", "@millrace/db", "millrace"]);
    await installPackages(project, packed);

    expect(JSON.parse(await runProgram(project, "list-workflows.ts"))).toEqual([]);
  });
});

/** Installs the tarballs; what they need beside each other comes from the registry. */
async function installPackages(project: string, packed: readonly PackedPackage[]): Promise<void> {
  const tarballs = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const manifest = {
    name: "empty-project",
    private: true,
    type: "module",
    dependencies: tarballs,
    overrides: tarballs,
  };
  await writeFile(path.join(project, "package.json"), JSON.stringify(manifest));
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], { cwd: project });
}

/** Runs a program of empty-project/ inside the project and returns what it prints. */
async function runProgram(project: string, program: string, args: readonly string[] = []): Promise<string> {
  await copyFile(path.join(programs, program), path.join(project, program));
  const { stdout } = await run(process.execPath, [program, ...args], { cwd: project });
  return stdout;
}
