/** The model of platforms, workflows, their versions and their topics: who owns what, and what goes with it. */
import { deepStrictEqual } from "node:assert/strict";
import {
  DEFAULT_PLATFORM_ID,
  WORKFLOW_STATUSES,
  type Platform,
  type PlatformId,
  type RunId,
  type Script,
  type ScriptId,
  type Topic,
  type TopicId,
  type Workflow,
  type WorkflowId,
} from "@millrace/db";
import * as fc from "fast-check";
import { gives, learns, oftenAndRarely, stepsOf, throws, type BoundStep } from "./batches.ts";
import { asStored, choice, drawnJson, name, time } from "./drawn-values.ts";
import type { ModelSpecification } from "./model-specification.ts";
import { sortedBy } from "./order.ts";

interface WorkflowState {
  platforms: Map<PlatformId, Platform>;
  workflows: Map<WorkflowId, Workflow>;
  scripts: Map<ScriptId, Script>;
  topics: Map<TopicId, Topic>;
}

const steps = stepsOf<WorkflowState>();
const json = drawnJson(400).filter(({ refusedAs }) => refusedAs !== "ValueTooLargeError");
const stranger = throws("ConstraintViolationError", { kind: "foreign key" });
const taken = throws("ConstraintViolationError", { kind: "unique" });

const byName = (rows: Iterable<Workflow>) =>
  sortedBy(
    rows,
    (row) => row.name,
    ({ platformId }) => platformId,
  );

const savePlatform = steps(
  "getOrCreate platform",
  "write",
  fc.record({ name, now: time }),
  (drawn, model): BoundStep => ({
    perform: ({ stores }, tx) => stores.platforms.getOrCreate(drawn.name, drawn.now, tx),
    settle: () => {
      const existing = [...model.state.platforms.values()].find((platform) => platform.name === drawn.name);
      if (existing) return gives({ ...existing });
      return learns(({ id }: Platform) => {
        model.known.learn("platform", id);
        model.state.platforms.set(id, { id, name: drawn.name, createdAt: drawn.now });
        return { id, name: drawn.name, createdAt: drawn.now };
      });
    },
  }),
);

function forget(state: WorkflowState, ids: ReadonlySet<WorkflowId>): void {
  for (const id of ids) state.workflows.delete(id);
  for (const { id, workflowId } of state.scripts.values()) if (ids.has(workflowId)) state.scripts.delete(id);
  for (const { id, workflowId } of state.topics.values()) if (ids.has(workflowId)) state.topics.delete(id);
}

const deletePlatform = steps("delete platform", "write", choice, (platform, model): BoundStep => {
  const id = model.known.pick<PlatformId>("platform", platform);
  return {
    perform: async ({ stores }, tx) => stores.platforms.delete(id, tx),
    settle: () => {
      if (id === DEFAULT_PLATFORM_ID) return throws("ProtectedRowError");
      const owned = [...model.state.workflows.values()].filter(({ platformId }) => platformId === id);
      forget(model.state, new Set(owned.map((workflow) => workflow.id)));
      return gives(Number(model.state.platforms.delete(id)));
    },
  };
});

const create = steps(
  "create workflow",
  "write",
  fc.record({ platform: choice, name, status: fc.constantFrom(...WORKFLOW_STATUSES), handlerConfig: json, now: time }),
  ({ platform, now, handlerConfig, ...drawn }, model): BoundStep => {
    const platformId = model.known.pick<PlatformId>("platform", platform);
    // What no JSON value is must be refused.
    const given = { ...drawn, platformId, handlerConfig: handlerConfig.value as Workflow["handlerConfig"] };
    return {
      perform: ({ stores }, tx) => stores.workflows.create(given, now, tx),
      settle: () => {
        if (handlerConfig.refusedAs !== null) return throws(handlerConfig.refusedAs);
        const { workflows, platforms } = model.state;
        if ([...workflows.values()].some((row) => row.name === drawn.name && row.platformId === platformId))
          return taken;
        if (!platforms.has(platformId)) return stranger;
        return learns(({ id }: Workflow) => {
          model.known.learn("workflow", id);
          const row: Workflow = {
            ...given,
            id,
            handlerConfig: asStored(given.handlerConfig) as Workflow["handlerConfig"],
            error: null,
            maintenance: false,
            configVersion: 1,
            activeScriptId: null,
            pendingRetryRunId: null,
            retryAt: null,
            createdAt: now,
            updatedAt: now,
          };
          workflows.set(id, row);
          return { ...row };
        });
      },
    };
  },
);

