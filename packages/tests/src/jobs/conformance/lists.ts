/** Jobs are looked up, filtered and paged through. */
import { InvalidJobError, type JobFilter, type Scheduler } from "@millrace/agent";
import { expect } from "vitest";
import {
  DAY,
  EVERY_DAY,
  EVERY_HOUR,
  HOUR,
  ONCE,
  START,
  collect,
  refusalWithoutTrace,
  type SchedulerBehaviours,
} from "./scheduler-bench.ts";

const namesOf = async (scheduler: Scheduler, filter: JobFilter) =>
  (await scheduler.listJobs(filter)).items.map(({ name }) => name).toSorted();

export const lists: SchedulerBehaviours = {
  "where there are no jobs the list is empty": async ({ scheduler }) => {
    expect(await scheduler.listJobs()).toEqual({ items: [], nextCursor: null });
    expect(await scheduler.listEventHandlers()).toEqual([]);
    expect(await scheduler.listDeadLetters()).toEqual({ items: [], nextCursor: null });
  },

  "jobs are listed in pages without gap or repetition, newest first": async (world) => {
    const { scheduler } = world;
    const ids: string[] = [];
    for (let number = 0; number < 11; number += 1) {
      ids.unshift((await scheduler.scheduleOnce({ ...ONCE, name: `job ${number}`, in: "1d" })).id);
      if (number % 3 === 0) await world.advance("1m");
    }
    for (const limit of [1, 2, 4, 11, 12, 1_000]) {
      const paged = await collect((cursor) => scheduler.listJobs({ cursor, limit }));
      expect(paged.map(({ id }) => id)).toEqual(ids);
    }
  },

  "a page does not change when jobs are added behind one's back": async ({ scheduler }) => {
    for (let number = 0; number < 4; number += 1)
      await scheduler.scheduleOnce({ ...ONCE, name: `${number}`, in: "1d" });
    const first = await scheduler.listJobs({ limit: 2 });
    await scheduler.scheduleOnce({ ...ONCE, name: "new", in: "1d" });
    const second = await scheduler.listJobs({ limit: 2, cursor: first.nextCursor ?? "" });
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(["3", "2", "1", "0"]);
  },

  "jobs are filtered by status, type, handler, tags and times": async (world) => {
    const { scheduler } = world;
    await scheduler.schedule({ ...EVERY_DAY, tags: ["red", "blue"] });
    await scheduler.scheduleRecurring({ ...EVERY_HOUR, startsAt: START + HOUR, tags: ["red"] });
    await scheduler.schedule({ ...ONCE, name: "event", type: "event", event: "e", handler: "fragile" });
    await world.advance("1m");
    const paused = await scheduler.scheduleOnce({ ...ONCE, in: "2h", tags: ["%", "red"] });
    await scheduler.pauseJob(paused.id);
    const all = ["daily", "event", "hourly", "once"];
    const expectNames = async (filter: JobFilter, names: string[]) =>
      expect([filter, await namesOf(scheduler, filter)]).toEqual([filter, names]);
    await expectNames({}, all);
    await expectNames({ statuses: ["paused"] }, ["once"]);
    await expectNames({ statuses: ["pending", "active"] }, ["daily", "event", "hourly"]);
    await expectNames({ statuses: [] }, []);
    await expectNames({ types: ["cron"] }, ["daily"]);
    await expectNames({ types: ["recurring", "one_time"] }, ["hourly", "once"]);
    await expectNames({ handler: "fragile" }, ["event"]);
    await expectNames({ handler: "frag" }, []);
    await expectNames({ tags: ["red"] }, ["daily", "hourly", "once"]);
    await expectNames({ tags: ["red", "blue"] }, ["daily"]);
    await expectNames({ tags: ["%"] }, ["once"]);
    await expectNames({ tags: ["green"] }, []);
    await expectNames({ tags: [] }, all);
    await expectNames({ nextRunBefore: START + HOUR }, []);
    await expectNames({ nextRunBefore: START + HOUR + 1 }, ["hourly"]);
    await expectNames({ nextRunBefore: START + DAY }, ["daily", "hourly"]);
    await expectNames({ createdFrom: START + 1 }, ["once"]);
    await expectNames({ createdBefore: START + 1 }, ["daily", "event", "hourly"]);
    await expectNames({ createdFrom: START, createdBefore: START }, []);
    await expectNames({ statuses: ["pending"], types: ["cron"], handler: "note", tags: ["red"], text: "AI" }, [
      "daily",
    ]);
  },

  "a text is found in names as it is, whatever it means elsewhere": async ({ scheduler }) => {
    const names = ["100% done", "100 done", "a_b", "axb", "back\\slash", "it's", "UPPER", "[x]*"];
    for (const name of names) await scheduler.scheduleOnce({ ...ONCE, name, in: "1h" });
    expect(await namesOf(scheduler, { text: "0%" })).toEqual(["100% done"]);
    expect(await namesOf(scheduler, { text: "a_b" })).toEqual(["a_b"]);
    expect(await namesOf(scheduler, { text: "%" })).toEqual(["100% done"]);
    expect(await namesOf(scheduler, { text: "_" })).toEqual(["a_b"]);
    expect(await namesOf(scheduler, { text: "\\" })).toEqual(["back\\slash"]);
    expect(await namesOf(scheduler, { text: "'s" })).toEqual(["it's"]);
    expect(await namesOf(scheduler, { text: "upper" })).toEqual(["UPPER"]);
    expect(await namesOf(scheduler, { text: "]*" })).toEqual(["[x]*"]);
    expect(await namesOf(scheduler, { text: "nothing like it" })).toEqual([]);
    expect(await namesOf(scheduler, { text: "" })).toHaveLength(names.length);
  },

  "bad filters are refused by name": async (world) => {
    const { scheduler } = world;
    await scheduler.schedule(EVERY_DAY);
    const refused: readonly (readonly [unknown, string])[] = [
      ...[0, -1, 1.5, 1_001, Number.MAX_SAFE_INTEGER, Number.NaN, "10", null].map(
        (limit) => [{ limit }, "limit"] as const,
      ),
      ...["", "nope", "'; drop table jobs", "\0", "x".repeat(10_000), 5, null].map(
        (cursor) => [{ cursor }, "cursor"] as const,
      ),
      [{ statuses: ["lost"] }, "statuses.0"],
      [{ statuses: "active" }, "statuses"],
      [{ types: ["weekly"] }, "types.0"],
      [{ handler: 5 }, "handler"],
      [{ tags: [5] }, "tags.0"],
      [{ tags: Array.from({ length: 21 }, String) }, "tags"],
      [{ text: "x".repeat(201) }, "text"],
      [{ nextRunBefore: "soon" }, "nextRunBefore"],
      [{ createdFrom: -1 }, "createdFrom"],
      [{ createdBefore: Number.POSITIVE_INFINITY }, "createdBefore"],
      [{ colour: "red" }, "colour"],
      [null, "filter"],
      ["red", "filter"],
    ];
    for (const [filter, piece] of refused)
      await refusalWithoutTrace(world, () => scheduler.listJobs(filter as JobFilter), InvalidJobError, piece);
  },

  "a cursor that names no job any more does no harm": async ({ scheduler }) => {
    const jobs = [];
    for (let number = 0; number < 3; number += 1) jobs.push(await scheduler.scheduleOnce({ ...ONCE, in: "1h" }));
    const { nextCursor } = await scheduler.listJobs({ limit: 2 });
    await scheduler.unschedule(jobs[1]?.id ?? "");
    expect((await scheduler.listJobs({ cursor: nextCursor ?? "" })).items).toEqual([jobs[0]]);
  },

  "versions are kept, newest first, with who made them": async ({ scheduler }) => {
    const job = await scheduler.schedule({ ...EVERY_DAY, createdBy: "Ada" });
    await scheduler.reschedule(job.id, { cron: "0 10 * * *", createdBy: "Ben" });
    await scheduler.reschedule(job.id, { priority: 3 });
    const versions = await scheduler.listVersions(job.id);
    expect(versions.map(({ version }) => version)).toEqual([3, 2, 1]);
    expect(versions[2]).toMatchObject({ createdBy: "Ada", definition: { cronExpression: "0 9 * * *", priority: 0 } });
    expect(versions[1]).toMatchObject({ createdBy: "Ben", definition: { cronExpression: "0 10 * * *", priority: 0 } });
    expect(versions[0]).toMatchObject({ definition: { cronExpression: "0 10 * * *", priority: 3 } });
  },
};
