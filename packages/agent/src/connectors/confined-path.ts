/** Paths that can't leave a folder: not by `..`, not by an absolute path, not by a symbolic link. */
import { lstat, mkdir, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { LogicError } from "../errors.ts";

/** Gives the absolute path of a file in `root`, whose folders it makes. @throws LogicError when it would be elsewhere */
export async function confinedPath(root: string, path: string): Promise<string> {
  if (path === "" || path.includes("\0") || isAbsolute(path)) throw outside(path);
  const base = resolve(root);
  const target = resolve(base, path);
  if (!isInside(base, target) || target === base) throw outside(path);
  await mkdir(base, { recursive: true });
  await refuseLinksOutside(base, dirname(target), path);
  await mkdir(dirname(target), { recursive: true });
  const stats = await lstat(target).catch(ignoreMissing);
  if (stats && !stats.isFile()) throw new LogicError(`"${path}" is not an ordinary file.`);
  return target;
}

/** The folders that exist on the way must really be inside; those that don't will be made there. */
async function refuseLinksOutside(base: string, folder: string, path: string): Promise<void> {
  const real = await realpath(base);
  let existing = folder;
  let found = await realpath(existing).catch(ignoreMissing);
  while (found === null) {
    existing = dirname(existing);
    found = await realpath(existing).catch(ignoreMissing);
  }
  if (!isInside(real, join(found, relative(existing, folder)))) throw outside(path);
}

function isInside(base: string, target: string): boolean {
  return target === base || target.startsWith(base.endsWith(sep) ? base : base + sep);
}

function outside(path: string): LogicError {
  return new LogicError(`"${path}" is not a path inside the connector's folder.`);
}

function ignoreMissing(error: unknown): null {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
  throw error;
}
