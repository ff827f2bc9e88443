import {
  ConstraintViolationError,
  DEFAULT_PLATFORM_ID,
  NotFoundError,
  type PlatformId,
  type RunId,
  type ScriptId,
  type SessionId,
  type WorkflowId,
} from "@millrace/db";
import { expect } from "vitest";
import { describeStore, HOSTILE_STRINGS, JSON_VALUES } from "../support/store-behaviours.ts";

const missing = "nope" as WorkflowId;

describeStore("WorkflowStore", {
  "creates a workflow of the default platform and finds it by id and name": async ({ stores, workflow, tx }) => {
    expect(workflow).toMatchObject({
      platformId: DEFAULT_PLATFORM_ID,
      error: null,
      maintenance: false,
      configVersion: 1,
    });
    expect(await stores.workflows.get(workflow.id, tx)).toEqual(workflow);
    expect(await stores.workflows.findByName("invoices", undefined, tx)).toEqual(workflow);
    expect(await stores.workflows.findByName("nope", undefined, tx)).toBeNull();
    expect(await stores.workflows.find(missing, tx)).toBeNull();
  },
  "refuses a second workflow of a name, and one of a platform that does not exist": async ({ stores, tx }) => {
    const workflow = { name: "invoices", status: "draft", handlerConfig: {} } as const;
    await expect(stores.workflows.create(workflow, 1, tx)).rejects.toThrow(ConstraintViolationError);
    const orphan = { ...workflow, name: "other", platformId: "nope" as PlatformId };
    await expect(stores.workflows.create(orphan, 1, tx)).rejects.toThrow(ConstraintViolationError);
  },
  "changes what is named in a patch and nothing else": async ({ stores, workflow, tx }) => {
    await stores.workflows.update(workflow.id, { error: "wrong", pendingRetryRunId: "r" as RunId, retryAt: 9 }, 5, tx);
    await stores.workflows.update(workflow.id, { maintenance: true, status: "paused" }, 6, tx);
    expect(await stores.workflows.getReadiness(workflow.id, tx)).toEqual({
      status: "paused",
      error: "wrong",
      maintenance: true,
      pendingRetryRunId: "r",
      retryAt: 9,
    });
    expect(await stores.workflows.get(workflow.id, tx)).toEqual({
      ...workflow,
      error: "wrong",
      pendingRetryRunId: "r",
      retryAt: 9,
      maintenance: true,
      status: "paused",
      updatedAt: 6,
    });
  },
  "counts the versions of a configuration of any shape": async ({ stores, workflow, tx }) => {
    for (const [index, config] of JSON_VALUES.entries()) {
      expect(await stores.workflows.saveConfig(workflow.id, config, 5, tx)).toBe(index + 2);
      expect((await stores.workflows.get(workflow.id, tx)).handlerConfig).toEqual(config);
    }
  },
  "lists workflows by name, whatever the names are": async ({ stores, tx }) => {
    for (const name of HOSTILE_STRINGS)
      await stores.workflows.create({ name, status: "active", handlerConfig: {} }, 1, tx);
    const names = (await stores.workflows.list({}, tx)).map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set([...HOSTILE_STRINGS, "invoices"]));
  },
  "lists what workflows wait for, a stretch at a time": async ({ stores, workflow, tx }) => {
    const other = await stores.workflows.create({ name: "other", status: "active", handlerConfig: {} }, 1, tx);
    await stores.workflows.update(other.id, { pendingRetryRunId: "r" as RunId, retryAt: 9 }, 5, tx);
    const [first, second] = [workflow.id, other.id].toSorted();
    const of = (id: WorkflowId | undefined) =>
      id === other.id ? { id, pendingRetryRunId: "r", retryAt: 9 } : { id, pendingRetryRunId: null, retryAt: null };
    const list = (after: WorkflowId | null, limit: number) => stores.workflows.listStanding({ after, limit }, tx);
    expect(await list(null, 9)).toEqual([of(first), of(second)]);
    expect(await list(null, 1)).toEqual([of(first)]);
    expect(await list(first!, 1)).toEqual([of(second)]);
    expect(await list(second!, 1)).toEqual([]);
  },
  "deletes a workflow with all it owns": async ({ stores, workflow, topic, startRun, tx }) => {
    const run = await startRun();
    const event = {
      workflowId: workflow.id,
      topicId: topic.id,
      messageId: "m",
      payload: 1,
      createdByRunId: null,
      inputIds: [],
    };
    const { id } = await stores.events.publish(event, 5, tx);
    await stores.events.reserve([id], run.id, 1, 5, tx);
    expect(await stores.workflows.delete(workflow.id, tx)).toBe(1);
    expect(await stores.workflows.delete(workflow.id, tx)).toBe(0);
    expect(await stores.handlerRuns.find(run.id, tx)).toBeNull();
    expect(await stores.events.find(id, tx)).toBeNull();
  },
  "says that a missing workflow is missing": async ({ stores, tx }) => {
    await expect(stores.workflows.get(missing, tx)).rejects.toThrow(NotFoundError);
    await expect(stores.workflows.getReadiness(missing, tx)).rejects.toThrow(NotFoundError);
    await expect(stores.workflows.update(missing, { error: "x" }, 1, tx)).rejects.toThrow(NotFoundError);
    await expect(stores.workflows.saveConfig(missing, {}, 1, tx)).rejects.toThrow(NotFoundError);
  },
});

