// Job: what a user installs works without the workspace around it.
// To add a case, put a program into empty-project/ and run it with `runProgram`.
import { execFile } from "node:child_process";
import { copyFile, cp, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";
import { EXPECTED_INVOICES } from "@millrace/example-invoice-mail/expected-invoices";
import { startReceiver } from "@millrace/example-invoice-mail/receiver";
import { packPackages, type PackedPackage, withTemporaryDirectory } from "../../../../scripts/pack-packages.ts";

const run = promisify(execFile);
const programs = path.join(import.meta.dirname, "empty-project");
const example = path.resolve(import.meta.dirname, "../../../../examples/invoice-mail");

test("the packed packages work in an empty project", { timeout: 300_000 }, async () => {
  await withTemporaryDirectory(async (project) => {
    const packed = await packPackages(project);
    expect(packed.map(({ name }) => name).toSorted()).toEqual([
      "@millrace/agent",
      "@millrace/db",
      "@millrace/ui",
      "millrace",
    ]);
    await installPackages(project, packed);

    expect(JSON.parse(await runProgram(project, "list-workflows.ts"))).toEqual([]);
    await expectExampleToWork(project);
  });
});

/** The example end to end: run twice, it does everything once; then the command line tells what was done. */
async function expectExampleToWork(project: string): Promise<void> {
  const receiver = await startReceiver({ file: path.join(project, "notifications.jsonl") });
  for (const part of ["src", "inbox"])
    await cp(path.join(example, part), path.join(project, "example", part), { recursive: true });
  const args = ["example/src/main.ts", "--once", "--receiver", receiver.url];
  for (let time = 0; time < 2; time += 1) {
    await run(process.execPath, args, { cwd: project });
    const rows = (await readFile(path.join(project, "out", "invoices.csv"), "utf8")).trimEnd().split("\n");
    expect(rows).toHaveLength(EXPECTED_INVOICES.length);
    expect(new Set(rows.map((row) => row.split(",")[0]))).toEqual(
      new Set(EXPECTED_INVOICES.map(({ number }) => number)),
    );
    expect(receiver.notifications).toHaveLength(EXPECTED_INVOICES.length);
    expect(receiver.repeats()).toBe(0);
  }
  await receiver.close();
  const command = path.join(project, "node_modules", ".bin", "millrace");
  const { stdout } = await run(
    command,
    ["outputs", "--json", "--limit", "100", "--database", "sqlite:out/millrace.sqlite"],
    { cwd: project },
  );
  expect(stdout.match(/"status": ?"applied"/g)).toHaveLength(2 * EXPECTED_INVOICES.length);
}

/** Installs the tarballs; what they need beside each other comes from the registry. */
async function installPackages(project: string, packed: readonly PackedPackage[]): Promise<void> {
  const tarballs = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const manifest = {
    name: "empty-project",
    private: true,
    type: "module",
    // What the example uses beside Millrace.
    dependencies: { ...(await exampleDependencies()), ...tarballs },
    overrides: tarballs,
  };
  await writeFile(path.join(project, "package.json"), JSON.stringify(manifest));
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], { cwd: project });
}

async function exampleDependencies(): Promise<Record<string, string>> {
  const manifest: unknown = JSON.parse(await readFile(path.join(example, "package.json"), "utf8"));
  const { dependencies } = z.object({ dependencies: z.record(z.string(), z.string()) }).parse(manifest);
  return Object.fromEntries(Object.entries(dependencies).filter(([, version]) => !version.startsWith("workspace:")));
}

/** Runs a program of empty-project/ inside the project and returns what it prints. */
async function runProgram(project: string, program: string, args: readonly string[] = []): Promise<string> {
  await copyFile(path.join(programs, program), path.join(project, program));
  const { stdout } = await run(process.execPath, [program, ...args], { cwd: project });
  return stdout;
}
