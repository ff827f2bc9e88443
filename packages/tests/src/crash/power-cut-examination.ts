/**
 * Starts an engine on what a power cut has left, in the world as it was at the cut, and says what is wrong: at once, and
 * when all is worked off.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Engine } from "@millrace/agent";
import { attachTestEngine, FakeClock, openTestDatabase, type TestDatabase } from "@millrace/agent/testing";
import { DatabaseError, RUN_PHASES, type SqliteDatabase } from "@millrace/db";
import { z } from "zod";
import type { DiskContent } from "./power-cut-disk-model.ts";
import { jobHandlers, LATEST_FILE, LINES_FILE, ordersWorkflow, START, type Observation } from "./power-cut-world.ts";

/** What was found to be wrong, in words; all must be empty. */
export interface Findings {
  /** The database can't be opened, or is not whole. */
  corrupt: string[];
  /** What was acknowledged, or had happened, is not there or not known; what was to happen never did. */
  lost: string[];
  duplicated: string[];
  /** No fault: how often a person had to say whether something had happened. */
  asked: number;
}

/** An hour later somebody has put the plug in again. */
const LATER_MS = 3_600_000;
/** Until then what is uncertain has been asked about often enough. */
const RECOVERY = "10m";
const FILES = "files";
const lineParams = z.object({ line: z.string() });
const contentParams = z.object({ content: z.string() });

/** The world as it was at the cut, and what happens in it from then on. */
class World {
  readonly effects = new Map<string, string[]>();

  constructor(observed: readonly Observation[]) {
    for (const entry of observed) if (entry.is === "effect") this.act(entry.key, entry.item);
  }

  act(key: string, item: string): void {
    this.effects.set(key, [...(this.effects.get(key) ?? []), item]);
  }

  happened(key: string): boolean {
    return this.effects.has(key);
  }

  /** How often each item's effect has happened, whatever its key. */
  countByItem(): Map<string, number> {
    return countEach([...this.effects.values()].flat());
  }
}

export interface Examination {
  content: DiskContent;
  /** All that was observed before the cut. */
  observed: readonly Observation[];
  /** What the file of lines was known by when it was recorded. */
  linesFileIdentity: string;
}

