/** Workflows: who they belong to, what the user wants of them, and what the system has to say about them. */
import type { Selectable, Updateable } from "kysely";
import { decodeJson, decodeListedJson, encodeJson, type DecodeJson } from "../codecs.ts";
import { prepareQuery } from "../compiled-query.ts";
import type { Database, Transaction } from "../database.ts";
import { NotFoundError } from "../errors.ts";
import { DEFAULT_PLATFORM_ID, type PlatformId, type RunId, type ScriptId, type WorkflowId } from "../ids.ts";
import type { JsonValue } from "../json.ts";
import type { WorkflowTable } from "../schema.ts";
import type { WorkflowStatus } from "../statuses.ts";
import { contains } from "./text-search.ts";
import { startOf, type NextWorkflows } from "./workflow-stretch.ts";

export interface Workflow {
  id: WorkflowId;
  platformId: PlatformId;
  name: string;
  /** The user's intent. */
  status: WorkflowStatus;
  /** Why the system needs attention; null if all is well. */
  error: string | null;
  maintenance: boolean;
  handlerConfig: JsonValue;
  /** Goes up by one with every save of the configuration. */
  configVersion: number;
  activeScriptId: ScriptId | null;
  /** The run that must be continued or retried before anything else runs. */
  pendingRetryRunId: RunId | null;
  /** When that is due, in Unix milliseconds; null while it waits for a decision. */
  retryAt: number | null;
  createdAt: number;
  updatedAt: number;
}

/** What a workflow waits for before anything else runs. */
export type WorkflowStanding = Pick<Workflow, "id" | "pendingRetryRunId" | "retryAt">;

/** Whether a workflow may run, and what it has to continue before anything else runs. */
export type WorkflowReadiness = Pick<Workflow, "status" | "error" | "maintenance" | "pendingRetryRunId" | "retryAt">;

export interface NewWorkflow {
  platformId?: PlatformId;
  name: string;
  status: WorkflowStatus;
  handlerConfig: JsonValue;
}

export interface WorkflowFilter {
  platformId?: PlatformId;
  /** Only those whose name comes after this one: the last of the page before, of one platform. */
  afterName?: string;
  /** A piece of the name, in capitals or not. */
  text?: string;
  /** Default: as many as there are. */
  limit?: number;
}

export type WorkflowPatch = Partial<
  Pick<Workflow, "status" | "error" | "maintenance" | "activeScriptId" | "pendingRetryRunId" | "retryAt">
>;

