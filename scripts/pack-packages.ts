// Packs the published packages as `pnpm publish` would send them, for the packaging checks and their test.
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const packagesDirectory = path.resolve(import.meta.dirname, "..", "packages");

export interface PackedPackage {
  name: string;
  directory: string;
  tarball: string;
}

/** Packs every package that is not private into `destination`. They must have been built. */
export async function packPackages(destination: string): Promise<PackedPackage[]> {
  const packed: PackedPackage[] = [];
  for (const { name, directory } of await publishedPackages()) {
    const { stdout } = await run("pnpm", ["pack", "--json", "--pack-destination", destination], { cwd: directory });
    // The shape is pnpm's documented answer to --json.
    const { filename } = JSON.parse(stdout) as { filename: string };
    packed.push({ name, directory, tarball: path.resolve(destination, filename) });
  }
  return packed;
}

/** Runs `work` with a new folder outside the workspace, which is deleted afterwards. */
export async function withTemporaryDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(path.join(tmpdir(), "millrace-packages-"));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function publishedPackages(): Promise<Omit<PackedPackage, "tarball">[]> {
  const folders = await readdir(packagesDirectory);
  const all = await Promise.all(
    folders.map(async (folder) => {
      const directory = path.join(packagesDirectory, folder);
      // Manifests are ours; pnpm has refused one without a name.
      const text = await readFile(path.join(directory, "package.json"), "utf8");
      const manifest = JSON.parse(text) as { name: string; private?: boolean };
      return { name: manifest.name, directory, isPrivate: manifest.private === true };
    }),
  );
  return all.filter(({ isPrivate }) => !isPrivate).map(({ name, directory }) => ({ name, directory }));
}
