import { expect, test } from "vitest";
import { killMigration, rehearse, type Moment } from "./killed-migration.ts";
import { prepareRelease, withFolder, type Release } from "./migrating-child.ts";
import { EARLIER_VERSIONS } from "./old-release.ts";

// A few moments of each version; kill-command.ts kills at every statement. What every statement leaves is looked at in
// every-statement.test.ts.

async function killOnce(release: Release, moment: Moment) {
  return { moment, faults: (await killMigration(release, moment, true)).faults };
}

test.each(EARLIER_VERSIONS)(
  "a process that dies within the migration from version %i loses nothing, and an engine goes on with what was pending",
  async (version) => {
    await withFolder(async (folder) => {
      const release = await prepareRelease(folder, version);
      const { points } = await rehearse(release);
      const moment = { point: Math.round(points * (0.2 + 0.7 * Math.random())) };
      expect(await killOnce(release, moment)).toEqual({ moment, faults: [] });
    });
  },
);

test("a process that is killed at any time after it began to migrate loses nothing", async () => {
  await withFolder(async (folder) => {
    const release = await prepareRelease(folder, 1);
    const { durationMs } = await rehearse(release);
    const moment = { afterMs: Math.random() * durationMs };
    expect(await killOnce(release, moment)).toEqual({ moment, faults: [] });
  });
});
