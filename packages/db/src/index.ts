/** @millrace/db: schema, migrations, stores and transactions. Knows no scheduling. */
export { openDatabase, type OpenDatabaseOptions } from "./open-database.ts";
export {
  DEFAULT_STORAGE_LIMITS,
  type Database,
  type QueryExecutor,
  type StorageLimits,
  type Transaction,
} from "./database.ts";
export type { SqliteDatabase } from "./dialects/sqlite/sqlite-database.ts";
export type { CommitHooks } from "./dialects/sqlite/group-commit.ts";
export { MIGRATIONS } from "./migrations/migrate.ts";
export type { Schema } from "./schema.ts";
export type { JsonValue } from "./json.ts";
export { encodeJson } from "./codecs.ts";
export * from "./ids.ts";
export * from "./errors.ts";
export * from "./statuses.ts";
export * from "./job-statuses.ts";
export { createStores, type Stores } from "./stores/stores.ts";
export * from "./stores/event-handler-store.ts";
export * from "./stores/event-store.ts";
export * from "./stores/handler-run-store.ts";
export * from "./stores/handler-state-store.ts";
export * from "./stores/input-store.ts";
export type { Job, JobDefinition } from "./stores/job.ts";
export type { JobExecution } from "./stores/job-execution.ts";
export * from "./stores/job-execution-store.ts";
export * from "./stores/job-history-store.ts";
export * from "./stores/job-store.ts";
export type { JobFilter as StoredJobFilter } from "./stores/job-queries.ts";
export * from "./stores/mutation-store.ts";
export * from "./stores/notification-store.ts";
export * from "./stores/platform-store.ts";
export * from "./stores/producer-schedule-store.ts";
export * from "./stores/schedule-decision-store.ts";
export * from "./stores/script-store.ts";
export * from "./stores/session-store.ts";
export * from "./stores/topic-store.ts";
export * from "./stores/workflow-store.ts";
