/** What a second process does to a database: the task is the first argument after the location. */
import { createStores, openDatabase, ReservationConflictError, type EventId, type RunId } from "@millrace/db";
import BetterSqlite3 from "better-sqlite3";
import { newExecution } from "../support/job-rows.ts";

const [location = "", task = "", ...rest] = process.argv.slice(2);

/** Keeps the process, and what it holds, until it is killed. */
function stay(said: string): void {
  process.stdout.write(`${said}\n`);
  setInterval(() => undefined, 60_000);
}

/** Tries to reserve every event one by one, and publishes fifty messages that the other process publishes too. */
async function compete(runId: RunId): Promise<{ reserved: number; created: number }> {
  const database = await openDatabase(location);
  const stores = createStores(database);
  const [workflow] = await stores.workflows.list();
  if (!workflow) throw new Error("There is no workflow.");
  const [topic] = await stores.topics.list(workflow.id);
  if (!topic) throw new Error("There is no topic.");
  const result = { reserved: 0, created: 0 };
  const events = await stores.events.list({ workflowId: workflow.id, limit: 1_000 });
  const ids: EventId[] = events.filter(({ messageId }) => messageId.startsWith("m")).map(({ id }) => id);
  for (const id of ids) {
    try {
      result.reserved += (await stores.events.reserve([id], runId, 1, 2)).length;
    } catch (error) {
      if (!(error instanceof ReservationConflictError)) throw error;
    }
  }
  for (let index = 0; index < 50; index += 1) {
    const event = {
      workflowId: workflow.id,
      topicId: topic.id,
      messageId: `n${index}`,
      payload: 1,
      createdByRunId: null,
      inputIds: [],
    };
    if ((await stores.events.publish(event, 3)).outcome === "created") result.created += 1;
  }
  await database.close();
  return result;
}

/** Inserts two hundred ticks of the first job, and claims each one that it can. */
async function insertTicks(): Promise<{ created: number; claimed: number }> {
  const database = await openDatabase(location);
  const stores = createStores(database);
  const [job] = await stores.jobs.list();
  if (!job) throw new Error("There is no job.");
  const result = { created: 0, claimed: 0 };
  for (let scheduledAt = 1; scheduledAt <= 200; scheduledAt += 1) {
    if (await stores.jobExecutions.create(newExecution(job, { scheduledAt }), 5)) result.created += 1;
    const [ready] = await stores.jobExecutions.listReady(1);
    if (!ready) continue;
    const claim = { id: ready.id, workerId: String(process.pid), leaseExpiresAt: 1_000, now: 10 };
    if (await stores.jobExecutions.claim(claim)) result.claimed += 1;
  }
  await database.close();
  return result;
}

switch (task) {
  case "ticks":
    process.stdout.write(`${JSON.stringify(await insertTicks())}\n`);
    break;
  case "compete":
    // The run's id comes from the parent, which made the run.
    process.stdout.write(`${JSON.stringify(await compete(rest[0] as RunId))}\n`);
    break;
  case "own":
    (await openDatabase(location)).acquireOwnership();
    stay("owned");
    break;
  case "lock":
    new BetterSqlite3(location.replace("sqlite:", "")).exec("begin exclusive");
    stay("locked");
    break;
  case "open":
    await (await openDatabase(location)).close();
    process.stdout.write("opened\n");
    break;
  default:
    throw new Error(`There is no task "${task}".`);
}
