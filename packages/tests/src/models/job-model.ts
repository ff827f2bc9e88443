/** The model of jobs, their versions, the events that they wait for, and what was decided about their ticks. */
import { deepStrictEqual } from "node:assert/strict";
import { JOB_STATUSES, type JobId, type PlatformId, type ScheduleDecision } from "@millrace/db";
import * as fc from "fast-check";
import { gives, stepsOf, type BoundStep } from "./batches.ts";
import { choice, name, time, sometimes } from "./drawn-values.ts";
import { newestJobs, soonestJobs, type JobState } from "./job-state.ts";
import { jobWrites } from "./job-steps.ts";
import type { ModelSpecification } from "./model-specification.ts";
import { sortedBy } from "./order.ts";

const steps = stepsOf<JobState>();

const readJob = steps(
  "job by id, key and uniqueness",
  "reads",
  fc.record({ job: choice, platform: choice, key: name }),
  ({ job, platform, key }, model): BoundStep => {
    const id = model.known.pick<JobId>("job", job);
    const platformId = model.known.pick<PlatformId>("platform", platform);
    return {
      perform: async ({ stores: { jobs } }, tx) => ({
        own: await jobs.find(id, tx),
        named: await jobs.findByKey(platformId, key, tx),
        unique: await jobs.findLatestByUniqueKey(platformId, key, tx),
      }),
      settle: () => {
        const ofPlatform = [...model.state.jobs.values()].filter((one) => one.platformId === platformId);
        const latest = sortedBy(
          ofPlatform.filter(({ uniqueKey }) => uniqueKey === key),
          ({ createdAt }) => createdAt,
          (one) => one.id,
        );
        return gives({
          own: structuredClone(model.state.jobs.get(id) ?? null),
          named: ofPlatform.find((one) => one.key === key) ?? null,
          unique: latest.at(-1) ?? null,
        });
      },
    };
  },
);

const readDue = steps(
  "what is due, earliest and overdue",
  "reads",
  fc.record({ platform: choice, now: time }),
  ({ platform, now }, model): BoundStep => {
    const platformId = model.known.pick<PlatformId>("platform", platform);
    return {
      perform: async ({ stores: { jobs } }, tx) => ({
        due: (await jobs.listDue(now, 100, tx)).toSorted(),
        earliest: await jobs.earliestNextRun(tx),
        ofPlatform: await jobs.earliestNextRunOf(platformId, tx),
        dead: (await jobs.listDead(now, 100, tx)).map(({ id }) => id).toSorted(),
        counts: await jobs.countByStatus(platformId, tx),
        oldestFinished: await jobs.oldestFinishedAt(tx),
      }),
      settle: () => {
        const all = [...model.state.jobs.values()];
        const soonest = soonestJobs(all);
        const own = all.filter((job) => job.platformId === platformId);
        const finished = all.flatMap(({ finishedAt }) => finishedAt ?? []);
        // One that goes on for ever must have a next tick, and one that has one must not be long past it.
        const dead = all.filter((job) =>
          job.nextRun === null ? job.status === "pending" || job.status === "active" : job.nextRun < now,
        );
        return gives({
          due: soonest.flatMap(({ id, nextRun }) => (nextRun !== null && nextRun <= now ? [id] : [])).toSorted(),
          earliest: soonest[0]?.nextRun ?? null,
          ofPlatform: soonestJobs(own)[0]?.nextRun ?? null,
          dead: dead.map(({ id }) => id).toSorted(),
          counts: new Map(JOB_STATUSES.map((one) => [one, own.filter((job) => job.status === one).length])),
          oldestFinished: finished.length > 0 ? Math.min(...finished) : null,
        });
      },
    };
  },
);

const listJobs = steps(
  "list of jobs",
  "read",
  fc.record({
    statuses: sometimes(fc.subarray([...JOB_STATUSES])),
    tags: sometimes(fc.subarray(["a", "b", "it's"])),
    nextRunBefore: sometimes(time),
    limit: fc.integer({ min: 1, max: 4 }),
  }),
  ({ statuses, tags, nextRunBefore, limit }, model): BoundStep => {
    const filter = {
      limit,
      ...(statuses && { statuses }),
      ...(tags && { tags }),
      ...(nextRunBefore !== undefined && { nextRunBefore }),
    };
    return {
      perform: ({ stores }, tx) => stores.jobs.list(filter, tx),
      settle: () => {
        const found = newestJobs(model.state.jobs.values()).filter(
          (job) =>
            (!statuses || statuses.includes(job.status)) &&
            (!tags || tags.every((tag) => job.tags.includes(tag))) &&
            (nextRunBefore === undefined || (job.nextRun !== null && job.nextRun < nextRunBefore)),
        );
        return gives(found.slice(0, limit));
      },
    };
  },
);

const readHandlers = steps(
  "who waits for an event",
  "read",
  fc.record({ platform: choice, eventName: name }),
  ({ platform, eventName }, model): BoundStep => {
    const platformId = model.known.pick<PlatformId>("platform", platform);
    return {
      perform: ({ stores }, tx) => stores.eventHandlers.listEnabled(platformId, eventName, tx),
      settle: () => {
        const own = [...model.state.handlers.values()].filter(
          (row) => row.platformId === platformId && row.eventName === eventName && row.enabled,
        );
        return gives(sortedBy(own, ({ id }) => id));
      },
    };
  },
);

const withoutId = ({ id: _id, ...decision }: ScheduleDecision) => decision;

export const jobModel: ModelSpecification<JobState> = {
  name: "jobs",
  steps: fc.oneof(...jobWrites, readJob, readDue, listJobs, readHandlers),
  begin({ platforms, jobs }, known) {
    for (const { id } of platforms) known.learn("platform", id);
    for (const { id } of jobs) known.learn("job", id);
    return {
      jobs: new Map(jobs.map((job) => [job.id, structuredClone(job)])),
      versions: new Map(jobs.map(({ id }) => [id, []])),
      handlers: new Map(),
      decisions: new Map(jobs.map(({ id }) => [id, []])),
      platforms: platforms.map(({ id }) => id),
    };
  },
  async compare({ stores }, { jobs, versions, handlers, decisions, platforms }) {
    deepStrictEqual(await stores.jobs.list({ limit: 10_000 }), newestJobs(jobs.values()));
    for (const id of jobs.keys()) {
      const newest = sortedBy(versions.get(id) ?? [], ({ version }) => version).toReversed();
      deepStrictEqual(await stores.jobs.listVersions(id), newest);
      // Later ones come first, also among those of the same tick.
      const latest = sortedBy(decisions.get(id) ?? [], ({ scheduledAt }) => scheduledAt);
      const found = (await stores.scheduleDecisions.list({ jobId: id, limit: 10_000 })).map(withoutId);
      deepStrictEqual(found.toReversed(), latest);
    }
    for (const platformId of platforms) {
      const own = [...handlers.values()].filter((row) => row.platformId === platformId);
      deepStrictEqual(
        await stores.eventHandlers.list(platformId),
        sortedBy(
          own,
          ({ eventName }) => eventName,
          ({ id }) => id,
        ),
      );
    }
  },
};
