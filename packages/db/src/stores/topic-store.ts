/** Topics: the named streams of events inside a workflow. */
import { sql, type Selectable } from "kysely";
import { prepareQuery } from "../compiled-query.ts";
import type { Database, Transaction } from "../database.ts";
import { NotFoundError } from "../errors.ts";
import type { TopicId, WorkflowId } from "../ids.ts";
import type { TopicTable } from "../schema.ts";
import { startOf, type WorkflowStretch } from "./workflow-stretch.ts";

export interface Topic {
  id: TopicId;
  workflowId: WorkflowId;
  name: string;
  createdAt: number;
}

function toTopic(row: Selectable<TopicTable>): Topic {
  return { id: row.id, workflowId: row.workflow_id, name: row.name, createdAt: row.created_at };
}

const ofStretch = prepareQuery<{ after: WorkflowId; until: WorkflowId }>()((queries, argument) =>
  queries
    .selectFrom("topics")
    .selectAll()
    .where("workflow_id", ">", argument("after"))
    .where("workflow_id", "<=", argument("until"))
    .orderBy("workflow_id")
    .orderBy("name"),
);

export class TopicStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** One atomic upsert: however many call at once, there is one topic of a name. */
  async getOrCreate(workflowId: WorkflowId, name: string, now: number, tx?: Transaction): Promise<Topic> {
    const row = { id: this.database.newId<TopicId>(), workflow_id: workflowId, name, created_at: now };
    const stored = await this.database.write(
      ({ executor }) =>
        executor
          .insertInto("topics")
          .values(row)
          // An update that changes nothing makes RETURNING give the row that is there.
          .onConflict((conflict) => conflict.columns(["workflow_id", "name"]).doUpdateSet({ name }))
          .returningAll()
          .executeTakeFirstOrThrow(),
      tx,
    );
    return toTopic(stored);
  }

  /** @throws NotFoundError */
  async get(id: TopicId, tx?: Transaction): Promise<Topic> {
    const row = await this.database.read(
      (executor) => executor.selectFrom("topics").selectAll().where("id", "=", id).executeTakeFirst(),
      tx,
    );
    if (!row) throw new NotFoundError("topics", id);
    return toTopic(row);
  }

  /** A workflow's topics, by name. */
  async list(workflowId: WorkflowId, tx?: Transaction): Promise<Topic[]> {
    const rows = await this.database.read(
      (executor) =>
        executor.selectFrom("topics").selectAll().where("workflow_id", "=", workflowId).orderBy("name").execute(),
      tx,
    );
    return rows.map(toTopic);
  }

  /** The topics of a stretch of workflows, by workflow and name. */
  async listOfStretch(stretch: WorkflowStretch, tx?: Transaction): Promise<Topic[]> {
    const { until } = stretch;
    const rows = await this.database.read(
      (executor) => ofStretch.all(executor, { after: startOf(stretch), until }),
      tx,
    );
    return rows.map(toTopic);
  }

  /** The topics that have a pending event, of all workflows. */
  async listPending(tx?: Transaction): Promise<Topic[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("topics")
          .selectAll()
          .where(({ exists, selectFrom }) =>
            exists(
              selectFrom("events")
                .select("events.id")
                .whereRef("events.workflow_id", "=", "topics.workflow_id")
                .whereRef("events.topic_id", "=", "topics.id")
                // Written out, so that the index of pending events serves.
                .where("events.status", "=", sql.lit("pending")),
            ),
          )
          .execute(),
      tx,
    );
    return rows.map(toTopic);
  }

  /** Gives the number of topics deleted (0 or 1); their events go with them. */
  async delete(id: TopicId, tx?: Transaction): Promise<number> {
    const result = await this.database.write(
      ({ executor }) => executor.deleteFrom("topics").where("id", "=", id).executeTakeFirst(),
      tx,
    );
    return Number(result.numDeletedRows);
  }
}