describeStore("ScriptStore", {
  "keeps versions in order and finds the latest": async ({ stores, workflow, tx }) => {
    expect(await stores.scripts.findLatest(workflow.id, tx)).toBeNull();
    const version = (major: number, minor: number) => ({
      workflowId: workflow.id,
      major,
      minor,
      source: HOSTILE_STRINGS.join(),
      digest: "d",
      origin: "deploy",
    });
    const second = await stores.scripts.create(version(1, 10), 1, tx);
    const first = await stores.scripts.create(version(1, 9), 2, tx);
    const third = await stores.scripts.create(version(2, 0), 3, tx);
    expect(await stores.scripts.list(workflow.id, tx)).toEqual([first, second, third]);
    expect(await stores.scripts.findLatest(workflow.id, tx)).toEqual(third);
    expect(await stores.scripts.get(first.id, tx)).toEqual(first);
  },
  "lists the versions that run, where no higher one is there": async ({ stores, workflow, tx }) => {
    const version = { workflowId: workflow.id, major: 1, source: "", origin: "deploy" };
    const first = await stores.scripts.create({ ...version, minor: 9, digest: "first" }, 1, tx);
    const list = (platformId?: PlatformId) => stores.scripts.listDeployed({ after: null, limit: 9 }, platformId, tx);
    expect(await list()).toEqual([]);
    await stores.workflows.update(workflow.id, { activeScriptId: first.id }, 2, tx);
    const deployed = {
      id: first.id,
      workflowId: workflow.id,
      digest: "first",
      workflowName: workflow.name,
      handlerConfigText: JSON.stringify(workflow.handlerConfig),
    };
    expect(await list()).toEqual([deployed]);
    expect(await list("nope" as PlatformId)).toEqual([]);
    const second = await stores.scripts.create({ ...version, minor: 10, digest: "second" }, 3, tx);
    expect(await list()).toEqual([]);
    await stores.workflows.update(workflow.id, { activeScriptId: second.id }, 4, tx);
    expect(await list()).toEqual([{ ...deployed, id: second.id, digest: "second" }]);
  },
  "lists the versions that run a stretch of workflows at a time": async ({ stores, workflow, tx }) => {
    const ids = [workflow.id];
    for (const name of ["a", "b"])
      ids.push((await stores.workflows.create({ name, status: "active", handlerConfig: {} }, 1, tx)).id);
    for (const workflowId of ids) {
      const version = { workflowId, major: 1, minor: 0, source: "", digest: "d", origin: "deploy" };
      const { id } = await stores.scripts.create(version, 1, tx);
      await stores.workflows.update(workflowId, { activeScriptId: id }, 2, tx);
    }
    const list = async (after: WorkflowId | null, limit: number) =>
      (await stores.scripts.listDeployed({ after, limit }, undefined, tx)).map(({ workflowId }) => workflowId);
    const [first, second, third] = ids.toSorted();
    expect(await list(null, 2)).toEqual([first, second]);
    expect(await list(second!, 2)).toEqual([third]);
    expect(await list(third!, 2)).toEqual([]);
  },
  "refuses a version that exists": async ({ stores, workflow, tx }) => {
    const version = { workflowId: workflow.id, major: 1, minor: 0, source: "", digest: "d", origin: "deploy" };
    await stores.scripts.create(version, 1, tx);
    await expect(stores.scripts.create(version, 1, tx)).rejects.toThrow(ConstraintViolationError);
  },
  "deletes a version, and says that a missing one is missing": async ({ stores, workflow, tx }) => {
    const { id } = await stores.scripts.create(
      { workflowId: workflow.id, major: 1, minor: 0, source: "", digest: "d", origin: "deploy" },
      1,
      tx,
    );
    expect(await stores.scripts.delete(id, tx)).toBe(1);
    expect(await stores.scripts.delete(id, tx)).toBe(0);
    await expect(stores.scripts.get("nope" as ScriptId, tx)).rejects.toThrow(NotFoundError);
  },
});