const update = steps(
  "update workflow",
  "write",
  fc.record({
    workflow: choice,
    patch: fc.record(
      {
        status: fc.constantFrom(...WORKFLOW_STATUSES),
        error: fc.option(name),
        maintenance: fc.boolean(),
        pendingRetryRunId: fc.option(name.map((text) => text as RunId)),
        retryAt: fc.option(time),
      },
      { requiredKeys: [] },
    ),
    now: time,
  }),
  ({ workflow, patch, now }, model): BoundStep => {
    const id = model.known.pick<WorkflowId>("workflow", workflow);
    return {
      perform: ({ stores }, tx) => stores.workflows.update(id, patch, now, tx),
      settle: () => {
        const row = model.state.workflows.get(id);
        if (!row) return throws("NotFoundError", { table: "workflows", key: id });
        Object.assign(row, patch, { updatedAt: now });
        return gives(undefined);
      },
    };
  },
);

const saveConfig = steps(
  "saveConfig",
  "write",
  fc.record({ workflow: choice, config: json, now: time }),
  ({ workflow, config, now }, model): BoundStep => {
    const id = model.known.pick<WorkflowId>("workflow", workflow);
    return {
      // As above.
      perform: ({ stores }, tx) => stores.workflows.saveConfig(id, config.value as Workflow["handlerConfig"], now, tx),
      settle: () => {
        if (config.refusedAs !== null) return throws(config.refusedAs);
        const row = model.state.workflows.get(id);
        if (!row) return throws("NotFoundError", { table: "workflows", key: id });
        const configVersion = row.configVersion + 1;
        Object.assign(row, { handlerConfig: asStored(config.value), configVersion, updatedAt: now });
        return gives(configVersion);
      },
    };
  },
);

const read = steps(
  "find and list workflows",
  "reads",
  fc.record({ workflow: choice, platform: choice, name, afterName: name, limit: fc.integer({ min: 1, max: 3 }) }),
  (drawn, model): BoundStep => {
    const id = model.known.pick<WorkflowId>("workflow", drawn.workflow);
    const platformId = model.known.pick<PlatformId>("platform", drawn.platform);
    return {
      perform: async ({ stores: { workflows } }, tx) => ({
        own: await workflows.find(id, tx),
        named: await workflows.findByName(drawn.name, platformId, tx),
        after: await workflows.list({ platformId, afterName: drawn.afterName, limit: drawn.limit }, tx),
      }),
      settle: () => {
        const ofPlatform = byName(model.state.workflows.values()).filter((row) => row.platformId === platformId);
        const isAfter = (row: Workflow) => Buffer.compare(Buffer.from(row.name), Buffer.from(drawn.afterName)) > 0;
        // No platform has an empty id, so an empty one asks for none in particular.
        const listed = platformId === "" ? byName(model.state.workflows.values()) : ofPlatform;
        return gives({
          own: structuredClone(model.state.workflows.get(id) ?? null),
          named: ofPlatform.find((row) => row.name === drawn.name) ?? null,
          after: listed.filter(isAfter).slice(0, drawn.limit),
        });
      },
    };
  },
);

const deleteWorkflow = steps("delete workflow", "write", choice, (workflow, model): BoundStep => {
  const id = model.known.pick<WorkflowId>("workflow", workflow);
  return {
    perform: ({ stores }, tx) => stores.workflows.delete(id, tx),
    settle: () => {
      const isThere = model.state.workflows.has(id);
      forget(model.state, new Set([id]));
      return gives(Number(isThere));
    },
  };
});

