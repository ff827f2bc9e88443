/** The HTTP API: events published and acknowledged as durable, and lists over a long history. synchronous = FULL. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import autocannon from "autocannon";
import { openDatabase } from "@millrace/db";
import { z } from "zod";
import { writeHistory, type History } from "./api-rows.ts";
import { withTemporaryFile } from "./temporary-database.ts";

export interface PublishResult {
  connections: number;
  seconds: number;
  /** Events that were acknowledged as durable. */
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
}

export interface ListResult {
  list: string;
  requests: number;
  items: number;
  p50Ms: number;
  p95Ms: number;
}

const TOKEN = "a-token-of-the-benchmark-that-is-long-enough";
const HEADERS = { authorization: `Bearer ${TOKEN}` };

/** So long a request may take before it counts as failed, in seconds. */
const TIMEOUT_SECONDS = 10;

/** Publishes events of about 1 KB, each with an identity of its own. @throws when any was refused */
export async function measurePublishing(connections: number, seconds: number): Promise<PublishResult> {
  return withTemporaryFile(async (location) =>
    withHost(location, async (url) => {
      const options = {
        url: `${url}/api/topics/orders/ordered`,
        method: "POST" as const,
        headers: { ...HEADERS, "content-type": "application/json", "idempotency-key": "order-[<id>]" },
        body: JSON.stringify({ order: "order", note: "x".repeat(1_000) }),
        idReplacement: true,
        connections,
        timeout: TIMEOUT_SECONDS,
      };
      await autocannon({ ...options, duration: 1 });
      const result = await autocannon({ ...options, duration: seconds });
      if (result.non2xx + result.errors + result.timeouts > 0) throw new Error(`refused: ${JSON.stringify(result)}`);
      return {
        connections,
        seconds,
        requestsPerSecond: Math.round(result["2xx"] / result.duration),
        p50Ms: result.latency.p50,
        p99Ms: result.latency.p99,
      };
    }),
  );
}

/** Asks for every list of the dashboard, one request after another. */
export async function measureLists(runs: number, requests: number): Promise<ListResult[]> {
  return withTemporaryFile(async (location) => {
    const database = await openDatabase(location);
    const history = await writeHistory(database, runs, Date.now());
    await database.close();
    return measureListsOf(location, history, requests);
  });
}

/** The same of a database that has its history. */
export function measureListsOf(location: string, history: History, requests: number): Promise<ListResult[]> {
  return withHost(location, async (url) => {
    const results = [];
    for (const [list, path] of await addressesOf(url, history)) {
      results.push(await measureList(list, `${url}${path}`, requests));
    }
    return results;
  });
}

async function measureList(list: string, address: string, requests: number): Promise<ListResult> {
  let items = 0;
  const durations: number[] = [];
  // The first requests warm up and do not count.
  for (let request = -10; request < requests; request += 1) {
    const startedAt = performance.now();
    const answer = await ask(address);
    if (request >= 0) durations.push(performance.now() - startedAt);
    items = answer.items?.length ?? 1;
  }
  return { list, requests, items, p50Ms: percentile(durations, 0.5), p95Ms: percentile(durations, 0.95) };
}

const answerSchema = z.looseObject({
  items: z.array(z.looseObject({ id: z.string().optional() })).optional(),
  nextCursor: z.string().nullish(),
});

async function ask(address: string) {
  const response = await fetch(address, { headers: HEADERS });
  if (!response.ok) throw new Error(`${address} answered ${response.status}: ${await response.text()}`);
  return answerSchema.parse(await response.json());
}

/** What the dashboard's views ask for. */
async function addressesOf(url: string, { workflow, from, until }: History): Promise<[string, string][]> {
  const middle = Math.round((from + until) / 2);
  const { items: [output] = [] } = await ask(`${url}/api/outputs?limit=1`);
  return [
    ["runs", "/api/runs"],
    ["runs, a page from the middle", `/api/runs?until=${middle}`],
    ["runs of a workflow", `/api/runs?workflow=${workflow}`],
    ["runs that are committed", "/api/runs?status=committed"],
    ["runs that failed", "/api/runs?status=failed:logic"],
    ["runs that failed, of a workflow", `/api/runs?status=failed:logic&workflow=${workflow}`],
    ["runs with a text", "/api/runs?text=ship"],
    ["inputs", "/api/inputs"],
    ["inputs of a source", "/api/inputs?source=shop"],
    ["inputs with a text", "/api/inputs?text=customer%207"],
    ["inputs with a text that none has", "/api/inputs?text=nobody"],
    ["outputs", "/api/outputs"],
    ["outputs of a connector", "/api/outputs?connector=sheets"],
    ["outputs of unknown outcome", "/api/outputs?status=needs_reconcile,indeterminate"],
    ["an output", `/api/outputs/${output?.id ?? ""}`],
    ["events", "/api/events"],
    ["events of a topic", `/api/events?workflow=${workflow}&topic=ordered`],
    ["workflows", "/api/workflows"],
    ["a workflow", `/api/workflows/${workflow}`],
    ["needs attention", "/api/attention"],
    ["how much needs attention", "/api/attention/count"],
    ["overview", "/api/overview"],
    ["audit", "/api/audit"],
    ["jobs", "/api/jobs"],
  ];
}

async function withHost<T>(location: string, work: (url: string) => Promise<T>): Promise<T> {
  const program = new URL("api-process.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [...process.execArgv, program, location, TOKEN], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  try {
    const lines = createInterface({ input: child.stdout });
    const { value } = await lines[Symbol.asyncIterator]().next();
    const { url } = z.object({ url: z.string() }).parse(JSON.parse(String(value)));
    return await work(url);
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Number((sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN).toFixed(1));
}