describeStore("SessionStore", {
  "opens and ends a session": async ({ stores, workflow, tx }) => {
    const session = await stores.sessions.create({ workflowId: workflow.id, trigger: "event" }, 5, tx);
    expect(await stores.sessions.get(session.id, tx)).toEqual(session);
    await stores.sessions.end(session.id, { result: "completed", error: null, handlerRunCount: 3 }, 9, tx);
    expect(await stores.sessions.get(session.id, tx)).toEqual({
      ...session,
      result: "completed",
      handlerRunCount: 3,
      endedAt: 9,
    });
  },
  "lists sessions newest first": async ({ stores, workflow, tx }) => {
    const a = await stores.sessions.create({ workflowId: workflow.id, trigger: "event" }, 5, tx);
    const b = await stores.sessions.create({ workflowId: workflow.id, trigger: "wake" }, 5, tx);
    expect((await stores.sessions.list(workflow.id, 10, tx)).map(({ id }) => id)).toEqual([b.id, a.id]);
    expect(await stores.sessions.list(workflow.id, 1, tx)).toEqual([b]);
  },
  "ends all that are open, with their runs counted": async ({ stores, workflow, startRun, tx }) => {
    const { sessionId } = await startRun();
    const done = await stores.sessions.create({ workflowId: workflow.id, trigger: "event" }, 5, tx);
    await stores.sessions.end(done.id, { result: "completed", error: null, handlerRunCount: 0 }, 6, tx);
    expect(await stores.sessions.endAllOpen("interrupted", 9, tx)).toBe(1);
    expect(await stores.sessions.endAllOpen("interrupted", 9, tx)).toBe(0);
    expect(await stores.sessions.get(sessionId, tx)).toMatchObject({
      result: "interrupted",
      handlerRunCount: 1,
      endedAt: 9,
    });
  },
  "deletes a session with its runs, and says that a missing one is missing": async ({ stores, startRun, tx }) => {
    const run = await startRun();
    expect(await stores.sessions.delete(run.sessionId, tx)).toBe(1);
    expect(await stores.sessions.delete(run.sessionId, tx)).toBe(0);
    expect(await stores.handlerRuns.find(run.id, tx)).toBeNull();
    const end = { result: "completed", error: null, handlerRunCount: 0 };
    await expect(stores.sessions.end("nope" as SessionId, end, 1, tx)).rejects.toThrow(NotFoundError);
    await expect(stores.sessions.get("nope" as SessionId, tx)).rejects.toThrow(NotFoundError);
  },
});
