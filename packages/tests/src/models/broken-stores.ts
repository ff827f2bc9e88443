/** Stores that are broken on purpose, each as a careless change might break it: every one must be caught. */
import {
  NotFoundError,
  ReservationConflictError,
  TransitionConflictError,
  type Event,
  type EventId,
  type RunId,
  type Stores,
} from "@millrace/db";
import type { BreakStores } from "./ground.ts";
import type { MODELS } from "./models.ts";

export interface BrokenStore {
  what: string;
  model: keyof typeof MODELS;
  breakStores: BreakStores;
}

/** Puts another method in the place of one; it is given the one that it replaces. */
function replace<Store extends object, Name extends keyof Store>(
  store: Store,
  name: Name,
  build: (original: Store[Name]) => Store[Name],
): void {
  const original = store[name];
  // A method keeps its store.
  const bound = typeof original === "function" ? (original.bind(store) as Store[Name]) : original;
  store[name] = build(bound);
}

const broken = (model: BrokenStore["model"], what: string, breakStores: BreakStores): BrokenStore => ({
  what,
  model,
  breakStores,
});

const EVENTS = [
  broken("events", "reserve takes what is free and is silent about the rest", ({ events }) =>
    replace(events, "reserve", (reserve) => async (ids, ...rest) => {
      const asked = "length" in ids ? ids.map((id) => [id] as const) : [...ids.keys()].map((id) => [id] as const);
      const taken: Event[] = [];
      for (const one of asked) {
        try {
          taken.push(...(await reserve(one, ...rest)));
        } catch (error) {
          if (!(error instanceof ReservationConflictError)) throw error;
        }
      }
      return taken;
    }),
  ),
  broken("events", "reserve takes an event that was replaced since it was seen", ({ events }) =>
    replace(
      events,
      "reserve",
      (reserve) =>
        (ids, ...rest) =>
          reserve("length" in ids ? ids : [...ids.keys()], ...rest),
    ),
  ),
  broken("events", "release forgets one event", ({ events }) =>
    replace(events, "release", (release) => async (runId, now, tx) => {
      const held = (await events.listByRun(runId, tx)).filter(({ status }) => status === "reserved");
      const released = await release(runId, now, tx);
      const [first] = held;
      if (first) await takeBack(events, first.id, runId, now, tx);
      return released;
    }),
  ),
  broken("events", "consume consumes again what is consumed", ({ events }) =>
    replace(events, "consume", (consume) => async (runId, now, tx) => {
      await events.hold(runId, now, tx);
      return consume(runId, now, tx);
    }),
  ),
  broken("events", "transfer leaves everything where it is", ({ events }) =>
    replace(events, "transfer", () => () => Promise.resolve(0)),
  ),
  broken("events", "the counts leave out topics without pending events", ({ events }) =>
    replace(events, "countPendingByTopic", (count) => async (...asked) => {
      return new Map([...(await count(...asked))].filter(([, pending]) => pending > 0));
    }),
  ),
  broken("events", "peek gives the newest first", ({ events }) =>
    replace(
      events,
      "peek",
      (peek) =>
        async (...asked) =>
          (await peek(...asked)).toReversed(),
    ),
  ),
  broken("events", "skipping an input skips its events although another input is active", ({ events }) =>
    replace(events, "skipPendingOfInput", () => async (inputId, _now, tx) => {
      const pending = (await events.listByInput(inputId, tx)).filter(({ status }) => status === "pending");
      return events.delete(
        pending.map(({ id }) => id),
        tx,
      );
    }),
  ),
  broken("events", "registering an input again changes its title", ({ inputs }) =>
    replace(inputs, "getOrCreate", (getOrCreate) => async (input, now, tx) => {
      const registered = await getOrCreate(input, now, tx);
      return { ...registered, input: { ...registered.input, title: input.title } };
    }),
  ),
];

async function takeBack(
  events: Stores["events"],
  id: EventId,
  runId: RunId,
  now: number,
  tx: Parameters<Stores["events"]["release"]>[2],
): Promise<void> {
  try {
    await events.reserve([id], runId, 1, now, tx);
  } catch (error) {
    // Skipped instead of released.
    if (!(error instanceof ReservationConflictError)) throw error;
  }
}

