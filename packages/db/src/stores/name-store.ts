/** What ids stand for in words: of many at once, in one query each. */
import type { Database, Transaction } from "../database.ts";
import type { JobId, PlatformId, ScriptId, TopicId, WorkflowId } from "../ids.ts";
import { chunk } from "./chunk.ts";

/** A workflow's name, and the platform that it belongs to. */
export interface WorkflowName {
  id: WorkflowId;
  name: string;
  platformId: PlatformId;
}

/** A job's name, and the platform that it belongs to. */
export interface JobName {
  id: JobId;
  name: string;
  platformId: PlatformId;
}

/** An id that there is none of is missing in what these methods give. */
export class NameStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async workflows(ids: Iterable<WorkflowId>, tx?: Transaction): Promise<Map<WorkflowId, WorkflowName>> {
    const found = new Map<WorkflowId, WorkflowName>();
    for (const piece of pieces(ids)) {
      const rows = await this.database.read(
        (executor) =>
          executor.selectFrom("workflows").select(["id", "name", "platform_id"]).where("id", "in", piece).execute(),
        tx,
      );
      for (const { id, name, platform_id } of rows) found.set(id, { id, name, platformId: platform_id });
    }
    return found;
  }

  async topics(ids: Iterable<TopicId>, tx?: Transaction): Promise<Map<TopicId, string>> {
    const found = new Map<TopicId, string>();
    for (const piece of pieces(ids)) {
      const rows = await this.database.read(
        (executor) => executor.selectFrom("topics").select(["id", "name"]).where("id", "in", piece).execute(),
        tx,
      );
      for (const { id, name } of rows) found.set(id, name);
    }
    return found;
  }

  async jobs(ids: Iterable<JobId>, tx?: Transaction): Promise<Map<JobId, JobName>> {
    const found = new Map<JobId, JobName>();
    for (const piece of pieces(ids)) {
      const rows = await this.database.read(
        (executor) =>
          executor
            .selectFrom("scheduled_jobs")
            .select(["id", "name", "platform_id"])
            .where("id", "in", piece)
            .execute(),
        tx,
      );
      for (const { id, name, platform_id } of rows) found.set(id, { id, name, platformId: platform_id });
    }
    return found;
  }

  /** Versions of workflows, for example `1.2`. */
  async versions(ids: Iterable<ScriptId>, tx?: Transaction): Promise<Map<ScriptId, string>> {
    const found = new Map<ScriptId, string>();
    for (const piece of pieces(ids)) {
      const rows = await this.database.read(
        (executor) =>
          executor.selectFrom("scripts").select(["id", "major", "minor"]).where("id", "in", piece).execute(),
        tx,
      );
      for (const { id, major, minor } of rows) found.set(id, `${major}.${minor}`);
    }
    return found;
  }
}

const pieces = <Id>(ids: Iterable<Id>): Id[][] => chunk([...new Set(ids)]);
