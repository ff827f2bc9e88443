/** Replacing a file in one step: it is there completely or as it was, whatever happens in between. */
import { basename, dirname, join } from "node:path";
import { OWN_PREFIX } from "./confined-path.ts";
import type { Disk } from "./disk.ts";

/** Where the new content is written before it takes the file's place. */
function temporaryPath(path: string, suffix: string): string {
  return join(dirname(path), `${OWN_PREFIX}${basename(path)}.${suffix}.tmp`);
}

/** @throws what the disk throws; a NotReplacedError when it is certain that the file is as it was */
export async function replaceFile(disk: Disk, path: string, content: Buffer, suffix: string): Promise<void> {
  const temporary = temporaryPath(path, suffix);
  try {
    await disk.write(temporary, content);
    await disk.sync(temporary);
  } catch (error) {
    // What there is of it is only in the way; that it can't be removed either changes nothing.
    await disk.remove(temporary).catch(() => undefined);
    throw new NotReplacedError(error);
  }
  await disk.rename(temporary, path);
  await disk.syncFolder(dirname(path));
}

/** Whether a file holds this content, for good. */
export async function holds(disk: Disk, path: string, content: Buffer): Promise<boolean> {
  const state = await disk.stat(path);
  if (state?.size !== content.length) return false;
  const found = await disk.read(path, 0, content.length);
  if (!found.equals(content)) return false;
  // The new name may not have survived a power cut yet when it is first seen.
  await disk.syncFolder(dirname(path));
  return true;
}

/** The new content could not be written; the file is as it was. */
export class NotReplacedError extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = "NotReplacedError";
  }
}
