/** What is known of a ground at its end: what the outside recorded, and what the database says. */
import { existsSync, readFileSync } from "node:fs";
import { createStores, openDatabase, type Event, type Mutation, type Stores } from "@millrace/db";
import type { Ground } from "./kill-ground.ts";
import { ASKED_WORKFLOW, MUTE_WORKFLOW, pathsOf } from "./kill-world.ts";
import type { Acceptance } from "./receiver-record.ts";

const ALL = 10_000_000;

export type EventFact = Pick<Event, "messageId" | "status">;

export type MutationFact = Pick<
  Mutation,
  "id" | "title" | "connector" | "idempotencyKey" | "status" | "resolution" | "resolvedBy" | "uncertainSince"
> & { workflow: string };

export interface JobFact {
  kind: string;
  item: string;
  status: string;
}

export interface Facts {
  offered: number;
  /** `kind item` of all that was acknowledged. */
  acknowledged: readonly string[];
  /** Mutations that the list of what needs attention showed. */
  listed: ReadonlySet<string>;
  refusedLives: ReadonlySet<string>;
  /** The receiver's record. */
  accepted: readonly Acceptance[];
  /** The items of the file's lines. */
  rows: readonly string[];
  /** By topic. */
  events: Readonly<Record<"found" | "sent" | "wanted", readonly EventFact[]>>;
  mutations: readonly MutationFact[];
  jobs: readonly JobFact[];
  /** Runs that are active though nobody lives. */
  activeRuns: number;
  /** What the integrity and the foreign key check found. */
  damage: readonly string[];
}

export async function readFacts(ground: Ground): Promise<Facts> {
  const paths = pathsOf(ground.folder);
  const database = await openDatabase(`sqlite:${paths.database}`, { create: false });
  try {
    const stores = createStores(database);
    return {
      offered: ground.offered,
      acknowledged: readLines(paths.acknowledged),
      listed: new Set(readLines(paths.listed)),
      refusedLives: ground.refused,
      accepted: ground.receiver.recordOf(ground.place),
      rows: readLines(paths.rows).flatMap((line) => line.split(",")),
      events: {
        found: await eventsOf(stores, ASKED_WORKFLOW, "found"),
        sent: await eventsOf(stores, ASKED_WORKFLOW, "sent"),
        wanted: await eventsOf(stores, MUTE_WORKFLOW, "wanted"),
      },
      mutations: await readMutations(stores),
      jobs: await database.read(async (executor) => {
        const rows = await executor
          .selectFrom("job_executions")
          .innerJoin("scheduled_jobs", "scheduled_jobs.id", "job_executions.job_id")
          .select(["scheduled_jobs.key as key", "job_executions.status as status"])
          .execute();
        return rows.map(({ key, status }) => {
          const [, kind = "", item = ""] = /^(\w+?)-(.+)$/.exec(key ?? "") ?? [];
          return { kind, item, status };
        });
      }),
      activeRuns: (await stores.handlerRuns.listActive()).length,
      damage: (await database.check()).map(({ message }) => message),
    };
  } finally {
    await database.close();
  }
}

async function eventsOf(stores: Stores, workflowName: string, topicName: string): Promise<Event[]> {
  const workflow = await stores.workflows.findByName(workflowName);
  const topics = workflow ? await stores.topics.list(workflow.id) : [];
  const topic = topics.find(({ name }) => name === topicName);
  return topic ? stores.events.list({ topicId: topic.id, limit: ALL }) : [];
}

async function readMutations(stores: Stores): Promise<MutationFact[]> {
  const names = new Map((await stores.workflows.list()).map(({ id, name }) => [id, name]));
  const mutations = await stores.mutations.list({ limit: ALL });
  return mutations.map((mutation) => ({ ...mutation, workflow: names.get(mutation.workflowId) ?? "" }));
}

/** The lines of a file that only grows; none where there is no file. A line without an end was cut by a kill. */
function readLines(path: string): string[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
}
