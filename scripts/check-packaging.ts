// `pnpm packaging`: packs each published package and checks the tarball: its manifest, its types, its files.
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { type PackedPackage, packPackages, withTemporaryDirectory } from "./pack-packages.ts";

const run = promisify(execFile);
const binaries = path.resolve(import.meta.dirname, "..", "node_modules", ".bin");

const requiredFiles = ["package.json", "README.md", "LICENSE", "dist/index.js", "dist/index.d.ts"];
const forbiddenFile = /^(?!package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$|dist\/|templates\/)|^dist\/.*\.test\./;

async function checkPackage({ name, tarball }: PackedPackage): Promise<string[]> {
  const faults = [
    ...(await faultsOfFiles(tarball)),
    ...(await faultsOfCommand("publint", ["run", tarball, "--strict"])),
    ...(await faultsOfCommand("attw", [tarball, "--profile", "esm-only", "--no-color", "--format", "ascii"])),
  ];
  return faults.map((fault) => `${name}: ${fault}`);
}

async function faultsOfFiles(tarball: string): Promise<string[]> {
  const { stdout } = await run("tar", ["-tzf", tarball]);
  const files = stdout
    .trim()
    .split("\n")
    .map((file) => file.replace(/^package\//, ""));
  return [
    ...requiredFiles.filter((file) => !files.includes(file)).map((file) => `${file} is missing from the tarball`),
    ...files.filter((file) => forbiddenFile.test(file)).map((file) => `${file} has no place in the tarball`),
  ];
}

async function faultsOfCommand(command: string, args: string[]): Promise<string[]> {
  try {
    await run(path.join(binaries, command), args);
    return [];
  } catch (error) {
    // execFile rejects with the output of the command; anything else prints as an error.
    const { stdout = "", stderr = String(error) } = error as { stdout?: string; stderr?: string };
    return [`${command} says:\n${stdout}${stderr}`];
  }
}

await withTemporaryDirectory(async (directory) => {
  const packed = await packPackages(directory);
  const faults = (await Promise.all(packed.map(checkPackage))).flat();
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
  else console.log(`${packed.map(({ name }) => name).join(", ")}: packaging is clean`);
});
