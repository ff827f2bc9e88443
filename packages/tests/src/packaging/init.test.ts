// Job: `millrace init && npm test && npm start` works for somebody who has nothing but the packed packages.
import { execFile, spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";
import { packPackages, type PackedPackage, withTemporaryDirectory } from "../../../../scripts/pack-packages.ts";

const run = promisify(execFile);
const NPM_INSTALL = ["install", "--no-audit", "--no-fund", "--prefer-offline"];
const START_BOUND_MS = 60_000;

test("a new project tests itself and runs, from the packed packages alone", { timeout: 300_000 }, async () => {
  await withTemporaryDirectory(async (folder) => {
    const packed = await packPackages(folder);
    const tool = path.join(folder, "tool");
    await install(tool, { private: true }, packed);
    const project = path.join(folder, "project");
    await run(path.join(tool, "node_modules", ".bin", "millrace"), ["init", project]);

    const written = z
      .looseObject({ dependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(await readFile(path.join(project, "package.json"), "utf8")));
    expect(Object.keys(written.dependencies)).toEqual(["@millrace/agent", "millrace", "zod"]);
    await install(project, written, packed);
    await expectToWork(project);
  });
});

test("a folder into which the packages were installed becomes a project", { timeout: 300_000 }, async () => {
  await withTemporaryDirectory(async (folder) => {
    const packed = await packPackages(folder);
    const project = path.join(folder, "project");
    await mkdir(project);
    await run("npm", [...NPM_INSTALL, ...packed.map(({ tarball }) => tarball)], { cwd: project });
    await run("npx", ["millrace", "init"], { cwd: project });
    await expectToWork(project);
  });
});

/** `npm test` and `npm start`, one after the other. */
async function expectToWork(project: string): Promise<void> {
  const tested = await run("npm", ["test"], { cwd: project });
  expect(tested.stdout).toMatch(/pass 3\b[\s\S]*fail 0\b/);
  await run("npm", ["run", "typecheck"], { cwd: project });
  await expectToStart(project);
}

/** Installs the tarballs in place of what a registry would give for their names. */
async function install(
  folder: string,
  manifest: Record<string, unknown> & { dependencies?: Record<string, string> },
  packed: readonly PackedPackage[],
): Promise<void> {
  const tarballs = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
  await mkdir(folder, { recursive: true });
  const own = { ...manifest, dependencies: { ...manifest.dependencies, ...tarballs }, overrides: tarballs };
  await writeFile(path.join(folder, "package.json"), JSON.stringify(own));
  await run("npm", NPM_INSTALL, { cwd: folder });
}

/** `npm start` prints the dashboard's address and writes the note down; it ends when it is told to. */
async function expectToStart(project: string): Promise<void> {
  // A group of its own, so that the signal reaches the program as Ctrl-C does.
  const started = spawn("npm", ["start", "--", "--port", "0"], { cwd: project, detached: true, stdio: "pipe" });
  const lines: string[] = [];
  // Nothing holds its output any more, so the program has ended as well.
  const ended = new Promise<NodeJS.Signals | null>((resolve) => started.on("close", (_code, by) => resolve(by)));
  const bound = setTimeout(() => end("SIGKILL"), START_BOUND_MS);
  started.stderr.on("data", (chunk: Buffer) => lines.push(chunk.toString()));
  for await (const line of createInterface({ input: started.stdout })) {
    lines.push(line);
    if (lines.some((one) => one.includes("notes.csv")) && lines.some((one) => one.includes("/#login="))) end("SIGINT");
  }
  const endedBy = await ended;
  clearTimeout(bound);
  const output = lines.join("\n");
  // npm itself ends by the signal that it has passed on.
  if (endedBy === "SIGKILL") throw new Error(`npm start did not do what it should in time:\n${output}`);
  expect(output).toContain("ends when what is running is done");
  expect(await readFile(path.join(project, "out", "notes.csv"), "utf8")).toBe('"welcome.txt","Welcome to Millrace"\n');

  function end(signal: NodeJS.Signals): void {
    if (started.pid !== undefined && started.exitCode === null) process.kill(-started.pid, signal);
  }
}