const RUNS_AND_MUTATIONS = [
  broken("runs", "a run is moved from wherever it is", ({ handlerRuns }) =>
    replace(handlerRuns, "transition", (transition) => async (run, expected, patch, tx) => {
      try {
        await transition(run, expected, patch, tx);
      } catch (error) {
        if (!(error instanceof TransitionConflictError)) throw error;
        await transition(run, await handlerRuns.get(run.id, tx), patch, tx);
      }
    }),
  ),
  broken("runs", "log lines are numbered from one again", ({ handlerRuns }) =>
    replace(
      handlerRuns,
      "listLogs",
      (list) =>
        async (...asked) =>
          (await list(...asked)).slice(-1),
    ),
  ),
  broken("mutations", "a mutation is moved from wherever it is", ({ mutations }) =>
    replace(mutations, "transition", (transition) => async (id, from, patch, now, tx) => {
      try {
        await transition(id, from, patch, now, tx);
      } catch (error) {
        if (!(error instanceof TransitionConflictError)) throw error;
        await mutations.annotate(id, patch, now, tx);
      }
    }),
  ),
  broken("mutations", "a run's mutation is said to be new each time", ({ mutations }) =>
    replace(mutations, "create", (create) => async (...given) => ({ ...(await create(...given)), created: true })),
  ),
  broken("mutations", "what is settled is listed as unresolved", ({ mutations }) =>
    replace(mutations, "list", (list) => (filter, tx) => {
      const { unresolved = false, ...rest } = filter ?? {};
      return list({ ...rest, ...(unresolved && { statuses: ["indeterminate"] }) }, tx);
    }),
  ),
];

const MEMORY_AND_WORKFLOWS = [
  broken("memory", "a wake time is lost when the state is saved", ({ handlerStates }) =>
    replace(handlerStates, "saveState", (save) => async (key, state, runId, now, tx) => {
      await handlerStates.delete(key, tx);
      await save(key, state, runId, now, tx);
    }),
  ),
  broken("memory", "what is due this very moment is not due", ({ producerSchedules }) =>
    replace(producerSchedules, "getDue", (getDue) => (now, tx) => getDue(now - 1, tx)),
  ),
  broken("workflows", "the version of a configuration stays", ({ workflows }) =>
    replace(
      workflows,
      "saveConfig",
      (save) =>
        async (...given) =>
          (await save(...given)) - 1,
    ),
  ),
  broken("workflows", "an update of nothing is silent", ({ workflows }) =>
    replace(workflows, "update", (update) => async (...given) => {
      try {
        await update(...given);
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
      }
    }),
  ),
  broken("notifications", "notifications of every kind are resolved", ({ notifications }) =>
    replace(
      notifications,
      "resolveMatching",
      (resolve) =>
        ({ kinds: _kinds, ...selector }, ...rest) =>
          resolve(selector, ...rest),
    ),
  ),
];

