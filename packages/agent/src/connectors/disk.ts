/**
 * What appending and writing do to a disk, step by step. A step that has returned is seen by every program; it
 * survives a power cut only once it has been synced. Tests put a disk here that crashes between the steps.
 */
import { open, rename, rm, stat, truncate } from "node:fs/promises";
import { isMissing } from "./file-errors.ts";

export interface FileState {
  size: number;
  /** Another one when another file is in its place. */
  identity: string;
}

export interface Disk {
  /** Null where there is no such file. */
  stat(path: string): Promise<FileState | null>;
  /** Fewer bytes than asked for at the end of the file. */
  read(path: string, offset: number, length: number): Promise<Buffer>;
  /** Adds bytes at the end of the file as it is at that moment, and makes the file if there is none. */
  append(path: string, bytes: Buffer): Promise<void>;
  /** Makes the file, or empties it, and writes the bytes. */
  write(path: string, bytes: Buffer): Promise<void>;
  truncate(path: string, size: number): Promise<void>;
  /** What the file holds survives a power cut. */
  sync(path: string): Promise<void>;
  /** What is in the folder survives a power cut. */
  syncFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Does nothing where there is no such file. */
  remove(path: string): Promise<void>;
}

export const realDisk: Disk = {
  async stat(path) {
    try {
      const { size, dev, ino } = await stat(path, { bigint: true });
      return { size: Number(size), identity: `${dev}:${ino}` };
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  },
  async read(path, offset, length) {
    await using file = await open(path, "r");
    const buffer = Buffer.alloc(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await file.read(buffer, filled, length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  },
  async append(path, bytes) {
    await using file = await open(path, "a");
    await file.writeFile(bytes);
  },
  async write(path, bytes) {
    await using file = await open(path, "w");
    await file.writeFile(bytes);
  },
  truncate,
  async sync(path) {
    await using file = await open(path, "r+");
    await file.sync();
  },
  async syncFolder(path) {
    await using folder = await open(path, "r");
    await folder.sync();
  },
  rename,
  remove: (path) => rm(path, { force: true }),
};
