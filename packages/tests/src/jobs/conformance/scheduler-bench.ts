/** What the conformance suite of schedulers works with: a bench that the implementation gives, and handlers of its own. */
import {
  defineJobHandler,
  type Job,
  type JobContext,
  type JobExecution,
  type JobHandler,
  type Page,
  type Scheduler,
} from "@millrace/agent";
import { expect } from "vitest";
import { z } from "zod";
import { createDoor, type Door } from "../../support/door.ts";

/** A scheduler under test, on a clock that stands still: 2026-01-01T00:00:00Z when it is opened. */
export interface SchedulerBench {
  scheduler: Scheduler;
  /** The scheduler of another platform, on the same database. */
  otherTenant: Scheduler;
  now(): number;
  /** Moves the time by a duration such as "90s", and does what is due on the way. */
  advance(duration: string): Promise<void>;
  /** Resolves when nothing runs and nothing is ready. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a scheduler that has these handlers, but no workflows and no agent runner. */
export type OpenBench = (handlers: readonly JobHandler[]) => Promise<SchedulerBench>;

export interface Call {
  payload: unknown;
  context: JobContext;
}

export interface SchedulerWorld extends SchedulerBench {
  /** What "note" was called with. */
  notes: Call[];
  /** Where "slow" waits until the test lets it through, or its signal aborts. */
  door: Door;
  /** Whether "fragile" fails, which it does at first, and what it throws. */
  trouble: { on: boolean; thrown: unknown };
}

export type SchedulerBehaviours = Record<string, (world: SchedulerWorld) => Promise<void>>;

export async function openWorld(open: OpenBench): Promise<SchedulerWorld> {
  const notes: Call[] = [];
  const door = createDoor();
  const trouble: SchedulerWorld["trouble"] = { on: true, thrown: new Error("the glass broke") };
  const bench = await open([
    {
      name: "note",
      handler(payload, context) {
        notes.push({ payload, context });
        context.log.info("noted", { payload: payload ?? null });
        context.log.warn("that is all");
        return { noted: payload ?? null };
      },
    },
    {
      name: "fragile",
      handler(payload) {
        if (trouble.on) throw trouble.thrown;
        return payload;
      },
    },
    { name: "slow", handler: (_payload, { signal }) => Promise.race([door.pass(), aborted(signal)]) },
    defineJobHandler({
      name: "typed",
      payload: z.object({ to: z.email(), copies: z.int().min(1).default(1) }),
      handler: ({ to, copies }) => `${copies} to ${to}`,
    }),
  ]);
  return { ...bench, notes, door, trouble };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }),
  );
}

export const START = Date.parse("2026-01-01T00:00:00Z");
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const EVERY_DAY = { type: "cron", name: "daily", cron: "0 9 * * *", handler: "note" } as const;
export const EVERY_HOUR = { name: "hourly", interval: "1h", handler: "note" } as const;
export const ONCE = { name: "once", handler: "note" } as const;

/** Texts that are no id of anything. */
export const HOSTILE_IDS = [
  "",
  " ",
  "nope",
  "' or '1'='1",
  "%",
  "\0",
  "\ud800",
  "__proto__",
  "00000000-0000-7000-8000-000000000000",
  "x".repeat(20_000),
];

/** A class of errors; abstract ones too. */
export type ErrorClass = abstract new (...given: never[]) => Error;

/** The error with which a call is refused: one that has a name of its own, is of the class, and says what and where. */
export async function refusal(call: () => unknown, expected: ErrorClass, ...pieces: string[]): Promise<Error> {
  let caught: unknown = null;
  try {
    await call();
  } catch (error) {
    caught = error;
  }
  if (!(caught instanceof expected)) expect.fail(`${expected.name} was expected, not ${String(caught)}`);
  expect(caught.name).not.toBe("Error");
  for (const piece of pieces) expect(caught.message).toContain(piece);
  // A hostile input of any length gives a message that can be read.
  expect(caught.message.length).toBeLessThan(5_000);
  return caught;
}

/** The same, where nothing that can be seen has changed. */
export async function refusalWithoutTrace(
  world: SchedulerWorld,
  call: () => unknown,
  expected: ErrorClass,
  ...pieces: string[]
): Promise<Error> {
  const before = await allThatIsStored(world);
  const error = await refusal(call, expected, ...pieces);
  expect(await allThatIsStored(world)).toEqual(before);
  return error;
}

async function allThatIsStored({ scheduler, otherTenant }: SchedulerWorld): Promise<unknown> {
  const stored: unknown[] = [];
  for (const tenant of [scheduler, otherTenant]) {
    const jobs = await collect((cursor) => tenant.listJobs({ cursor }));
    const histories = jobs.map(({ id }) => collect((cursor) => tenant.getJobHistory(id, { cursor })));
    const versions = jobs.map(({ id }) => tenant.listVersions(id));
    stored.push(jobs, await Promise.all(histories), await Promise.all(versions), await tenant.listEventHandlers());
  }
  return stored;
}

/** Every item of a list that is given in pages. */
export async function collect<Item>(page: (cursor: string | undefined) => Promise<Page<Item>>): Promise<Item[]> {
  const all: Item[] = [];
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = await page(cursor);
    all.push(...items);
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}

/** A job's executions, oldest first. */
export async function historyOf({ scheduler }: SchedulerBench, { id }: Pick<Job, "id">): Promise<JobExecution[]> {
  return (await collect((cursor) => scheduler.getJobHistory(id, { cursor }))).toReversed();
}

/** The only execution of a job. */
export async function onlyExecution(world: SchedulerBench, job: Pick<Job, "id">): Promise<JobExecution> {
  const history = await historyOf(world, job);
  const [execution] = history;
  if (!execution || history.length > 1) return expect.fail(`The job has ${history.length} executions.`);
  return execution;
}

/** A job that ran once and failed for good. */
export async function failOnce(world: SchedulerWorld, name = "failed"): Promise<{ job: Job; execution: JobExecution }> {
  world.trouble.on = true;
  const job = await world.scheduler.scheduleOnce({ name, handler: "fragile", maxRetries: 0, payload: { name } });
  await world.idle();
  return { job: await world.scheduler.getJob(job.id), execution: await onlyExecution(world, job) };
}
