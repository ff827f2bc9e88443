/** How the host is: its database, queues, latencies and versions. */
import type { EventLoopReport, HealthStatus } from "@millrace/agent";
import type { DatabaseStatistics } from "@millrace/db";
import { readVersion } from "../../version.ts";
import { showHealth } from "../contract/overview.ts";
import { implement } from "../implementation.ts";
import { schedulerOf } from "./jobs.ts";

const MEBIBYTE = 1024 * 1024;
/** SQLite empties the log at a few MiB; one that grows beyond this is not emptied, for somebody reads and never ends. */
const MOST_LOG_BYTES = 256 * MEBIBYTE;
/** For how long a blocked event loop is a reason for concern after it turns again. */
const CONCERN_MS = 10 * 60 * 1_000;
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
    const checks = [databaseCheck(size), eventLoopCheck(engine.eventLoop), ...health.checks];
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

function eventLoopCheck({ stalls, last }: EventLoopReport): HealthStatus["checks"][number] {
  const name = "event loop";
  if (last === null) return { name, ok: true, detail: "no handler has blocked it" };
  const detail = `stood still ${stalls === 1 ? "once" : `${stalls} times`}, last at ${new Date(last.at).toISOString()} for ${(last.blockedMs / 1_000).toFixed(1)} s; what ran: ${last.while}`;
  return { name, ok: last.agoMs > CONCERN_MS, detail };
}

const inMebibytes = (bytes: number) => `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
