/**
 * Opens a database, takes the right to run it, writes and backs it up, each time with one more file that may be open:
 * prints what came of each. Argument: the database's path.
 */
import { closeSync, openSync, rmSync } from "node:fs";
import { createStores, openDatabase } from "@millrace/db";

const [path = ""] = process.argv.slice(2);
const MOST = 24;
const taken: number[] = [];

function takeAll(): void {
  try {
    for (;;) taken.push(openSync("/dev/null", "r"));
  } catch {
    // All are taken now.
  }
}

function free(count: number): void {
  for (const descriptor of taken.splice(0, count)) closeSync(descriptor);
}

async function attempt(number: number): Promise<void> {
  const database = await openDatabase(`sqlite:${path}`);
  try {
    database.acquireOwnership();
    await createStores(database).workflows.create({ name: `w-${number}`, status: "active", handlerConfig: {} }, 1);
    await database.backup(`${path}-backup-${number}`);
  } finally {
    await database.close();
  }
}

/** Once with all that it needs, so that no module is loaded later. */
await attempt(MOST);
const outcomes: string[] = [];
for (let spare = 0; spare < MOST; spare += 1) {
  takeAll();
  free(spare);
  outcomes.push(
    await attempt(spare).then(
      () => "ok",
      (error: unknown) => (error instanceof Error ? error.name : String(error)),
    ),
  );
  free(taken.length);
  rmSync(`${path}-backup-${spare}`, { force: true });
}
process.stdout.write(`${JSON.stringify(outcomes)}\n`);
