/** What one synced commit costs on this disk: the floor under every figure of the others. */
import { sql } from "kysely";
import { median, withTemporaryDatabase } from "./temporary-database.ts";

const COMMITS = 300;

/** The median time of a commit that changes one row, in milliseconds. */
export async function measureCommit(): Promise<number> {
  return withTemporaryDatabase(async (database) => {
    const times: number[] = [];
    for (let index = 0; index < COMMITS; index += 1) {
      const start = performance.now();
      await database.transaction(({ executor }) => sql`update platforms set created_at = ${index}`.execute(executor));
      times.push(performance.now() - start);
    }
    return Number(median(times).toFixed(3));
  });
}
