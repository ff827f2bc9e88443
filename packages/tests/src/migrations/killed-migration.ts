/** One kill of a process that migrates, and all that must be true afterwards. */
import { join } from "node:path";
import { openDatabase } from "@millrace/db";
import { copyDatabase, findLossAfterOpening, startMigrating, type Release } from "./migrating-child.ts";
import { findUndone } from "./pending-work.ts";
import { atEveryStatement } from "./statement-points.ts";

/** When a process is killed: before or after a statement, by itself; or so many milliseconds after it began to migrate. */
export type Moment = { point: number } | { afterMs: number };

export interface Killing {
  /** Whether it was killed before it had ended. */
  wasKilled: boolean;
  faults: string[];
}

/** @param withEngine whether an engine goes on with what was pending */
export async function killMigration(release: Release, moment: Moment, withEngine: boolean): Promise<Killing> {
  const path = join(release.path, "..", `killed-${process.hrtime.bigint()}.sqlite`);
  copyDatabase(release.path, path);
  const { child, says, ended } = startMigrating(path, "point" in moment ? { at: moment.point, do: "die" } : "never");
  if ("afterMs" in moment) {
    await says("beginning");
    await new Promise((resolve) => setTimeout(resolve, moment.afterMs));
    child.kill("SIGKILL");
  }
  const { signal, output } = await ended;
  const faults = await findLossAfterOpening(path, release);
  if (signal !== "SIGKILL" && !output.includes("opened ")) faults.push(output);
  if (withEngine) {
    const database = await openDatabase(`sqlite:${path}`);
    faults.push(...(await findUndone(database, release.version)));
    await database.close();
  }
  return { wasKilled: signal === "SIGKILL", faults };
}

/** How many points a migration passes, and how long it takes. */
export async function rehearse(release: Release): Promise<{ points: number; durationMs: number }> {
  const path = `${release.path}-rehearsal`;
  copyDatabase(release.path, path);
  let points = 0;
  const stop = atEveryStatement((point) => (points = point));
  const began = performance.now();
  const database = await openDatabase(`sqlite:${path}`).finally(stop);
  await database.close();
  return { points, durationMs: performance.now() - began };
}
