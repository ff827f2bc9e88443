/** What must hold in the end, when the world behaves and people have decided about all that was theirs. */
import type { SqliteDatabase } from "@millrace/db";
import { sql } from "kysely";
import type { OutsideWorld } from "./outside-world.ts";
import type { SimulatedJobs } from "./simulated-jobs.ts";
import type { SimulatedPeople } from "./simulated-people.ts";
import { topicName } from "./simulated-workflow.ts";
import type { WorkflowShape, WorldPlan } from "./world-plan.ts";

/** All that is compared with each other. */
export interface Ending {
  plan: WorldPlan;
  /** The shapes that are deployed in the end. */
  shapes: readonly WorkflowShape[];
  database: SqliteDatabase;
  world: OutsideWorld;
  people: SimulatedPeople;
  jobs: SimulatedJobs;
  /** Ids of events whose publication was acknowledged. */
  acknowledged: ReadonlySet<string>;
}

export async function findFaults(ending: Ending): Promise<string[]> {
  return [
    ...(await lostEvents(ending)),
    ...(await lostFinds(ending)),
    ...(await lostFollowers(ending)),
    ...(await findStuckEvents(ending)),
    ...(await ledgerFaults(ending)),
    ...effectFaults(ending),
    ...(await jobFaults(ending)),
  ];
}

interface EventRow {
  id: string;
  status: string;
  message: string;
  topic: string;
  workflow: string;
  wanted: string;
  error: string | null;
}

async function readEvents({ database }: Ending): Promise<EventRow[]> {
  const query = `select e.id, e.status, e.message_id as message, t.name as topic, w.name as workflow,
      w.error, w.status as wanted
    from events e join topics t on t.id = e.topic_id join workflows w on w.id = e.workflow_id`;
  return (await database.read((executor) => sql.raw<EventRow>(query).execute(executor))).rows;
}

/** Every acknowledged event is there. */
async function lostEvents(ending: Ending): Promise<string[]> {
  const known = new Set((await readEvents(ending)).map(({ id }) => id));
  const lost = [...ending.acknowledged].filter((id) => !known.has(id));
  return lost.map((id) => `an acknowledged event is not lost: ${id}`);
}

/** What a producer remembers to have found has been published. */
async function lostFinds(ending: Ending): Promise<string[]> {
  const query = `select w.name as workflow, hs.handler_name as producer, json_extract(hs.state, '$.found') as found
    from handler_state hs join workflows w on w.id = hs.workflow_id where json_extract(hs.state, '$.found') > 0`;
  type Row = Record<"workflow" | "producer", string> & { found: number };
  const { rows } = await ending.database.read((executor) => sql.raw<Row>(query).execute(executor));
  const published = new Set((await readEvents(ending)).map(({ workflow, message }) => `${workflow} ${message}`));
  const wanted = rows.flatMap(({ workflow, producer, found }) =>
    Array.from({ length: found }, (_, index) => `${workflow} ${producer}-${index}`),
  );
  return wanted.filter((item) => !published.has(item)).map((item) => `what was found is published: ${item}`);
}

/** What a consumer publishes of each event has been published when it has consumed the event. */
async function lostFollowers(ending: Ending): Promise<string[]> {
  const query = `select w.name as workflow, r.handler_name as consumer, e.message_id as message
    from events e join handler_runs r on r.id = e.reserved_by_run_id join workflows w on w.id = e.workflow_id
    where e.status = 'consumed'`;
  type Row = Record<"workflow" | "consumer" | "message", string>;
  const { rows } = await ending.database.read((executor) => sql.raw<Row>(query).execute(executor));
  const published = new Set((await readEvents(ending)).map(({ workflow, message }) => `${workflow} ${message}`));
  const publishes = ({ workflow, consumer }: Row) =>
    ending.plan.workflows
      .find(({ name }) => name === workflow)
      ?.consumers.some(({ name, publishes: topic }) => name === consumer && topic !== null) ?? false;
  return rows
    .filter((row) => publishes(row) && !published.has(`${row.workflow} ${row.message}>${row.consumer}`))
    .map(({ workflow, consumer, message }) => `what follows is published: ${workflow} ${message}>${consumer}`);
}

/** Every event is consumed, skipped, or pending where nobody subscribes. */
export async function findStuckEvents(ending: Ending): Promise<string[]> {
  const stuck = (await readEvents(ending)).filter(({ status, topic, workflow }) => {
    if (status === "consumed" || status === "skipped") return false;
    const shape = ending.shapes.find(({ name }) => name === workflow);
    const isWanted = shape?.consumers.some(({ subscribes }) => subscribes.map(topicName).includes(topic)) ?? false;
    return status === "reserved" || isWanted;
  });
  const rule = "every event is consumed, skipped or unwanted in the end";
  return stuck.map(({ workflow, topic, message, status, wanted, error }) => {
    const reason = error === null ? "" : `: ${error}`;
    return `${rule}: ${workflow} ${topic}/${message} is ${status} (the workflow is ${wanted}${reason})`;
  });
}

