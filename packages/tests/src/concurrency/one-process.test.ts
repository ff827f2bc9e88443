import {
  ConstraintViolationError,
  ReservationConflictError,
  TransitionConflictError,
  type EventId,
} from "@millrace/db";
import { describe, expect, test } from "vitest";
import { createExecution, createJob, newExecution } from "../support/job-rows.ts";
import { createWorld, withDatabase } from "../support/store-behaviours.ts";

const CALLERS = Array.from({ length: 50 }, (_, index) => index);

describe.each(["a file", "memory"] as const)("many callers at once on %s", (kind) => {
  test("of 50 that reserve the same events exactly one gets them, the others get the named conflict", async () => {
    await withDatabase(kind, async (database) => {
      const { stores, workflow, topic, startRun } = await createWorld(database);
      const run = await startRun();
      const ids: EventId[] = [];
      for (const messageId of ["a", "b", "c"]) {
        const event = {
          workflowId: workflow.id,
          topicId: topic.id,
          messageId,
          payload: 1,
          createdByRunId: null,
          inputIds: [],
        };
        ids.push((await stores.events.publish(event, 1)).id);
      }
      const settled = await Promise.allSettled(CALLERS.map(() => stores.events.reserve(ids, run.id, 1, 2)));
      expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const result of settled) {
        if (result.status === "fulfilled") continue;
        expect(result.reason).toBeInstanceOf(ReservationConflictError);
        expect(result.reason).toMatchObject({ eventIds: ids });
      }
    });
  });

  test("50 that get or create the same topic and input make one row of each", async () => {
    await withDatabase(kind, async (database) => {
      const { stores, workflow } = await createWorld(database);
      const topics = await Promise.all(CALLERS.map(() => stores.topics.getOrCreate(workflow.id, "rows", 1)));
      expect(new Set(topics.map(({ id }) => id)).size).toBe(1);
      const input = {
        workflowId: workflow.id,
        source: "s",
        type: "t",
        externalId: "1",
        title: "",
        createdByRunId: null,
      };
      const inputs = await Promise.all(CALLERS.map(() => stores.inputs.getOrCreate(input, 1)));
      expect(inputs.filter(({ created }) => created)).toHaveLength(1);
    });
  });

  test("of 50 that move a run the same way one does it", async () => {
    await withDatabase(kind, async (database) => {
      const { stores, startRun } = await createWorld(database);
      const run = await startRun();
      const settled = await Promise.allSettled(
        CALLERS.map(() => stores.handlerRuns.transition(run, run, { phase: "prepared", status: "active" })),
      );
      expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const result of settled)
        if (result.status === "rejected") expect(result.reason).toBeInstanceOf(TransitionConflictError);
    });
  });

  test("of 50 that mark a mutation as applied one does it, and its result stands", async () => {
    await withDatabase(kind, async (database) => {
      const { stores, startRun } = await createWorld(database);
      const run = await startRun();
      const { mutation } = await stores.mutations.create(
        {
          handlerRunId: run.id,
          workflowId: run.workflowId,
          connector: "c",
          operation: "o",
          params: 1,
          idempotencyKey: "k",
          title: "t",
          sentAt: 1,
          status: "in_flight",
        },
        1,
      );
      const settled = await Promise.allSettled(
        CALLERS.map((result) =>
          stores.mutations.transition(mutation.id, "in_flight", { status: "applied", result }, 2),
        ),
      );
      const winner = settled.findIndex(({ status }) => status === "fulfilled");
      expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect((await stores.mutations.get(mutation.id)).result).toBe(winner);
    });
  });

  test("of 50 that start a run of a workflow one does it", async () => {
    await withDatabase(kind, async (database) => {
      const { startRun } = await createWorld(database);
      await startRun().then(() => undefined);
      const settled = await Promise.allSettled(CALLERS.map(() => startRun()));
      for (const result of settled) {
        expect(result.status).toBe("rejected");
        if (result.status === "rejected") expect(result.reason).toBeInstanceOf(ConstraintViolationError);
      }
    });
  });

  test("of 50 that insert the same tick one does it", async () => {
    await withDatabase(kind, async (database) => {
      const { stores } = await createWorld(database);
      const job = await createJob({ stores });
      const created = await Promise.all(
        CALLERS.map((payload) => stores.jobExecutions.create(newExecution(job, { payload }), 5)),
      );
      const [winner, ...others] = created.filter((execution) => execution !== null);
      expect(others).toEqual([]);
      expect(await stores.jobHistory.list(job.id)).toEqual([winner]);
    });
  });

  test("of 20 that claim an execution one gets it, and of 50 that take a tick of a job one does it", async () => {
    await withDatabase(kind, async (database) => {
      const { stores } = await createWorld(database);
      const job = await createJob({ stores }, { nextRun: 100 });
      const { id } = await createExecution({ stores }, job);
      const claims = await Promise.all(
        CALLERS.slice(0, 20).map((caller) =>
          stores.jobExecutions.claim({ id, workerId: `w${caller}`, leaseExpiresAt: 1_000, now: 10 }),
        ),
      );
      const [winner, ...others] = claims.filter((claim) => claim !== null);
      expect(others).toEqual([]);
      expect(await stores.jobExecutions.get(id)).toEqual(winner);
      const taken = await Promise.allSettled(
        CALLERS.map((caller) => stores.jobs.advance({ ...job, nextRun: 100 }, { nextRun: 200 + caller }, 101)),
      );
      expect(taken.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const result of taken)
        if (result.status === "rejected") expect(result.reason).toBeInstanceOf(TransitionConflictError);
    });
  });
});
