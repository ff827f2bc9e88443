/** What the host needs: who did what, who may do what, and indexes for lists of a page at a time, newest first. */
import type { Kysely } from "kysely";
import { condition, index, oneOf, owned, table, type AnySchema } from "./table-definition.ts";

const CHANNELS = ["dashboard", "api", "command_line", "program"];
const OUTCOMES = ["done", "refused", "failed"];
const ROLES = ["viewer", "operator", "publisher"];

export async function up(database: Kysely<AnySchema>): Promise<void> {
  await createAudit(database);
  await createTokens(database);
  await indexRuns(database);
  await indexMutations(database);
  await indexInputs(database);
  await indexEvents(database);
  await indexNotifications(database);
}

async function createAudit(database: Kysely<AnySchema>): Promise<void> {
  const entries = table(database, "audit_entries", {
    id: "text!",
    platform_id: "text!",
    at: "bigint!",
    actor: "text!",
    channel: "text!",
    action: "text!",
    subject_type: "text!",
    subject_id: "text!",
    details: "text",
    outcome: "text",
    message: "text",
    completed_at: "bigint",
  });
  await owned(entries, "audit_entries_platform_fk", "platform_id", "platforms")
    .addCheckConstraint("audit_entries_channel_check", oneOf("channel", CHANNELS))
    .addCheckConstraint("audit_entries_outcome_check", oneOf("outcome", OUTCOMES))
    .addCheckConstraint("audit_entries_completed_check", condition("(outcome is null) = (completed_at is null)"))
    .execute();
  await index(database, "audit_entries", "platform_index", ["platform_id", "id"]);
}

async function createTokens(database: Kysely<AnySchema>): Promise<void> {
  const tokens = table(database, "access_tokens", {
    id: "text!",
    platform_id: "text!",
    name: "text!",
    role: "text!",
    digest: "text!",
    created_at: "bigint!",
    created_by: "text",
    expires_at: "bigint",
    revoked_at: "bigint",
  });
  await owned(tokens, "access_tokens_platform_fk", "platform_id", "platforms")
    .addUniqueConstraint("access_tokens_digest_unique", ["digest"])
    .addCheckConstraint("access_tokens_role_check", oneOf("role", ROLES))
    .addCheckConstraint("access_tokens_digest_check", condition("length(digest) = 64"))
    .execute();
  await index(database, "access_tokens", "platform_index", ["platform_id", "id"]);
}

/** Makes an index anew with other columns or another condition. */
async function replaceIndex(database: Kysely<AnySchema>, ...[on, name, ...rest]: IndexOfTable): Promise<void> {
  await database.schema.dropIndex(`${on}_${name}`).execute();
  await index(database, on, name, ...rest);
}

type IndexOfTable = Parameters<typeof index> extends [unknown, ...infer Rest] ? Rest : never;

async function indexRuns(database: Kysely<AnySchema>): Promise<void> {
  await index(database, "handler_runs", "started_index", ["started_at", "id"]);
  await replaceIndex(database, "handler_runs", "workflow_index", ["workflow_id", "started_at", "id"]);
  // A run that goes well is only ever active and committed, so it costs nothing here.
  await index(database, "handler_runs", "stopped_index", ["status", "started_at", "id", "workflow_id"], {
    where: "status not in ('active', 'committed')",
  });
  await replaceIndex(database, "handler_runs", "retry_index", ["retry_of"], { where: "retry_of is not null" });
}

async function indexMutations(database: Kysely<AnySchema>): Promise<void> {
  await index(database, "mutations", "created_index", ["created_at", "id"]);
  await replaceIndex(database, "mutations", "workflow_index", ["workflow_id", "created_at", "id"]);
  await replaceIndex(database, "mutations", "connector_index", ["connector", "created_at", "id"]);
  await replaceIndex(database, "mutations", "open_index", ["status", "created_at", "id", "workflow_id"], {
    where: "status <> 'applied'",
  });
}

async function indexInputs(database: Kysely<AnySchema>): Promise<void> {
  await index(database, "inputs", "created_index", ["created_at", "id"]);
  await index(database, "inputs", "source_index", ["source", "created_at", "id"]);
  await replaceIndex(database, "inputs", "workflow_index", ["workflow_id", "created_at", "id"]);
  await index(database, "inputs", "skipped_index", ["created_at", "id", "workflow_id"], {
    where: "status = 'skipped'",
  });
  await index(database, "inputs", "created_by_index", ["created_by_run_id"], {
    where: "created_by_run_id is not null",
  });
}

async function indexEvents(database: Kysely<AnySchema>): Promise<void> {
  await index(database, "events", "topic_index", ["topic_id", "created_at", "id"]);
  await index(database, "events", "workflow_index", ["workflow_id", "created_at", "id"]);
  await index(database, "events", "created_by_index", ["created_by_run_id"], {
    where: "created_by_run_id is not null",
  });
  // A pending event is reserved by nobody: it is entered when it is reserved.
  await replaceIndex(database, "events", "reserved_by_index", ["reserved_by_run_id"], {
    where: "reserved_by_run_id is not null",
  });
}

async function indexNotifications(database: Kysely<AnySchema>): Promise<void> {
  await index(database, "notifications", "created_index", ["created_at", "id"]);
  // Of resolved ones too: when a workflow is deleted, its notifications are looked for.
  await index(database, "notifications", "workflow_index", ["workflow_id", "created_at", "id"], {
    where: "workflow_id is not null",
  });
  await replaceIndex(database, "notifications", "open_index", ["workflow_id", "created_at", "id"], {
    where: "resolved_at is null",
  });
  await index(database, "notifications", "open_created_index", ["created_at", "id"], {
    where: "resolved_at is null",
  });
}