function toWorkflow(row: Selectable<WorkflowTable>, decode: DecodeJson = decodeJson): Workflow {
  return {
    id: row.id,
    platformId: row.platform_id,
    name: row.name,
    status: row.status,
    error: row.error,
    maintenance: row.maintenance === 1,
    handlerConfig: decode(row.handler_config, "workflows", row.id, "handler_config"),
    configVersion: row.config_version,
    activeScriptId: row.active_script_id,
    pendingRetryRunId: row.pending_retry_run_id,
    retryAt: row.retry_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

const byId = prepareQuery<{ id: WorkflowId }>()((queries, argument) =>
  queries.selectFrom("workflows").selectAll().where("id", "=", argument("id")),
);

const readiness = prepareQuery<{ id: WorkflowId }>()((queries, argument) =>
  queries
    .selectFrom("workflows")
    .select(["status", "error", "maintenance", "pending_retry_run_id", "retry_at"])
    .where("id", "=", argument("id")),
);

const pendingRetry = prepareQuery<{ id: WorkflowId }>()((queries, argument) =>
  queries.selectFrom("workflows").select("pending_retry_run_id").where("id", "=", argument("id")),
);

const standing = prepareQuery<{ after: WorkflowId; limit: number }>()((queries, argument) =>
  queries
    .selectFrom("workflows")
    .select(["id", "pending_retry_run_id as pendingRetryRunId", "retry_at as retryAt"])
    .where("id", ">", argument("after"))
    .orderBy("id")
    .limit(argument("limit")),
);

export class WorkflowStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** @throws ConstraintViolationError when the platform has a workflow of this name */
  async create(workflow: NewWorkflow, now: number, tx?: Transaction): Promise<Workflow> {
    const row: WorkflowTable = {
      id: this.database.newId<WorkflowId>(),
      platform_id: workflow.platformId ?? DEFAULT_PLATFORM_ID,
      name: workflow.name,
      status: workflow.status,
      error: null,
      maintenance: 0,
      handler_config: encodeJson(workflow.handlerConfig, `configuration of workflow ${workflow.name}`),
      config_version: 1,
      active_script_id: null,
      pending_retry_run_id: null,
      retry_at: null,
      created_at: now,
      updated_at: now,
    };
    await this.database.write(({ executor }) => executor.insertInto("workflows").values(row).execute(), tx);
    return toWorkflow(row);
  }

  async find(id: WorkflowId, tx?: Transaction): Promise<Workflow | null> {
    const row = await this.database.read((executor) => byId.first(executor, { id }), tx);
    return row ? toWorkflow(row) : null;
  }

  /** Like `find`, as lists have it: with `UNREADABLE` in the place of a configuration that can't be read. */
  async findListed(id: WorkflowId, tx?: Transaction): Promise<Workflow | null> {
    const row = await this.database.read((executor) => byId.first(executor, { id }), tx);
    return row ? toWorkflow(row, decodeListedJson) : null;
  }

  /** @throws NotFoundError */
  async get(id: WorkflowId, tx?: Transaction): Promise<Workflow> {
    const workflow = await this.find(id, tx);
    if (!workflow) throw new NotFoundError("workflows", id);
    return workflow;
  }

  /** Whether a workflow may run, and what it has to continue: what is looked at before each run. @throws NotFoundError */
  async getReadiness(id: WorkflowId, tx?: Transaction): Promise<WorkflowReadiness> {
    const row = await this.database.read((executor) => readiness.first(executor, { id }), tx);
    if (!row) throw new NotFoundError("workflows", id);
    const { status, error, maintenance, pending_retry_run_id: pendingRetryRunId, retry_at: retryAt } = row;
    return { status, error, maintenance: maintenance === 1, pendingRetryRunId, retryAt };
  }

  /** The ended run that is to be continued before anything else runs; null for none. @throws NotFoundError */
  async getPendingRetry(id: WorkflowId, tx?: Transaction): Promise<RunId | null> {
    const row = await this.database.read((executor) => pendingRetry.first(executor, { id }), tx);
    if (!row) throw new NotFoundError("workflows", id);
    return row.pending_retry_run_id;
  }

  /** As lists have it: whoever names a workflow may pause it whatever became of its configuration. */
  async findByName(
    name: string,
    platformId: PlatformId = DEFAULT_PLATFORM_ID,
    tx?: Transaction,
  ): Promise<Workflow | null> {
    const row = await this.database.read(
      (executor) =>
        executor
          .selectFrom("workflows")
          .selectAll()
          .where("platform_id", "=", platformId)
          .where("name", "=", name)
          .executeTakeFirst(),
      tx,
    );
    return row ? toWorkflow(row, decodeListedJson) : null;
  }

  /** Workflows, by name: all of them, or a page of those of a platform. */
  async list(filter: WorkflowFilter = {}, tx?: Transaction): Promise<Workflow[]> {
    const { platformId, afterName, text, limit } = filter;
    const rows = await this.database.read((executor) => {
      let query = executor.selectFrom("workflows").selectAll();
      if (platformId) query = query.where("platform_id", "=", platformId);
      if (afterName !== undefined) query = query.where("name", ">", afterName);
      if (text) query = query.where(contains(["name"], text));
      if (limit !== undefined) query = query.limit(limit);
      return query.orderBy("name").orderBy("platform_id").execute();
    }, tx);
    return rows.map((row) => toWorkflow(row, decodeListedJson));
  }

  /** What workflows wait for, without their configuration, by id. */
  async listStanding(next: NextWorkflows, tx?: Transaction): Promise<WorkflowStanding[]> {
    const { limit } = next;
    return this.database.read((executor) => standing.all(executor, { after: startOf(next), limit }), tx);
  }

  /** @throws NotFoundError */
  async update(id: WorkflowId, patch: WorkflowPatch, now: number, tx?: Transaction): Promise<void> {
    const columns: Updateable<WorkflowTable> = {
      updated_at: now,
      ...(patch.status !== undefined && { status: patch.status }),
      ...(patch.error !== undefined && { error: patch.error }),
      ...(patch.maintenance !== undefined && { maintenance: patch.maintenance ? 1 : 0 }),
      ...(patch.activeScriptId !== undefined && { active_script_id: patch.activeScriptId }),
      ...(patch.pendingRetryRunId !== undefined && { pending_retry_run_id: patch.pendingRetryRunId }),
      ...(patch.retryAt !== undefined && { retry_at: patch.retryAt }),
    };
    const result = await this.database.write(
      ({ executor }) => executor.updateTable("workflows").set(columns).where("id", "=", id).executeTakeFirst(),
      tx,
    );
    if (result.numUpdatedRows === 0n) throw new NotFoundError("workflows", id);
  }

  /** Saves the configuration and gives its new version. @throws NotFoundError */
  async saveConfig(id: WorkflowId, handlerConfig: JsonValue, now: number, tx?: Transaction): Promise<number> {
    const text = encodeJson(handlerConfig, `configuration of workflow ${id}`);
    const row = await this.database.write(
      ({ executor }) =>
        executor
          .updateTable("workflows")
          .set((expression) => ({
            handler_config: text,
            config_version: expression("config_version", "+", 1),
            updated_at: now,
          }))
          .where("id", "=", id)
          .returning("config_version")
          .executeTakeFirst(),
      tx,
    );
    if (!row) throw new NotFoundError("workflows", id);
    return row.config_version;
  }

  /** Deletes a workflow with all it owns; gives the number of workflows deleted (0 or 1). */
  async delete(id: WorkflowId, tx?: Transaction): Promise<number> {
    const result = await this.database.write(
      ({ executor }) => executor.deleteFrom("workflows").where("id", "=", id).executeTakeFirst(),
      tx,
    );
    return Number(result.numDeletedRows);
  }
}