const createScript = steps(
  "create script",
  "write",
  fc.record({ workflow: choice, major: fc.nat({ max: 2 }), minor: fc.nat({ max: 2 }), source: name, now: time }),
  ({ workflow, now, ...drawn }, model): BoundStep => {
    const given = {
      ...drawn,
      workflowId: model.known.pick<WorkflowId>("workflow", workflow),
      digest: "d",
      origin: "t",
    };
    return {
      perform: ({ stores }, tx) => stores.scripts.create(given, now, tx),
      settle: () => {
        const own = [...model.state.scripts.values()].filter(({ workflowId }) => workflowId === given.workflowId);
        if (own.some(({ major, minor }) => major === given.major && minor === given.minor)) return taken;
        if (!model.state.workflows.has(given.workflowId)) return stranger;
        return learns(({ id }: Script) => {
          model.state.scripts.set(id, { ...given, id, createdAt: now });
          return { ...given, id, createdAt: now };
        });
      },
    };
  },
);

const byVersion = (scripts: Iterable<Script>) =>
  sortedBy(
    scripts,
    ({ major }) => major,
    ({ minor }) => minor,
  );

const readScripts = steps("versions of a workflow", "reads", choice, (workflow, model): BoundStep => {
  const id = model.known.pick<WorkflowId>("workflow", workflow);
  return {
    perform: async ({ stores: { scripts } }, tx) => ({
      all: await scripts.list(id, tx),
      latest: await scripts.findLatest(id, tx),
    }),
    settle: () => {
      const own = byVersion([...model.state.scripts.values()].filter(({ workflowId }) => workflowId === id));
      return gives({ all: own, latest: own.at(-1) ?? null });
    },
  };
});

const saveTopic = steps(
  "getOrCreate topic",
  "write",
  fc.record({ workflow: choice, name, now: time }),
  (drawn, model) => {
    const workflowId = model.known.pick<WorkflowId>("workflow", drawn.workflow);
    return {
      perform: ({ stores }, tx) => stores.topics.getOrCreate(workflowId, drawn.name, drawn.now, tx),
      settle: () => {
        const own = [...model.state.topics.values()].filter((topic) => topic.workflowId === workflowId);
        const existing = own.find((topic) => topic.name === drawn.name);
        if (existing) return gives({ ...existing });
        if (!model.state.workflows.has(workflowId)) return stranger;
        return learns(({ id }: Topic) => {
          model.known.learn("topic", id);
          model.state.topics.set(id, { id, workflowId, name: drawn.name, createdAt: drawn.now });
          return { ...model.state.topics.get(id) };
        });
      },
    };
  },
);

const deleteTopic = steps("delete topic", "write", choice, (topic, model): BoundStep => {
  const id = model.known.pick<TopicId>("topic", topic);
  return {
    perform: ({ stores }, tx) => stores.topics.delete(id, tx),
    settle: () => gives(Number(model.state.topics.delete(id))),
  };
});

export const workflowModel: ModelSpecification<WorkflowState> = {
  name: "platforms, workflows, versions and topics",
  steps: oftenAndRarely(
    [
      savePlatform,
      create,
      create,
      update,
      update,
      saveConfig,
      read,
      createScript,
      createScript,
      readScripts,
      saveTopic,
      saveTopic,
    ],
    [deletePlatform, deleteWorkflow, deleteWorkflow, deleteTopic],
  ),
  begin({ platforms, workflows, scripts, topics }, known) {
    for (const { id } of platforms) known.learn("platform", id);
    for (const { id } of workflows) known.learn("workflow", id);
    for (const { id } of topics) known.learn("topic", id);
    const byId = <Row extends { id: string }>(rows: readonly Row[]) =>
      new Map<Row["id"], Row>(rows.map((row) => [row.id, structuredClone(row)]));
    return { platforms: byId(platforms), workflows: byId(workflows), scripts: byId(scripts), topics: byId(topics) };
  },
  async compare({ stores }, { platforms, workflows, scripts, topics }) {
    deepStrictEqual(
      await stores.platforms.list(),
      sortedBy(platforms.values(), (platform) => platform.name),
    );
    deepStrictEqual(await stores.workflows.list(), byName(workflows.values()));
    for (const id of workflows.keys()) {
      const ofIt = <Row extends { workflowId: WorkflowId }>(rows: Map<string, Row>) =>
        [...rows.values()].filter(({ workflowId }) => workflowId === id);
      deepStrictEqual(await stores.scripts.list(id), byVersion(ofIt(scripts)));
      deepStrictEqual(
        await stores.topics.list(id),
        sortedBy(ofIt(topics), (topic) => topic.name),
      );
    }
  },
};
