import { join } from "node:path";
import { expect, test } from "vitest";
import {
  copyDatabase,
  findHalfDone,
  findLossAfterOpening,
  prepareRelease,
  startMigrating,
  withFolder,
} from "./migrating-child.ts";

// The operating system lets no file grow beyond a limit (RLIMIT_FSIZE), which SQLite is told as it is told of a full
// disk. The log of this migration is about 300 KiB.
const LIMITS_KIB = [40, 100, 200];

test("a disk that is full during a migration leaves the old database whole, and says so by a named error", async () => {
  await withFolder(async (folder) => {
    const release = await prepareRelease(folder, 1);
    for (const limit of LIMITS_KIB) {
      const path = join(folder, `full-${limit}.sqlite`);
      copyDatabase(release.path, path);
      const { output } = await startMigrating(path, "never", limit * 2).ended;
      expect([limit, output]).toEqual([
        limit,
        expect.stringMatching(/refused Database(Full|InputOutput)Error: .*full-/),
      ]);
      copyDatabase(path, `${path}-copy`);
      expect([limit, findHalfDone(`${path}-copy`, release)]).toEqual([limit, []]);
    }
    // Space has been made.
    expect(await findLossAfterOpening(join(folder, `full-${LIMITS_KIB[0]}.sqlite`), release)).toEqual([]);
  });
});
