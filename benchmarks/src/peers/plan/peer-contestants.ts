/** The peers, each at the best setting of its documentation that keeps what it promises. specs/done/benchmarks.md says why. */
import { programOfPeer, unitsOf, type Contestant, type Sizes } from "./contestant-entry.ts";

const POSTGRES = "fsync and synchronous_commit on";

/** Contestants by peer and what they do. */
export function peerContestants(sizes: Sizes) {
  const units = (full: number) => unitsOf(sizes, full);
  return {
    ceiling: {
      name: "ceiling",
      peer: "ceiling: better-sqlite3, five bare transactions a run",
      packages: ["better-sqlite3"],
      settings: "synchronous = FULL, WAL; 64 lanes, group commit, a savepoint for each transition, tiny rows",
      program: programOfPeer("ceiling.ts"),
      options: { units: units(30_000), lanes: 64 },
    },
    ...workflowPeers(units),
    ...redisPeers(units),
    ...postgresPeers(units),
    ...plainjobPeers(units),
  } satisfies Record<string, Contestant>;
}

function workflowPeers(units: (full: number) => number) {
  const restate = (name: string, settings: string, options: Contestant["options"]): Contestant => ({
    name,
    peer: "Restate",
    packages: ["@restatedev/restate-server", "@restatedev/restate-sdk"],
    server: "restate",
    settings: `log synced (default); ${settings}`,
    program: programOfPeer("restate.ts"),
    options,
  });
  const openWorkflow = (name: string, settings: string, options: Contestant["options"]): Contestant => ({
    name,
    peer: "OpenWorkflow on SQLite",
    packages: ["openworkflow"],
    settings: `synchronous = FULL (default); ${settings}`,
    program: programOfPeer("openworkflow.ts"),
    options,
  });
  const dbos = (name: string, settings: string, options: Contestant["options"]): Contestant => ({
    name,
    peer: "DBOS Transact",
    packages: ["@dbos-inc/dbos-sdk"],
    server: "postgres",
    settings: `${POSTGRES}; ${settings}`,
    program: programOfPeer("dbos.ts"),
    options,
  });
  const restateRuns = "3 durable steps; from the request to its answer";
  const openRuns = "3 durable steps; created before; from the worker's start to the last completion";
  const dbosRuns = "3 durable steps; from the first start to the last result";
  return {
    restate64: restate("restate-64", `64 requests at once; ${restateRuns}`, {
      measure: "runs",
      units: units(3_000),
      concurrency: 64,
    }),
    restate200: restate("restate-200", `200 requests at once; ${restateRuns}`, {
      measure: "runs",
      units: units(3_000),
      concurrency: 200,
    }),
    restateLatency: restate("restate-latency", "idle; from the request to the outside call (the second step)", {
      measure: "latency",
      units: units(500),
      concurrency: 1,
    }),
    openWorkflow100: openWorkflow("openworkflow-100", `concurrency 100; ${openRuns}`, {
      measure: "runs",
      units: units(1_500),
      concurrency: 100,
    }),
    openWorkflow1: openWorkflow("openworkflow-1", `concurrency 1; ${openRuns}`, {
      measure: "runs",
      units: units(500),
      concurrency: 1,
    }),
    openWorkflowLatency: openWorkflow("openworkflow-latency", "idle; from run to the outside call; it polls", {
      measure: "latency",
      units: units(30),
      concurrency: 1,
    }),
    dbosDirect: dbos("dbos-direct", `64 callers; ${dbosRuns}`, {
      measure: "direct",
      units: units(1_500),
      concurrency: 64,
    }),
    dbosQueue: dbos("dbos-queue", `queue polled each 20 ms, 64 at once; ${dbosRuns}`, {
      measure: "queue",
      units: units(1_500),
      concurrency: 64,
    }),
    dbosLatency: dbos("dbos-latency", "idle; from the start to the outside call (the second step)", {
      measure: "latency",
      units: units(300),
      concurrency: 1,
    }),
  };
}

