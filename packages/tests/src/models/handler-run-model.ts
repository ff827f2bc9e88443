/** The model of runs, their logs and their sessions. */
import { deepStrictEqual } from "node:assert/strict";
import * as fc from "fast-check";
import { runSteps } from "./handler-run-steps.ts";
import type { RunState } from "./handler-run-state.ts";
import type { ModelSpecification } from "./model-specification.ts";
import { newestFirst } from "./order.ts";

const ALL = { limit: 10_000 };

export const handlerRunModel: ModelSpecification<RunState> = {
  name: "runs and sessions",
  steps: fc.oneof(...runSteps),
  begin({ runs, sessions, workflows, scripts }, known) {
    for (const { id } of runs) known.learn("run", id);
    for (const { id } of sessions) known.learn("session", id);
    for (const { id } of workflows) known.learn("workflow", id);
    const scriptOf = (workflowId: string) => scripts.find((script) => script.workflowId === workflowId)?.id;
    return {
      runs: new Map(runs.map((run) => [run.id, structuredClone(run)])),
      logs: new Map(runs.map(({ id }) => [id, []])),
      sessions: new Map(sessions.map((session) => [session.id, structuredClone(session)])),
      workflows: new Map(
        workflows.flatMap(({ id, platformId }) => {
          const script = scriptOf(id);
          return script ? [[id, { platformId, script }]] : [];
        }),
      ),
    };
  },
  async compare({ stores }, state) {
    deepStrictEqual(
      await stores.handlerRuns.list(ALL),
      newestFirst(state.runs.values(), (run) => run.startedAt),
    );
    for (const [id, logs] of state.logs) deepStrictEqual(await stores.handlerRuns.listLogs(id), logs);
    for (const workflowId of state.workflows.keys()) {
      const own = [...state.sessions.values()].filter((session) => session.workflowId === workflowId);
      deepStrictEqual(
        await stores.sessions.list(workflowId, ALL.limit),
        newestFirst(own, (session) => session.startedAt),
      );
    }
  },
};
