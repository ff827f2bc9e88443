/** A backup is worth something only if it can be restored: opens the newest one, and reads the jobs from it. */
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngine, defineJobHandler, SnoozeError } from "@millrace/agent";
import { openDatabase } from "@millrace/db";
import { listBackups } from "./backup.ts";

export function restoreDrillHandler({ folder }: { folder: string }) {
  return defineJobHandler({
    name: "restore-drill",
    async handler() {
      const newest = (await listBackups(folder)).at(-1);
      // It is not a failure that there is none yet: the execution comes back later, and uses up no attempt.
      if (newest === undefined) throw new SnoozeError("There is no backup yet.", 1_000);
      const place = await mkdtemp(join(tmpdir(), "restore-drill-"));
      try {
        await copyFile(join(folder, newest), join(place, "restored.sqlite"));
        return { file: newest, jobs: await jobsIn(join(place, "restored.sqlite")) };
      } finally {
        await rm(place, { recursive: true });
      }
    },
  });
}

/** The names of the jobs in a database. An engine that is not started only looks. */
async function jobsIn(file: string): Promise<string[]> {
  const database = await openDatabase(`sqlite:${file}`, { create: false });
  try {
    const { items } = await createEngine({ database }).jobs.listJobs();
    return items.map(({ name }) => name).toSorted();
  } finally {
    await database.close();
  }
}
