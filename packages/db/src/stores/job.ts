/** What a job is, as it is stored. */
import type { JobId, PlatformId } from "../ids.ts";
import type { ScheduledJobTable } from "../job-schema.ts";
import type {
  Delivery,
  DstGap,
  DstOverlap,
  IntervalMode,
  JobHandlerType,
  JobStatus,
  JobType,
  MisfirePolicy,
  OverlapPolicy,
} from "../job-statuses.ts";
import type { JsonValue } from "../json.ts";
import { boolean, json, mapRows, plain, texts } from "../row-mapping.ts";

/** What its owner has said: replaced as a whole by an edit. Durations are in milliseconds. */
export interface JobDefinition {
  name: string;
  description: string | null;
  type: JobType;
  /** A cron job's expression, or that of a bounded recurring one. */
  cronExpression: string | null;
  timezone: string;
  dstGap: DstGap;
  dstOverlap: DstOverlap;
  intervalMs: number | null;
  intervalMode: IntervalMode;
  /** The first tick of an interval, from which its rate is counted. */
  anchorAt: number | null;
  /** When a one-time job is due. */
  runAt: number | null;
  /** What an event job waits for. */
  eventName: string | null;
  /** No tick comes after this time. */
  endsAt: number | null;
  /** How many ticks may run; those that are skipped do not count. */
  maxRuns: number | null;
  /** A tick is due up to so much later than its nominal time. */
  jitterMs: number;
  handlerType: JobHandlerType;
  handlerName: string;
  /** What of the handler is meant: of a workflow, a producer or a topic. */
  handlerTarget: JsonValue;
  payload: JsonValue;
  maxRetries: number;
  retryDelayMs: number;
  timeoutMs: number;
  /** A higher one goes first; see `rank` of an execution. */
  priority: number;
  delivery: Delivery;
  overlapPolicy: OverlapPolicy;
  misfirePolicy: MisfirePolicy;
  /** A tick that is no later than this is on time. */
  misfireGraceMs: number;
  /** With policy `all`: ticks further back than this are missed. */
  misfireWindowMs: number;
  /** With policy `all`: how many late ticks run at the most. */
  misfireLimit: number;
  /** Whether the ticks of a pause are treated as late ones when the job is resumed. */
  catchUp: boolean;
  /** How many executions of the job may run at once; null for no limit of its own. */
  maxConcurrency: number | null;
  /** Executions of one key share a limit; `{path}` stands for a value of the payload. */
  concurrencyKey: string | null;
  concurrencyKeyLimit: number | null;
  uniqueKey: string | null;
  /** After so many failures in a row the job is paused; null for never. */
  autoPauseAfter: number | null;
  /** How many of its last executions retention keeps, however old. */
  keepLast: number;
  tags: string[];
  metadata: JsonValue;
}

export interface Job extends JobDefinition {
  id: JobId;
  platformId: PlatformId;
  /** Its owner's own name for it, unique in the platform. */
  key: string | null;
  status: JobStatus;
  /** Goes up by one with each edit. */
  version: number;
  /** Two definitions of one digest are the same. */
  digest: string;
  /** Two schedules of one digest were asked for in the same words, whenever that was. */
  scheduleDigest: string;
  pauseNote: string | null;
  pausedAt: number | null;
  /** How many ticks have run: what `maxRuns` bounds. */
  runCount: number;
  executionCount: number;
  successCount: number;
  failureCount: number;
  consecutiveFailures: number;
  /** Of all finished executions. */
  totalDurationMs: number;
  /** The nominal time of the next tick; null where none is to come, or while it is paused. */
  nextRun: number | null;
  lastRun: number | null;
  createdBy: string | null;
  /** The caller's W3C trace context. */
  traceparent: string | null;
  createdAt: number;
  updatedAt: number;
  finishedAt: number | null;
}

export const jobMapping = mapRows<Job, ScheduledJobTable>("scheduled_jobs", {
  id: plain("id"),
  platformId: plain("platform_id"),
  key: plain("key"),
  name: plain("name"),
  description: plain("description"),
  type: plain("type"),
  status: plain("status"),
  version: plain("version"),
  digest: plain("digest"),
  scheduleDigest: plain("schedule_digest"),
  cronExpression: plain("cron_expression"),
  timezone: plain("timezone"),
  dstGap: plain("dst_gap"),
  dstOverlap: plain("dst_overlap"),
  intervalMs: plain("interval_ms"),
  intervalMode: plain("interval_mode"),
  anchorAt: plain("anchor_at"),
  runAt: plain("run_at"),
  eventName: plain("event_name"),
  endsAt: plain("ends_at"),
  maxRuns: plain("max_runs"),
  jitterMs: plain("jitter_ms"),
  handlerType: plain("handler_type"),
  handlerName: plain("handler_name"),
  handlerTarget: json("handler_target"),
  payload: json("payload"),
  maxRetries: plain("max_retries"),
  retryDelayMs: plain("retry_delay_ms"),
  timeoutMs: plain("timeout_ms"),
  priority: plain("priority"),
  delivery: plain("delivery"),
  overlapPolicy: plain("overlap_policy"),
  misfirePolicy: plain("misfire_policy"),
  misfireGraceMs: plain("misfire_grace_ms"),
  misfireWindowMs: plain("misfire_window_ms"),
  misfireLimit: plain("misfire_limit"),
  catchUp: boolean("catch_up"),
  maxConcurrency: plain("max_concurrency"),
  concurrencyKey: plain("concurrency_key"),
  concurrencyKeyLimit: plain("concurrency_key_limit"),
  uniqueKey: plain("unique_key"),
  autoPauseAfter: plain("auto_pause_after"),
  keepLast: plain("keep_last"),
  tags: texts("tags"),
  metadata: json("metadata"),
  pauseNote: plain("pause_note"),
  pausedAt: plain("paused_at"),
  runCount: plain("run_count"),
  executionCount: plain("execution_count"),
  successCount: plain("success_count"),
  failureCount: plain("failure_count"),
  consecutiveFailures: plain("consecutive_failures"),
  totalDurationMs: plain("total_duration_ms"),
  nextRun: plain("next_run"),
  lastRun: plain("last_run"),
  createdBy: plain("created_by"),
  traceparent: plain("traceparent"),
  createdAt: plain("created_at"),
  updatedAt: plain("updated_at"),
  finishedAt: plain("finished_at"),
});
