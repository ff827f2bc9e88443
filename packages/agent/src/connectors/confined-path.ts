/** Paths that can't leave a folder: not by `..`, not by an absolute path, not by a symbolic link. */
import { lstat, mkdir, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { LogicError } from "../errors.ts";
import { realDisk } from "./disk.ts";
import { codeOf, isMissing } from "./file-errors.ts";

/** What begins so in a folder is the connector's own: journals and files that are being written. */
export const OWN_PREFIX = ".millrace-";

/**
 * Gives the real path of an ordinary file, or of one that could be made, in `root`. With `makeFolders`, the folders on
 * the way are there afterwards; without it nothing is changed. @throws LogicError when it would be elsewhere
 */
export async function confinedPath(root: string, path: string, makeFolders: boolean): Promise<string> {
  const { existing, missing } = await confinedFolder(root, dirname(joined(root, path)), path);
  const name = basename(path);
  if (name === "" || name === "." || name === ".." || resolve(root, path) === resolve(root)) throw outside(path);
  if (name.startsWith(OWN_PREFIX)) throw new LogicError(`"${path}" is a name that Millrace keeps for itself.`);
  if (makeFolders) await makeMissing(existing, missing);
  const target = join(existing, missing, name);
  const stats = await lstat(target).catch(nullIfMissing);
  if (stats && !stats.isFile()) throw new LogicError(`"${path}" is not an ordinary file.`);
  return target;
}

/** Gives the real path of a folder in `root`, or of the root itself for "". @throws LogicError when it is elsewhere */
export async function confinedFolderPath(root: string, path: string): Promise<string> {
  const { existing, missing } = await confinedFolder(root, path === "" ? resolve(root) : joined(root, path), path);
  return join(existing, missing);
}

function joined(root: string, path: string): string {
  if (path === "" || path.includes("\0") || isAbsolute(path)) throw outside(path);
  return resolve(root, path);
}

/** The folders that exist on the way must really be inside; those that don't would be made there. */
async function confinedFolder(root: string, folder: string, path: string): Promise<PartlyExisting> {
  const base = resolve(root);
  if (!isInside(base, folder)) throw outside(path);
  const found = await existingPart(folder);
  const realBase = await existingPart(base);
  if (!isInside(join(realBase.existing, realBase.missing), join(found.existing, found.missing))) throw outside(path);
  return found;
}

interface PartlyExisting {
  /** The real path of what exists. */
  existing: string;
  /** The rest, relative to it. */
  missing: string;
}

async function existingPart(path: string): Promise<PartlyExisting> {
  let existing = path;
  let real = await realpath(existing).catch(nullIfMissing);
  while (real === null && dirname(existing) !== existing) {
    existing = dirname(existing);
    real = await realpath(existing).catch(nullIfMissing);
  }
  return { existing: real ?? existing, missing: relative(existing, path) };
}

/** One by one, each synced: a file in a folder that a power cut takes away is gone with it. */
async function makeMissing(existing: string, missing: string): Promise<void> {
  let parent = existing;
  for (const name of missing.split(sep).filter((part) => part !== "")) {
    await mkdir(join(parent, name)).catch(nullIfExisting);
    await realDisk.syncFolder(parent);
    parent = join(parent, name);
  }
}

function isInside(base: string, target: string): boolean {
  return target === base || target.startsWith(base.endsWith(sep) ? base : base + sep);
}

function outside(path: string): LogicError {
  return new LogicError(`"${path}" is not a path inside the connector's folder.`);
}

function nullIfExisting(error: unknown): null {
  // Somebody else has made it in the meantime.
  if (codeOf(error) === "EEXIST") return null;
  throw error;
}

function nullIfMissing(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}
