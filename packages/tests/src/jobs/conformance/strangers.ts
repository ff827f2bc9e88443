/** Ids of nothing, and ids of another platform, are the same: not there. */
import { InvalidJobError, UnknownNameError, type Scheduler } from "@millrace/agent";
import { expect } from "vitest";
import {
  EVERY_DAY,
  HOSTILE_IDS,
  ONCE,
  START,
  failOnce,
  refusal,
  refusalWithoutTrace,
  type SchedulerBehaviours,
} from "./scheduler-bench.ts";

/** Every call that names a job. */
const JOB_CALLS: Record<string, (scheduler: Scheduler, id: string) => Promise<unknown>> = {
  schedule: (scheduler, id) => scheduler.schedule({ ...EVERY_DAY, id }),
  reschedule: (scheduler, id) => scheduler.reschedule(id, { priority: 1 }),
  unschedule: (scheduler, id) => scheduler.unschedule(id),
  setEventHandlerEnabled: (scheduler, id) => scheduler.setEventHandlerEnabled(id, false),
  getJob: (scheduler, id) => scheduler.getJob(id),
  listVersions: (scheduler, id) => scheduler.listVersions(id),
  pauseJob: (scheduler, id) => scheduler.pauseJob(id),
  resumeJob: (scheduler, id) => scheduler.resumeJob(id),
  cancelJob: (scheduler, id) => scheduler.cancelJob(id),
  runJobNow: (scheduler, id) => scheduler.runJobNow(id),
  skipNextRun: (scheduler, id) => scheduler.skipNextRun(id),
  backfill: (scheduler, id) => scheduler.backfill(id, { from: START - 5, until: START }),
  getJobHistory: (scheduler, id) => scheduler.getJobHistory(id),
  listDeadLetters: (scheduler, jobId) => scheduler.listDeadLetters({ jobId }),
  listDecisions: (scheduler, id) => scheduler.listDecisions(id),
  getJobStats: (scheduler, id) => scheduler.getJobStats(id),
};

/** Every call that names an execution. */
const EXECUTION_CALLS: Record<string, (scheduler: Scheduler, id: string) => Promise<unknown>> = {
  getExecution: (scheduler, id) => scheduler.getExecution(id),
  getExecutionLogs: (scheduler, id) => scheduler.getExecutionLogs(id),
  cancelExecution: (scheduler, id) => scheduler.cancelExecution(id),
  retryExecution: (scheduler, id) => scheduler.retryExecution(id),
  redrive: (scheduler, id) => scheduler.redrive([id]),
};

const CALLS = { ...JOB_CALLS, ...EXECUTION_CALLS };

export const strangers: SchedulerBehaviours = {
  "a text that is no id is not found, however hostile": async (world) => {
    for (const call of Object.values(CALLS)) {
      for (const id of HOSTILE_IDS) await refusal(() => call(world.scheduler, id), UnknownNameError, id.slice(0, 50));
    }
    expect(await world.scheduler.listJobs()).toEqual({ items: [], nextCursor: null });
  },

  "what is no text is no id": async (world) => {
    const values = [undefined, 5, {}, [], Symbol("s"), Object.create(null)];
    for (const [name, call] of Object.entries(CALLS)) {
      for (const value of values) {
        // `undefined` is no id at all there: every job is meant, or a new one.
        if (value === undefined && (name === "schedule" || name === "listDeadLetters")) continue;
        await refusal(() => call(world.scheduler, value as string), InvalidJobError);
      }
    }
  },

  "another platform's job cannot be told from one that is not there": async (world) => {
    const { scheduler, otherTenant } = world;
    const foreign = await otherTenant.schedule({ ...EVERY_DAY, key: "k" });
    const unknown = foreign.id.replace(/.{4}$/, "beef");
    for (const call of Object.values(JOB_CALLS)) {
      const ofForeign = await refusalWithoutTrace(world, () => call(scheduler, foreign.id), UnknownNameError);
      const ofUnknown = await refusal(() => call(scheduler, unknown), UnknownNameError);
      expect(ofForeign.message).toBe(ofUnknown.message.replace(unknown, foreign.id));
      expect(ofForeign.name).toBe(ofUnknown.name);
    }
    expect(await otherTenant.getJob(foreign.id)).toEqual(foreign);
  },

  "another platform's execution cannot be told from one that is not there": async (world) => {
    const { scheduler, otherTenant } = world;
    const { execution } = await failOnce(world);
    const unknown = execution.id.replace(/.{4}$/, "beef");
    for (const call of Object.values(EXECUTION_CALLS)) {
      const ofForeign = await refusalWithoutTrace(world, () => call(otherTenant, execution.id), UnknownNameError);
      const ofUnknown = await refusal(() => call(otherTenant, unknown), UnknownNameError);
      expect(ofForeign.message).toBe(ofUnknown.message.replace(unknown, execution.id));
    }
    expect((await scheduler.getExecution(execution.id)).execution).toEqual(execution);
  },

  "platforms share neither keys, nor uniqueness, nor lists, nor counts": async (world) => {
    const { scheduler, otherTenant } = world;
    const input = { ...ONCE, in: "1h", key: "k", unique: { key: "u" }, tags: ["red"] };
    const mine = await scheduler.scheduleOnce(input);
    const theirs = await otherTenant.scheduleOnce(input);
    expect(theirs.id).not.toBe(mine.id);
    for (const filter of [{}, { tags: ["red"] }, { text: "once" }, { handler: "note" }]) {
      expect((await scheduler.listJobs(filter)).items).toEqual([mine]);
      expect((await otherTenant.listJobs(filter)).items).toEqual([theirs]);
    }
    await scheduler.cancelJob(mine.id);
    expect((await scheduler.getMetrics()).jobs).toMatchObject({ pending: 0, cancelled: 1 });
    expect((await otherTenant.getMetrics()).jobs).toMatchObject({ pending: 1, cancelled: 0 });
    expect((await otherTenant.getMetrics()).nextRun).toBe(theirs.nextRun);
  },

  "platforms share neither events nor their handlers": async (world) => {
    const { scheduler, otherTenant } = world;
    const heard: string[] = [];
    await scheduler.onEvent("paid", () => heard.push("mine"));
    await otherTenant.onEvent("paid", () => heard.push("theirs"));
    expect(await scheduler.triggerEvent("paid", {}, { eventId: "e" })).toHaveLength(1);
    await world.idle();
    expect(heard).toEqual(["mine"]);
    expect(await otherTenant.triggerEvent("paid", {}, { eventId: "e" })).toHaveLength(1);
    await world.idle();
    expect(heard).toEqual(["mine", "theirs"]);
    expect(await scheduler.listEventHandlers()).toHaveLength(1);
  },
};