function redisPeers(units: (full: number) => number) {
  const bullmq = (
    what: string,
    appendfsync: "everysec" | "always",
    settings: string,
    options: Contestant["options"],
  ): Contestant => ({
    name: `bullmq-${what}-${appendfsync}`,
    peer: "BullMQ",
    packages: ["bullmq"],
    server: `redis-${appendfsync}`,
    settings: `AOF synced ${appendfsync === "always" ? "at each write" : "each second"}; ${settings}`,
    program: programOfPeer("bullmq.ts"),
    options: { concurrency: 100, ...options },
  });
  const jobs = "concurrency 100; history kept; to the last completed event";
  const adding = "100 callers; each acknowledged by Redis";
  return {
    bullmqJobsEverysec: bullmq("jobs", "everysec", jobs, { measure: "jobs", units: units(20_000) }),
    bullmqJobsAlways: bullmq("jobs", "always", jobs, { measure: "jobs", units: units(20_000) }),
    bullmqAddingEverysec: bullmq("adding", "everysec", adding, { measure: "adding", units: units(20_000) }),
    bullmqAddingAlways: bullmq("adding", "always", adding, { measure: "adding", units: units(20_000) }),
    bullmqLatency: bullmq("latency", "always", "idle; from add to the call of the processor", {
      measure: "latency",
      units: units(500),
    }),
  };
}

function postgresPeers(units: (full: number) => number) {
  const onPostgres =
    (prefix: string, peer: "graphile-worker" | "pg-boss") =>
    (name: string, settings: string, options: Contestant["options"]): Contestant => ({
      name: `${prefix}-${name}`,
      peer,
      packages: [peer],
      server: "postgres",
      settings: `${POSTGRES}; ${settings}`,
      program: programOfPeer(`${peer}.ts`),
      options,
    });
  const graphile = onPostgres("graphile", "graphile-worker");
  const pgBoss = onPostgres("pg-boss", "pg-boss");
  const gone = "no history; until the last row is deleted";
  return {
    graphilePlain: graphile("jobs-plain", `24 at once; ${gone}`, { measure: "jobs", units: units(10_000) }),
    graphileLocal: graphile("jobs-local-queue", `24 at once, local queue of 500, completions in batches; ${gone}`, {
      measure: "jobs",
      units: units(40_000),
      localQueue: 500,
    }),
    graphileAdding: graphile("adding", "100 callers over 20 connections; addJob acknowledged", {
      measure: "adding",
      units: units(5_000),
      callers: 100,
    }),
    graphileLatency: graphile("latency", "idle; from addJob to the call of the task", {
      measure: "latency",
      units: units(500),
    }),
    pgBossJobs: pgBoss("jobs", "4 fetchers, batches of 500; history kept; to the last complete acknowledged", {
      measure: "jobs",
      units: units(40_000),
      batchSize: 500,
      fetchers: 4,
    }),
    pgBossAdding: pgBoss("adding", "100 callers over 20 connections; send acknowledged", {
      measure: "adding",
      units: units(5_000),
      callers: 100,
    }),
    pgBossLatency: pgBoss("latency", "idle; woken by NOTIFY; from send to the call of the handler", {
      measure: "latency",
      units: units(300),
    }),
  };
}

function plainjobPeers(units: (full: number) => number) {
  const plainjob = (
    what: "jobs" | "adding",
    synchronous: "NORMAL" | "FULL",
    settings: string,
    full: number,
  ): Contestant => ({
    name: `plainjob-${what}-${synchronous.toLowerCase()}`,
    peer: "plainjob",
    packages: ["plainjob"],
    settings: `synchronous = ${synchronous}${synchronous === "NORMAL" ? " (default)" : ""}; ${settings}`,
    program: programOfPeer("plainjob.ts"),
    options: { measure: what, synchronous, units: units(full) },
  });
  const jobs = "1 worker; history kept; to the last onCompleted";
  return {
    plainjobNormal: plainjob("jobs", "NORMAL", jobs, 20_000),
    plainjobFull: plainjob("jobs", "FULL", jobs, 5_000),
    plainjobAddingNormal: plainjob("adding", "NORMAL", "1 caller, synchronously", 20_000),
    plainjobAddingFull: plainjob("adding", "FULL", "1 caller, synchronously", 10_000),
  };
}