/** Executions that wait for their next attempt. */
export async function findWaitingExecutions({ database }: Ending): Promise<string[]> {
  const query = `select x.id from job_executions x join scheduled_jobs j on j.id = x.job_id
    where x.status = 'pending' and x.waits_for = 'time' and j.status <> 'paused'`;
  const { rows } = await database.read((executor) => sql.raw<{ id: string }>(query).execute(executor));
  return rows.map(({ id }) => `every execution is over in the end: ${id} waits for its next attempt`);
}

/** What the ledger calls applied has happened, and what it calls failed has not. */
async function ledgerFaults({ database, world, people }: Ending): Promise<string[]> {
  // In the order of their making, which ids and times do not tell when the clock was set back.
  const query =
    "select id, status, resolution, resolved_at as resolvedAt, idempotency_key as key from mutations order by rowid";
  type Row = Record<"id" | "status" | "key", string> & { resolution: string | null; resolvedAt: number | null };
  const { rows: mutations } = await database.read((executor) => sql.raw<Row>(query).execute(executor));
  // A call that was found not to have happened is repeated with its key, so only the last row of a key speaks of it.
  const last = new Map(mutations.map((mutation) => [mutation.key, mutation]));
  const faults: string[] = [];
  for (const mutation of last.values()) {
    const { key, status, resolution, resolvedAt, id } = mutation;
    if (people.misled.has(key)) continue;
    const happened = world.knows(key);
    if (status === "applied" && !happened) faults.push(`what the ledger calls applied has happened: ${id}`);
    if (status === "failed" && happened) faults.push(`what the ledger calls failed has not happened: ${id}`);
    const isOver = status === "applied" || status === "failed" || (status === "indeterminate" && resolution === "skip");
    if (!isOver) faults.push(`every outcome is known in the end: ${id} is ${status} (resolved ${String(resolvedAt)})`);
  }
  const keys = new Set(mutations.map(({ key }) => key));
  const unknown = world.effects.filter(({ key }) => !keys.has(key));
  faults.push(...unknown.map(({ key }) => `every effect is in the ledger: ${key}`));
  return faults;
}

/** No event has two effects, unless somebody has said of one that it did not happen. */
function effectFaults({ world, people }: Ending): string[] {
  const seen = new Map<string, string[]>();
  for (const { order, key } of world.effects) {
    for (const { topic, messageId } of order.items) {
      const about = `${order.workflow} ${topic}/${messageId}`;
      seen.set(about, [...(seen.get(about) ?? []), key]);
    }
  }
  return [...seen]
    .filter(([, keys]) => keys.length > 1 && !keys.some((key) => people.misled.has(key)))
    .map(([about, keys]) => `nothing happens twice: ${about} (${keys.join(", ")})`);
}

/** At-most-once work began at most once, successes have their effect, and what was acknowledged is there and over. */
async function jobFaults({ database, jobs, plan }: Ending): Promise<string[]> {
  const query = `select x.id, x.status, x.waits_for as waitsFor, x.retry_of as retryOf, j.key, j.delivery, j.status as job, j.handler_type as type
    from job_executions x join scheduled_jobs j on j.id = x.job_id`;
  type Row = Record<"id" | "status" | "key" | "delivery" | "job" | "type", string> & { waitsFor: string | null };
  const { rows } = await database.read((executor) => sql.raw<Row>(query).execute(executor));
  const keys = await database.read((executor) =>
    sql.raw<{ key: string }>("select key from scheduled_jobs").execute(executor),
  );
  const begun = new Map<string, number>();
  for (const { executionId } of jobs.effects) begun.set(executionId, (begun.get(executionId) ?? 0) + 1);
  const faults: string[] = [];
  for (const { id, status, delivery, type, job, key, waitsFor } of rows) {
    const count = begun.get(id) ?? 0;
    const name = `${key} ${id}`;
    if (delivery === "at_most_once" && count > 1) faults.push(`at-most-once work begins once: ${name}`);
    if (type === "function" && status === "success" && count === 0) faults.push(`a success has been done: ${name}`);
    const isHeld = job === "paused";
    if ((status === "pending" || status === "running") && !isHeld) {
      faults.push(`every execution is over in the end: ${name} is ${status} (${waitsFor ?? "ready"}), its job ${job}`);
    }
  }
  const known = new Set(rows.map(({ id }) => id));
  const there = new Set(keys.rows.map(({ key }) => key));
  for (const id of jobs.acknowledged.executions) {
    if (!known.has(id)) faults.push(`an acknowledged execution is not lost: ${id}`);
  }
  for (const key of jobs.acknowledged.jobs) {
    if (!there.has(key) && plan.jobs.some((shape) => shape.key === key))
      faults.push(`an acknowledged job is not lost: ${key}`);
  }
  return faults;
}
