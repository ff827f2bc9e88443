import { join } from "node:path";
import { expect, test } from "vitest";
import {
  copyDatabase,
  findLossSince,
  prepareRelease,
  startMigrating,
  withFolder,
  type Migrating,
  type Release,
} from "./migrating-child.ts";

/** A point in the middle of the migration from the first version. */
const IN_THE_MIDDLE = 120;

/** One process that holds in the middle of the migration, and one that waits for it. */
async function withTwo(work: (first: Migrating, second: Migrating, path: string, release: Release) => Promise<void>) {
  await withFolder(async (folder) => {
    const release = await prepareRelease(folder, 1);
    const path = join(folder, "shared.sqlite");
    copyDatabase(release.path, path);
    const first = startMigrating(path, { at: IN_THE_MIDDLE, do: "hold" });
    await first.says("holding");
    const second = startMigrating(path, "never");
    await second.says("beginning");
    await work(first, second, path, release);
    expect(findLossSince(path, release)).toEqual([]);
  });
}

const changesOf = (line: string): number => (JSON.parse(line.replace("opened ", "")) as { changes: number }).changes;

test("of two processes that migrate at once one does it, and the other waits and finds it done", async () => {
  await withTwo(async (first, second) => {
    first.child.stdin?.write("go on\n");
    expect(changesOf(await first.says("opened "))).toBeGreaterThan(50);
    expect(changesOf(await second.says("opened "))).toBe(0);
  });
});

test("when the process that migrates is killed, the one that waits for it does it", async () => {
  await withTwo(async (first, second) => {
    first.child.kill("SIGKILL");
    expect((await first.ended).signal).toBe("SIGKILL");
    expect(changesOf(await second.says("opened "))).toBeGreaterThan(50);
  });
});