const JOBS = [
  broken("jobs", "a tick is taken by whoever comes", ({ jobs }) =>
    replace(jobs, "advance", (advance) => async (seen, patch, now, tx) => {
      const { nextRun } = await jobs.get(seen.id, tx);
      await advance({ ...seen, nextRun: nextRun ?? seen.nextRun }, patch, now, tx);
    }),
  ),
  broken("jobs", "a job that was edited meanwhile is ended", ({ jobs }) =>
    replace(jobs, "recordOutcome", (record) => async (id, outcome, now, tx) => {
      const version = (await jobs.find(id, tx))?.version ?? outcome.version;
      return record(id, { ...outcome, version }, now, tx);
    }),
  ),
  broken("jobs", "the statuses that no job has are not counted", ({ jobs }) =>
    replace(jobs, "countByStatus", (count) => async (...asked) => {
      return new Map([...(await count(...asked))].filter(([, found]) => found > 0));
    }),
  ),
  broken("jobExecutions", "who has lost a claim writes all the same", ({ jobExecutions }) =>
    replace(jobExecutions, "changeClaimed", (change) => async (claim, patch, now, tx) => {
      const leaseToken = (await jobExecutions.find(claim.id, tx))?.leaseToken ?? claim.leaseToken;
      return change({ ...claim, leaseToken }, patch, now, tx);
    }),
  ),
  broken("jobExecutions", "a lost claim is renewed", ({ jobExecutions }) =>
    replace(jobExecutions, "renewLeases", (renew) => async (claims, until, tx) => {
      const found = await Promise.all(claims.map(({ id }) => jobExecutions.find(id, tx)));
      return renew(
        found.filter((row) => row !== null),
        until,
        tx,
      );
    }),
  ),
  broken("jobExecutions", "all that wait are made ready, however little room there is", ({ jobExecutions }) =>
    replace(jobExecutions, "unpark", (unpark) => (waitsFor, _limit, tx) => unpark(waitsFor, 1_000, tx)),
  ),
  broken("jobExecutions", "what waits is claimed as well", ({ jobExecutions }) =>
    replace(jobExecutions, "claim", (claim) => async (given, tx) => {
      const waiting = await jobExecutions.find(given.id, tx);
      if (waiting?.waitsFor) await jobExecutions.unpark(waiting.waitsFor, 1_000, tx);
      return claim(given, tx);
    }),
  ),
  broken("jobExecutions", "a tick that has its record makes another one", ({ jobExecutions }) =>
    replace(jobExecutions, "create", (create) => async (execution, now, tx) => {
      const created = await create(execution, now, tx);
      const { id, ...again } = execution;
      return created ?? create({ ...again, occurrence: `${id ?? ""} again ${now}`, eventId: null }, now, tx);
    }),
  ),
];

const JOB_EXECUTION = [
  broken("jobExecution", "under an engine, who has lost a claim writes all the same", ({ jobExecutions }) =>
    replace(jobExecutions, "changeClaimed", (change) => async (claim, patch, now, tx) => {
      const { leaseToken } = await jobExecutions.get(claim.id, tx);
      return change({ ...claim, leaseToken }, patch, now, tx);
    }),
  ),
  broken("jobExecution", "what belongs to a paused job goes on", ({ jobExecutions }) =>
    replace(jobExecutions, "holdJob", () => () => Promise.resolve(0)),
  ),
  broken("jobExecution", "what waits for its time waits for ever", ({ jobExecutions }) =>
    replace(jobExecutions, "releaseDue", () => () => Promise.resolve(0)),
  ),
];

/** The same under an engine: the verbs are right, and what they stand on is not. */
const EXECUTION = [
  broken("execution", "a failed run keeps its events", ({ events }) =>
    replace(events, "release", () => () => Promise.resolve(0)),
  ),
  broken("execution", "the run that continues another does not take its events over", ({ events }) =>
    replace(events, "transfer", () => () => Promise.resolve(0)),
  ),
  broken("execution", "what a run has done stays reserved", ({ events }) =>
    replace(events, "consume", () => () => Promise.resolve(0)),
  ),
  broken("execution", "a skipped input leaves its events pending", ({ events }) =>
    replace(events, "skipPendingOfInput", () => () => Promise.resolve(0)),
  ),
  broken("execution", "a workflow forgets which run it waits for", ({ workflows }) =>
    replace(
      workflows,
      "update",
      (update) =>
        (id, { pendingRetryRunId: _pending, ...patch }, ...rest) =>
          update(id, patch, ...rest),
    ),
  ),
  broken("execution", "what a person was told is never settled", ({ notifications }) =>
    replace(notifications, "resolveMatching", () => () => Promise.resolve(0)),
  ),
  broken("execution", "a run that was moved meanwhile is moved all the same", ({ handlerRuns }) =>
    replace(
      handlerRuns,
      "transition",
      (transition) => async (run, _expected, patch, tx) =>
        transition(run, await handlerRuns.get(run.id, tx), patch, tx),
    ),
  ),
];

export const BROKEN_STORES: readonly BrokenStore[] = [
  ...EVENTS,
  ...RUNS_AND_MUTATIONS,
  ...MEMORY_AND_WORKFLOWS,
  ...JOBS,
  ...JOB_EXECUTION,
  ...EXECUTION,
];
