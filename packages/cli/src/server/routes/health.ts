/** How the host is: its database, queues, latencies and versions. */
import type { HealthStatus } from "@millrace/agent";
import type { DatabaseStatistics } from "@millrace/db";
import { readVersion } from "../../version.ts";
import { showHealth } from "../contract/overview.ts";
import { implement } from "../implementation.ts";
import { schedulerOf } from "./jobs.ts";

const MEBIBYTE = 1024 * 1024;
/** SQLite empties the log at a few MiB; one that grows beyond this is not emptied, for somebody reads and never ends. */
const MOST_LOG_BYTES = 256 * MEBIBYTE;
const FOR_EVER = Number.MAX_SAFE_INTEGER / 2;

const VERSIONS = { millrace: readVersion(), node: process.versions.node };

export const HEALTH_IMPLEMENTATIONS = [
  implement(showHealth, async (_input, context) => {
    const { database, stores, engine, principal, statistics } = context;
    const { platformId } = principal;
    const scheduler = schedulerOf(context);
    const [size, pendingEvents, open, mutations, [next], health] = await Promise.all([
      database.statistics(),
      stores.counts.pendingEvents(platformId),
      stores.jobHistory.countOpen(platformId),
      stores.mutations.countsByStatus(platformId),
      engine.upcomingRuns(platformId, { withinMs: FOR_EVER, limit: 1 }),
      scheduler.healthCheck(),
    ]);
    const checks = [databaseCheck(size), ...health.checks];
    return {
      status: checks.every(({ ok }) => ok) ? ("ok" as const) : ("degraded" as const),
      checks,
      database: {
        sizeBytes: size.sizeBytes,
        freeBytes: size.freeBytes,
        walBytes: size.logBytes,
        schemaVersion: size.schemaVersion,
        location: database.location,
      },
      queues: {
        pendingEvents,
        openExecutions: open.pending + open.running,
        runningExecutions: open.running,
        reconciling: mutations.needs_reconcile,
        nextDueAt: next?.at ?? null,
      },
      latencies: statistics.latencies(),
      versions: { ...VERSIONS, sqlite: size.engineVersion },
      startedAt: Math.round(performance.timeOrigin),
    };
  }),
];

function databaseCheck({ sizeBytes, logBytes }: DatabaseStatistics): HealthStatus["checks"][number] {
  const detail = `answers; it has ${inMebibytes(sizeBytes)}, its log ${inMebibytes(logBytes)}`;
  return { name: "database", ok: logBytes <= MOST_LOG_BYTES, detail };
}

const inMebibytes = (bytes: number) => `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
