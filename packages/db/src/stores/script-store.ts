/** The versions of a workflow's code: what ran, when it came, and where from. */
import { sql, type Selectable, type SqlBool } from "kysely";
import { prepareQuery } from "../compiled-query.ts";
import type { Database, Transaction } from "../database.ts";
import { NotFoundError } from "../errors.ts";
import { DEFAULT_PLATFORM_ID, type PlatformId, type ScriptId, type WorkflowId } from "../ids.ts";
import type { ScriptTable } from "../schema.ts";
import { startOf, type NextWorkflows } from "./workflow-stretch.ts";

export interface Script {
  id: ScriptId;
  workflowId: WorkflowId;
  major: number;
  minor: number;
  source: string;
  /** A hash of what the version does; two versions of one digest are the same code. */
  digest: string;
  /** Where it came from, for example `deploy`. */
  origin: string;
  createdAt: number;
}

export type NewScript = Pick<Script, "workflowId" | "major" | "minor" | "source" | "digest" | "origin">;

/** What tells whether the code of a workflow is the one that is deployed. */
export interface DeployedVersion extends Pick<Script, "id" | "workflowId" | "digest"> {
  workflowName: string;
  /** The workflow's configuration as it is stored, as JSON that has not been read. */
  handlerConfigText: string;
}

function toScript(row: Selectable<ScriptTable>): Script {
  const { workflow_id, created_at, ...rest } = row;
  return { ...rest, workflowId: workflow_id, createdAt: created_at };
}

const deployed = prepareQuery<{ platformId: PlatformId; after: WorkflowId; limit: number }>()((queries, argument) =>
  queries
    .selectFrom("workflows")
    .innerJoin("scripts", "scripts.id", "workflows.active_script_id")
    .where("workflows.id", ">", argument("after"))
    // Behind the plus SQLite does not look for an index: by that of platforms it would read and sort all that follow.
    .where(sql<PlatformId>`+workflows.platform_id`, "=", argument("platformId"))
    .where(
      sql<SqlBool>`not exists (
        select 1 from scripts newer
        where newer.workflow_id = workflows.id and (newer.major, newer.minor) > (scripts.major, scripts.minor))`,
    )
    .select([
      "scripts.id",
      "scripts.workflow_id as workflowId",
      "scripts.digest",
      "workflows.name as workflowName",
      "workflows.handler_config as handlerConfigText",
    ])
    .orderBy("workflows.id")
    .limit(argument("limit")),
);

export class ScriptStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** @throws ConstraintViolationError when the version exists already */
  async create(script: NewScript, now: number, tx?: Transaction): Promise<Script> {
    const { workflowId, ...rest } = script;
    const row: ScriptTable = { ...rest, id: this.database.newId<ScriptId>(), workflow_id: workflowId, created_at: now };
    await this.database.write(({ executor }) => executor.insertInto("scripts").values(row).execute(), tx);
    return toScript(row);
  }

  /** @throws NotFoundError */
  async get(id: ScriptId, tx?: Transaction): Promise<Script> {
    const row = await this.database.read(
      (executor) => executor.selectFrom("scripts").selectAll().where("id", "=", id).executeTakeFirst(),
      tx,
    );
    if (!row) throw new NotFoundError("scripts", id);
    return toScript(row);
  }

  /** The highest version of a workflow, or null before the first deploy. */
  async findLatest(workflowId: WorkflowId, tx?: Transaction): Promise<Script | null> {
    const row = await this.database.read(
      (executor) =>
        executor
          .selectFrom("scripts")
          .selectAll()
          .where("workflow_id", "=", workflowId)
          .orderBy("major", "desc")
          .orderBy("minor", "desc")
          .limit(1)
          .executeTakeFirst(),
      tx,
    );
    return row ? toScript(row) : null;
  }

  /** The active version of each workflow of a platform in which it is the highest one, by workflow. */
  async listDeployed(
    next: NextWorkflows,
    platformId: PlatformId = DEFAULT_PLATFORM_ID,
    tx?: Transaction,
  ): Promise<DeployedVersion[]> {
    const { limit } = next;
    return this.database.read((executor) => deployed.all(executor, { after: startOf(next), limit, platformId }), tx);
  }

  /** All versions of a workflow, oldest first. */
  async list(workflowId: WorkflowId, tx?: Transaction): Promise<Script[]> {
    const rows = await this.database.read(
      (executor) =>
        executor
          .selectFrom("scripts")
          .selectAll()
          .where("workflow_id", "=", workflowId)
          .orderBy("major")
          .orderBy("minor")
          .execute(),
      tx,
    );
    return rows.map(toScript);
  }

  /** Gives the number of versions deleted (0 or 1). */
  async delete(id: ScriptId, tx?: Transaction): Promise<number> {
    const result = await this.database.write(
      ({ executor }) => executor.deleteFrom("scripts").where("id", "=", id).executeTakeFirst(),
      tx,
    );
    return Number(result.numDeletedRows);
  }
}
