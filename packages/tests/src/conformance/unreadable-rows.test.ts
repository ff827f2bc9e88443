/** What is shown of a row of which a column can't be read, and what is refused of it. */
import { CorruptRowError, NotFoundError, UNREADABLE, type JobExecutionId, type RunId } from "@millrace/db";
import { sql } from "kysely";
import { expect } from "vitest";
import { createExecution, createJob } from "../support/job-rows.ts";
import { createMutation } from "../support/ledger-rows.ts";
import { describeStore, type StoreWorld } from "../support/store-behaviours.ts";

/** Puts text into a column past all checks. */
async function spoil({ database, tx }: StoreWorld, table: string, column: string, id: string, text = '{"a":') {
  const change = sql`update ${sql.table(table)} set ${sql.ref(column)} = ${text} where id = ${id}`;
  await database.transaction(({ executor }) => change.execute(executor), tx);
}

describeStore("A row that can't be read", {
  "of a workflow is shown without its configuration": async (world) => {
    const { stores, workflow, tx } = world;
    expect(await stores.workflows.findListed(workflow.id, tx)).toEqual(workflow);
    await spoil(world, "workflows", "handler_config", workflow.id);
    expect(await stores.workflows.findListed(workflow.id, tx)).toEqual({ ...workflow, handlerConfig: UNREADABLE });
    await expect(stores.workflows.find(workflow.id, tx)).rejects.toThrow(CorruptRowError);
    await stores.workflows.delete(workflow.id, tx);
    expect(await stores.workflows.findListed(workflow.id, tx)).toBeNull();
  },
  "of a run is shown without its result": async (world) => {
    const { stores, startRun, tx } = world;
    const run = await startRun();
    expect(await stores.handlerRuns.findListed(run.id, tx)).toEqual(run);
    await spoil(world, "handler_runs", "prepare_result", run.id);
    expect(await stores.handlerRuns.findListed(run.id, tx)).toEqual({ ...run, prepareResult: UNREADABLE });
    await expect(stores.handlerRuns.find(run.id, tx)).rejects.toThrow(CorruptRowError);
    expect(await stores.handlerRuns.findListed("nope" as RunId, tx)).toBeNull();
  },
  "of a mutation is shown without its parameters": async (world) => {
    const { stores, tx } = world;
    const mutation = await createMutation(world, "applied");
    expect(await stores.mutations.findListed(mutation.id, tx)).toEqual(mutation);
    await spoil(world, "mutations", "params", mutation.id);
    expect(await stores.mutations.findListed(mutation.id, tx)).toEqual({ ...mutation, params: UNREADABLE });
    await expect(stores.mutations.find(mutation.id, tx)).rejects.toThrow(CorruptRowError);
    await stores.mutations.delete(mutation.id, tx);
    expect(await stores.mutations.findListed(mutation.id, tx)).toBeNull();
    expect(await stores.mutations.findByRun(mutation.handlerRunId, tx)).toBeNull();
  },
  "of a job whose tags are no list of texts is shown with one that says so": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world, { tags: ["a"] });
    expect(await stores.jobs.findListed(job.id, tx)).toEqual(job);
    for (const tags of ["{}", "[1]", '"a"']) {
      await spoil(world, "scheduled_jobs", "tags", job.id, tags);
      expect(await stores.jobs.findListed(job.id, tx)).toEqual({ ...job, tags: [UNREADABLE] });
      await expect(stores.jobs.find(job.id, tx)).rejects.toThrow("it is no list of texts");
    }
    await stores.jobs.delete([job.id], tx);
    expect(await stores.jobs.findListed(job.id, tx)).toBeNull();
  },
  "of an execution still says whose it is": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    const { id } = await createExecution(world, job);
    await spoil(world, "job_executions", "payload", id);
    await expect(stores.jobExecutions.find(id, tx)).rejects.toThrow(CorruptRowError);
    expect(await stores.jobExecutions.jobOf(id, tx)).toBe(job.id);
    await expect(stores.jobExecutions.jobOf("nope" as JobExecutionId, tx)).rejects.toThrow(NotFoundError);
  },
});