export async function examine(examination: Examination): Promise<Findings> {
  const findings: Findings = { corrupt: [], lost: [], duplicated: [], asked: 0 };
  // Where syncing costs nothing, if there is such a place: what is examined is not this disk.
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "millrace-after-cut-"));
  try {
    restore(folder, examination);
    await examineIn(folder, examination.observed, findings);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    findings.corrupt.push(`${error.name}: ${error.message}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return findings;
}

function restore(folder: string, { content, linesFileIdentity }: Examination): void {
  for (const [path, bytes] of content) {
    const target = join(folder, path);
    mkdirSync(bytes ? dirname(target) : target, { recursive: true });
    if (bytes) writeFileSync(target, bytes);
  }
  // The journal knows its file by a number that this copy of the disk does not have.
  const [lines, journal] = [LINES_FILE, `.millrace-${LINES_FILE}.keys`].map((name) => join(folder, FILES, name));
  if (!lines || !journal || !existsSync(lines) || !existsSync(journal)) return;
  const { dev, ino } = statSync(lines, { bigint: true });
  const text = readFileSync(journal, "latin1").replaceAll(linesFileIdentity, `${dev}:${ino}`);
  writeFileSync(journal, text, "latin1");
}

async function examineIn(folder: string, observed: readonly Observation[], findings: Findings): Promise<void> {
  const clock = new FakeClock(START + LATER_MS);
  const opened = await openTestDatabase(clock, { location: `sqlite:${join(folder, "test.sqlite")}` });
  try {
    const damage = await opened.database.check();
    findings.corrupt.push(...damage.map(({ message }) => message));
    if (damage.length > 0) return;
    checkObserved(await readRows(opened.database), observed, findings);
    const world = new World(observed);
    findings.asked = await workOff(opened, clock, world, join(folder, FILES));
    const rows = await readRows(opened.database);
    checkEnd(rows, world, findings);
    checkFiles(join(folder, FILES), rows, findings);
    findings.corrupt.push(...(await opened.database.check()).map(({ message }) => `afterwards: ${message}`));
  } finally {
    await opened.database.close();
  }
}

/** All that the checks look at. */
type Rows = Awaited<ReturnType<typeof readRows>>;

function readRows(database: SqliteDatabase) {
  return database.read(async (executor) => ({
    runs: await executor.selectFrom("handler_runs").select(["id", "phase", "status"]).execute(),
    events: await executor
      .selectFrom("events")
      .innerJoin("topics", "topics.id", "events.topic_id")
      .select(["events.id", "topics.name as topic", "events.message_id", "events.status"])
      .execute(),
    mutations: await executor
      .selectFrom("mutations")
      .select(["id", "idempotency_key", "connector", "operation", "params", "status", "resolution"])
      .orderBy("id")
      .execute(),
    jobs: await executor.selectFrom("scheduled_jobs").select(["id", "name", "delivery"]).execute(),
    executions: await executor
      .selectFrom("job_executions")
      .select(["id", "job_id", "idempotency_key", "status", "error_type"])
      .execute(),
  }));
}

/** What was acknowledged is there, and what has happened is known. */
function checkObserved(rows: Rows, observed: readonly Observation[], { lost }: Findings): void {
  const [runs, mutations, executions] = [byId(rows.runs), byId(rows.mutations), byId(rows.executions)];
  const [events, jobs] = [byId(rows.events), byId(rows.jobs)];
  const sent = new Set([
    ...rows.mutations.filter(({ status }) => status !== "pending").map((row) => row.idempotency_key),
    ...rows.executions.filter(({ status }) => status !== "pending").map((row) => row.idempotency_key),
  ]);
  const phaseOf = (phase: string | undefined) => RUN_PHASES.findIndex((known) => known === phase);
  const isThere = (entry: Observation): boolean => {
    switch (entry.is) {
      case "effect":
        return sent.has(entry.key);
      case "event":
        return events.has(entry.id);
      case "job":
        return jobs.has(entry.id);
      case "run": {
        const run = runs.get(entry.id);
        const isFinal = entry.status !== "active" && !entry.status.startsWith("paused:");
        return phaseOf(run?.phase) >= phaseOf(entry.phase) && (!isFinal || run?.status === entry.status);
      }
      case "mutation": {
        const status = mutations.get(entry.id)?.status;
        const isFinal = entry.status === "applied" || entry.status === "failed";
        return status !== undefined && (isFinal ? status === entry.status : status !== "pending");
      }
      case "resolved":
        return mutations.get(entry.id)?.resolution !== null;
      case "execution": {
        const status = executions.get(entry.id)?.status;
        return status !== undefined && (entry.status === "pending" || entry.status === status || status !== "pending");
      }
    }
  };
  lost.push(
    ...observed.filter((entry) => !isThere(entry)).map((entry) => `observed, and not there: ${JSON.stringify(entry)}`),
  );
}

function byId<Row extends { id: string }>(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.id, row]));
}

/** An engine recovers, and a person looks after what it can't find out. Gives how often. */
async function workOff(opened: TestDatabase, clock: FakeClock, world: World, root: string): Promise<number> {
  const { engine, advance } = attachTestEngine(opened, clock, {
    workflows: [ordersWorkflow(world, root)],
    jobHandlers: jobHandlers(world),
  });
  await engine.start();
  await advance(RECOVERY);
  const asked = await resolveOpen(engine, world, root);
  await advance(RECOVERY);
  await engine.stop();
  return asked;
}

async function resolveOpen(engine: Engine, world: World, root: string): Promise<number> {
  const open = await engine.outputs({ unresolved: true, statuses: ["indeterminate"] });
  for (const { id, idempotencyKey, operation, params } of open) {
    const happened =
      operation === "appendLine"
        ? linesIn(root).includes(lineParams.parse(params).line)
        : world.happened(idempotencyKey);
    await engine.resolveMutation(id, { verdict: happened ? "happened" : "did_not_happen", by: "a person" });
  }
  return open.length;
}

/** All has been worked off, once, and the ledger agrees with the world. */
function checkEnd({ runs, events, mutations, jobs, executions }: Rows, world: World, findings: Findings): void {
  const { lost, duplicated } = findings;
  const counts = world.countByItem();
  for (const { id, status } of runs) if (status === "active") lost.push(`run ${id} is still active`);
  for (const { topic, message_id: item, status } of events) {
    if (status !== "consumed") lost.push(`the event ${item} of ${topic} is ${status}`);
    const count = counts.get(item) ?? 0;
    if (topic === "ordered" && count > 1) duplicated.push(`${item} has happened ${count} times`);
    if (topic === "ordered" && count === 0) lost.push(`${item} has never happened`);
  }
  const ofWorld = mutations.filter(({ connector }) => connector === "world");
  // What was refused is sent again under the same key.
  const applied = ofWorld.filter(({ status, resolution }) => status === "applied" || resolution === "happened");
  const appliedKeys = new Set(applied.map((row) => row.idempotency_key));
  for (const { idempotency_key: key, status } of ofWorld) {
    if (appliedKeys.has(key) !== world.happened(key))
      lost.push(`the ledger calls ${key} ${status}, the world does not`);
  }
  const byJob = byId(jobs);
  for (const { job_id: job, idempotency_key: key, status, error_type: error } of executions) {
    const { name, delivery } = byJob.get(job) ?? { name: "a job that is not there", delivery: null };
    const count = world.effects.get(key)?.length ?? 0;
    if (delivery === "at_most_once" && count > 1) duplicated.push(`${name} (${key}) has happened ${count} times`);
    if (status === "success" && count === 0) lost.push(`${name} (${key}) succeeded, and nothing has happened`);
    const isLost = status === "failed" && error === "WorkerLost" && delivery === "at_most_once";
    if (status !== "success" && !isLost) lost.push(`${name} (${key}) is ${status}`);
  }
}

/** What the ledger calls applied is in the files: each line once, and the content that was written last. */
function checkFiles(folder: string, { mutations }: Rows, { lost, duplicated }: Findings): void {
  const ofFiles = mutations.filter(({ connector }) => connector === "files");
  const applied = ofFiles.filter(({ status, resolution }) => status === "applied" || resolution === "happened");
  const counts = countEach(linesIn(folder));
  for (const { params } of applied.filter(({ operation }) => operation === "appendLine")) {
    const { line } = lineParams.parse(JSON.parse(params));
    const count = counts.get(line) ?? 0;
    counts.delete(line);
    if (count === 0) lost.push(`the line ${line} is not in the file`);
    if (count > 1) duplicated.push(`the line ${line} is in the file ${count} times`);
  }
  // Where the disk left something that nobody has written, the connector says that it can't tell, and leaves it there.
  const unclear = ofFiles.filter(({ resolution }) => resolution === "did_not_happen").length;
  const strange = [...counts.keys()];
  if (strange.length > unclear) duplicated.push(`lines that the ledger does not have: ${strange.join(", ")}`);
  const last = applied.findLast(({ operation }) => operation === "write");
  if (!last) return;
  const { content } = contentParams.parse(JSON.parse(last.params));
  if (read(join(folder, LATEST_FILE)) !== content) lost.push(`${LATEST_FILE} does not have what was written last`);
}

function linesIn(folder: string): string[] {
  return read(join(folder, LINES_FILE)).split("\n").slice(0, -1);
}

function countEach(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
