/** @millrace/db: schema, migrations, stores and transactions. Knows no scheduling. */
export { openDatabase, type OpenDatabaseOptions } from "./open-database.ts";
export {
  DEFAULT_STORAGE_LIMITS,
  type Database,
  type DatabaseStatistics,
  type QueryExecutor,
  type StorageLimits,
  type Transaction,
  type TransactionOptions,
} from "./database.ts";
export type { SqliteDatabase } from "./dialects/sqlite/sqlite-database.ts";
export type { BackupProgress, BackupResult } from "./dialects/sqlite/backup.ts";
export { isOwned } from "./dialects/sqlite/ownership.ts";
export type { IntegrityFinding } from "./dialects/sqlite/integrity.ts";
export type { CommitHooks } from "./dialects/sqlite/group-commit.ts";
export { MIGRATIONS } from "./migrations/migrate.ts";
export type { Schema } from "./schema.ts";
export type { JsonValue } from "./json.ts";
export { encodeJson, UNREADABLE } from "./codecs.ts";
export * from "./ids.ts";
export * from "./errors.ts";
export * from "./statuses.ts";
export * from "./job-statuses.ts";
export { createStores, type Stores } from "./stores/stores.ts";
export * from "./stores/access-token-store.ts";
export * from "./stores/audit-store.ts";
export * from "./stores/count-store.ts";
export * from "./stores/detail-store.ts";
export * from "./stores/event-handler-store.ts";
export type { Event, EventOfTopic, ListedEvent, NewEvent, PublishResult } from "./stores/event.ts";
export type { EventFilter } from "./stores/event-lists.ts";
export * from "./stores/event-store.ts";
export type { HandlerRun, HandlerRunPatch, NewHandlerRun, PhaseTimes, RunLog } from "./stores/handler-run.ts";
export type { HandlerRunFilter, RunCounts } from "./stores/handler-run-queries.ts";
export * from "./stores/handler-run-store.ts";
export * from "./stores/handler-state-store.ts";
export * from "./stores/glance-store.ts";
export type { InputFilter, InputGlance, InputGlanceOutput } from "./stores/input-queries.ts";
export * from "./stores/input-store.ts";
export type { Job, JobDefinition } from "./stores/job.ts";
export type { JobExecution } from "./stores/job-execution.ts";
export * from "./stores/job-execution-store.ts";
export * from "./stores/job-history-store.ts";
export * from "./stores/job-store.ts";
export type { JobFilter as StoredJobFilter } from "./stores/job-queries.ts";
export type { Mutation, MutationPatch, NewMutation } from "./stores/mutation.ts";
export type { MutationCounts, MutationFilter } from "./stores/mutation-queries.ts";
export * from "./stores/mutation-store.ts";
export * from "./stores/name-store.ts";
export type { NotificationFilter } from "./stores/notification-queries.ts";
export * from "./stores/notification-store.ts";
export type { Page, PageCursor, PageFilter } from "./stores/paging.ts";
export * from "./stores/platform-store.ts";
export * from "./stores/producer-schedule-store.ts";
export { LineageStore, type HandledEvent } from "./stores/lineage-store.ts";
export { ReplayStore, type NewReplay, type Replay } from "./stores/replay-store.ts";
export * from "./stores/run-log-store.ts";
export * from "./stores/schedule-decision-store.ts";
export * from "./stores/script-store.ts";
export * from "./stores/session-store.ts";
export * from "./stores/standing-store.ts";
export * from "./stores/topic-store.ts";
export * from "./stores/upcoming-store.ts";
export * from "./stores/workflow-store.ts";
export type { NextWorkflows, WorkflowStretch } from "./stores/workflow-stretch.ts";
