import { statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "@millrace/db";
import { expect, test } from "vitest";
import { copyDatabase, findHalfDone, findLossAfterOpening, prepareRelease, withFolder } from "./migrating-child.ts";
import { EARLIER_VERSIONS } from "./old-release.ts";
import { atEveryStatement } from "./statement-points.ts";

// A process that is killed leaves its files as they are at that moment, so a copy of the files is what a kill there
// would have left. Real processes are killed in kills.test.ts.

function stateOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? `${found.size} ${found.mtimeNs}` : "";
}

const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

test.each(EARLIER_VERSIONS)(
  "a migration from version %i that ends before or after any statement leaves the old database whole, or the new one",
  async (version) => {
    await withFolder(async (folder) => {
      const release = await prepareRelease(folder, version);
      const [path, left] = [join(folder, "migrating.sqlite"), join(folder, "left.sqlite")];
      copyDatabase(release.path, path);
      const faults: string[] = [];
      let [points, written] = [0, 0];
      let seen = "";
      const stop = atEveryStatement((point, sql) => {
        points = point;
        if (sql !== "COMMIT") written = sizeOf(`${path}-wal`);
        // What was not written to changes nothing for who opens it.
        const state = [path, `${path}-wal`].map(stateOf).join();
        if (state === seen) return;
        seen = state;
        copyDatabase(path, left);
        faults.push(...findHalfDone(left, release).map((fault) => `at ${point} (${sql}): ${fault}`));
      });
      const database = await openDatabase(`sqlite:${path}`).finally(stop);
      await database.close();
      expect(faults).toEqual([]);
      expect(points).toBeGreaterThan(40);
      // Half of a migration was in the log, and was not taken for the whole.
      expect(written).toBeGreaterThan(4_096);
    });
  },
);

const LOG_HEADER = 32;
const FRAME = 24 + 4_096;

test.each(EARLIER_VERSIONS)(
  "a migration from version %i of which the log has any part is finished at the next start",
  async (version) => {
    await withFolder(async (folder) => {
      const release = await prepareRelease(folder, version);
      const [path, whole, left] = ["migrating", "whole", "left"].map((name) => join(folder, `${name}.sqlite`));
      if (path === undefined || whole === undefined || left === undefined) throw new Error("There are three names.");
      copyDatabase(release.path, path);
      const stop = atEveryStatement((_point, sql) => {
        if (sql === "COMMIT") copyDatabase(path, whole);
      });
      const database = await openDatabase(`sqlite:${path}`).finally(stop);
      await database.close();
      const size = sizeOf(`${whole}-wal`);
      const frames = Math.floor((size - LOG_HEADER) / FRAME);
      const middle = LOG_HEADER + Math.floor(frames / 2) * FRAME;
      for (const length of [LOG_HEADER, middle, middle + 100, size - 1, size]) {
        copyDatabase(whole, left);
        truncateSync(`${left}-wal`, length);
        expect([length, await findLossAfterOpening(left, release)]).toEqual([length, []]);
      }
    });
  },
);
