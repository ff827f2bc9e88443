/** The audit: what people (and programs in their name) did, when, to what, and what came of it. */
import type { Selectable } from "kysely";
import { decodeOptionalListedJson, encodeOptionalJson } from "../codecs.ts";
import type { Database, Transaction } from "../database.ts";
import { NotFoundError, TransitionConflictError } from "../errors.ts";
import type { AuditEntryTable } from "../host-schema.ts";
import { DEFAULT_PLATFORM_ID, type AuditEntryId, type PlatformId } from "../ids.ts";
import type { JsonValue } from "../json.ts";
import type { AuditChannel, AuditOutcome } from "../statuses.ts";
import { contains } from "./text-search.ts";

export interface AuditEntry {
  id: AuditEntryId;
  platformId: PlatformId;
  /** When it was begun, in Unix milliseconds. */
  at: number;
  /** Who acted. */
  actor: string;
  channel: AuditChannel;
  /** What was done, for example `mutation.resolve`. */
  action: string;
  /** What it was done to: the kind of thing, for example `mutation`, and its id. */
  subjectType: string;
  subjectId: string;
  details: JsonValue | null;
  /** Null while it is not over, or if the process ended before it was. */
  outcome: AuditOutcome | null;
  /** What there is to say about the outcome. */
  message: string | null;
  completedAt: number | null;
}

export type NewAuditEntry = Pick<AuditEntry, "actor" | "channel" | "action" | "subjectType" | "subjectId"> &
  Partial<Pick<AuditEntry, "platformId" | "details">>;

export interface AuditFilter {
  platformId?: PlatformId;
  actor?: string;
  action?: string;
  subjectType?: string;
  subjectId?: string;
  /** A piece of the actor, the action, the subject's id, the details or the message, in capitals or not. */
  text?: string;
  /** Only entries of this time or later, in Unix milliseconds. */
  from?: number;
  /** Only entries before this time, in Unix milliseconds. */
  until?: number;
  /** Only entries that were made before this one: the last of the page before. */
  before?: AuditEntryId;
  /** Default 100. */
  limit?: number;
}

function toAuditEntry(row: Selectable<AuditEntryTable>): AuditEntry {
  return {
    id: row.id,
    platformId: row.platform_id,
    at: row.at,
    actor: row.actor,
    channel: row.channel,
    action: row.action,
    subjectType: row.subject_type,
    subjectId: row.subject_id,
    details: decodeOptionalListedJson(row.details, "audit_entries", row.id, "details"),
    outcome: row.outcome,
    message: row.message,
    completedAt: row.completed_at,
  };
}

const SEARCHED = ["actor", "action", "subject_id", { json: "details" }, "message"];

export class AuditStore {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Notes that an action begins. @throws ValueTooLargeError, NotSerialisableError */
  async create(entry: NewAuditEntry, now: number, tx?: Transaction): Promise<AuditEntry> {
    const what = `details of ${entry.action}`;
    const row: AuditEntryTable = {
      id: this.database.newId<AuditEntryId>(),
      platform_id: entry.platformId ?? DEFAULT_PLATFORM_ID,
      at: now,
      actor: entry.actor,
      channel: entry.channel,
      action: entry.action,
      subject_type: entry.subjectType,
      subject_id: entry.subjectId,
      details: encodeOptionalJson(entry.details, what, this.database.limits.stateBytes),
      outcome: null,
      message: null,
      completed_at: null,
    };
    await this.database.write(({ executor }) => executor.insertInto("audit_entries").values(row).execute(), tx);
    return toAuditEntry(row);
  }

  /**
   * Notes what came of an action.
   * @throws NotFoundError; TransitionConflictError when its outcome is noted already
   */
  async complete(
    id: AuditEntryId,
    { outcome, message = null }: { outcome: AuditOutcome; message?: string | null },
    now: number,
    tx?: Transaction,
  ): Promise<void> {
    await this.database.transaction(async (inner) => {
      const result = await inner.executor
        .updateTable("audit_entries")
        .set({ outcome, message, completed_at: now })
        .where("id", "=", id)
        .where("outcome", "is", null)
        .executeTakeFirst();
      if (result.numUpdatedRows > 0n) return;
      const actual = await this.get(id, inner);
      throw new TransitionConflictError("audit_entries", id, "open", String(actual.outcome));
    }, tx);
  }

  /** @throws NotFoundError */
  async get(id: AuditEntryId, tx?: Transaction): Promise<AuditEntry> {
    const row = await this.database.read(
      (executor) => executor.selectFrom("audit_entries").selectAll().where("id", "=", id).executeTakeFirst(),
      tx,
    );
    if (!row) throw new NotFoundError("audit_entries", id);
    return toAuditEntry(row);
  }

  /** A platform's entries, newest first. */
  async list(filter: AuditFilter = {}, tx?: Transaction): Promise<AuditEntry[]> {
    const { platformId = DEFAULT_PLATFORM_ID, actor, action, subjectType, subjectId, text, from, until } = filter;
    const rows = await this.database.read((executor) => {
      let query = executor.selectFrom("audit_entries").selectAll().where("platform_id", "=", platformId);
      if (filter.before !== undefined) query = query.where("id", "<", filter.before);
      if (actor !== undefined) query = query.where("actor", "=", actor);
      if (action !== undefined) query = query.where("action", "=", action);
      if (subjectType !== undefined) query = query.where("subject_type", "=", subjectType);
      if (subjectId !== undefined) query = query.where("subject_id", "=", subjectId);
      if (text) query = query.where(contains(SEARCHED, text));
      if (from !== undefined) query = query.where("at", ">=", from);
      if (until !== undefined) query = query.where("at", "<", until);
      return query
        .orderBy("id", "desc")
        .limit(filter.limit ?? 100)
        .execute();
    }, tx);
    return rows.map(toAuditEntry);
  }
}
