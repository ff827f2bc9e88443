/**
 * What Prometheus is told. Gauges are read from the database when they are asked for; all of them count what is open, in
 * indexes that hold nothing else.
 */
import type { Engine } from "@millrace/agent";
import { DEFAULT_PLATFORM_ID, type Database, type Stores } from "@millrace/db";
import { collectDefaultMetrics, Counter, Gauge, type Registry } from "prom-client";

/** More workflows than this have no gauges of their own, so that there are only so many series. */
const MOST_WORKFLOWS = 200;

/** Gauges of the library that are called as counters are; they only sum up what it gives by type as well. */
const MISNAMED = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/**
 * Gauges of the library that come from a timer, which would wake an idle process a hundred times a second. It can't be
 * left out, only be made to fire hardly ever.
 */
const SAMPLED = ["min", "max", "mean", "stddev", "p50", "p90", "p99"].map(
  (part) => `nodejs_eventloop_lag_${part}_seconds`,
);
const HARDLY_EVER_MS = 24 * 60 * 60 * 1_000;

export interface EngineMetricsOptions {
  engine: Engine;
  database: Database;
  stores: Stores;
  version: string;
}

/** Adds the metrics of an engine to a registry; gives a function that ends what they count. */
export function addEngineMetrics(registry: Registry, options: EngineMetricsOptions): () => void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: HARDLY_EVER_MS });
  for (const name of [...MISNAMED, ...SAMPLED]) registry.removeSingleMetric(name);
  new Gauge({
    name: "millrace_build_info",
    help: "1, with the versions that run",
    labelNames: ["version", "node"],
    registers: [registry],
  }).set({ version: options.version, node: process.versions.node }, 1);
  addOutputs(registry, options);
  addWorkflows(registry, options);
  addJobs(registry, options);
  addDatabase(registry, options);
  addEventLoop(registry, options);
  return countRuns(registry, options);
}

function countRuns(registry: Registry, { engine }: EngineMetricsOptions): () => void {
  const runs = new Counter({
    name: "millrace_runs_total",
    help: "Runs that came to a status since this process started",
    labelNames: ["status"],
    registers: [registry],
  });
  const started = engine.on("run:started", ({ status }) => runs.inc({ status }));
  const changed = engine.on("run:changed", ({ status }) => {
    if (status !== "active") runs.inc({ status });
  });
  return () => {
    started();
    changed();
  };
}

function addOutputs(registry: Registry, { stores }: EngineMetricsOptions): void {
  new Gauge({
    name: "millrace_outputs",
    help: "Outputs that are not known to be applied; of needs_reconcile and indeterminate it is not known whether they happened",
    labelNames: ["status"],
    registers: [registry],
    async collect() {
      const counts = await stores.mutations.countsByStatus(DEFAULT_PLATFORM_ID);
      for (const [status, count] of Object.entries(counts)) this.set({ status }, count);
    },
  });
  new Gauge({
    name: "millrace_open_notifications",
    help: "What needs a person",
    registers: [registry],
    async collect() {
      this.set(await stores.counts.openNotifications(DEFAULT_PLATFORM_ID));
    },
  });
}

function addWorkflows(registry: Registry, { stores }: EngineMetricsOptions): void {
  new Gauge({
    name: "millrace_pending_events",
    help: "Events that wait for a consumer",
    labelNames: ["workflow", "topic"],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { id, name } of (await stores.workflows.list()).slice(0, MOST_WORKFLOWS)) {
        const topics = (await stores.topics.list(id)).map((topic) => topic.name);
        const counts = await stores.events.countPendingByTopic(id, topics);
        for (const [topic, count] of counts) this.set({ workflow: name, topic }, count);
      }
    },
  });
  new Gauge({
    name: "millrace_workflows",
    help: "Workflows, by status and whether they need attention",
    labelNames: ["status", "needs_attention"],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { status, count, withError } of await stores.counts.workflows(DEFAULT_PLATFORM_ID)) {
        this.set({ status, needs_attention: "true" }, withError);
        this.set({ status, needs_attention: "false" }, count - withError);
      }
    },
  });
}

function addJobs(registry: Registry, { engine }: EngineMetricsOptions): void {
  const read = shared(() => engine.jobs.getMetrics());
  new Gauge({
    name: "millrace_jobs",
    help: "Jobs, by status",
    labelNames: ["status"],
    registers: [registry],
    async collect() {
      for (const [status, count] of Object.entries((await read()).jobs)) this.set({ status }, count);
    },
  });
  new Gauge({
    name: "millrace_job_executions",
    help: "Executions that are not over",
    labelNames: ["status"],
    registers: [registry],
    async collect() {
      for (const [status, count] of Object.entries((await read()).open)) this.set({ status }, count);
    },
  });
  new Gauge({
    name: "millrace_job_oldest_ready_seconds",
    help: "For how long the oldest ready execution has waited",
    registers: [registry],
    async collect() {
      this.set(((await read()).oldestReadyMs ?? 0) / 1_000);
    },
  });
}

function addDatabase(registry: Registry, { database }: EngineMetricsOptions): void {
  const read = shared(() => database.statistics());
  const sizes = [
    ["millrace_database_bytes", "The database without its log", "sizeBytes"],
    ["millrace_database_free_bytes", "What of the database is empty", "freeBytes"],
    ["millrace_database_log_bytes", "The database's write-ahead log", "logBytes"],
  ] as const;
  for (const [name, help, size] of sizes) {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set((await read())[size]);
      },
    });
  }
}

function addEventLoop(registry: Registry, { engine }: EngineMetricsOptions): void {
  // They are counted by the engine; a counter that is told the sum begins anew each time that it is asked for.
  new Counter({
    name: "millrace_event_loop_stalls_total",
    help: "How often the event loop stood still for longer than it may while handlers ran, since this process started",
    registers: [registry],
    collect() {
      this.reset();
      this.inc(engine.eventLoop.stalls);
    },
  });
  new Counter({
    name: "millrace_event_loop_blocked_seconds_total",
    help: "For how long it stood still then",
    registers: [registry],
    collect() {
      this.reset();
      this.inc(engine.eventLoop.blockedMs / 1_000);
    },
  });
}

/** Metrics are collected at the same time: those that come from one query share it. */
function shared<T>(read: () => Promise<T>): () => Promise<T> {
  let pending: Promise<T> | null = null;
  return () => {
    pending ??= read().finally(() => {
      pending = null;
    });
    return pending;
  };
}
