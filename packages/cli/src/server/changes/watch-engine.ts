/** Writes down in the log of changes what the engine says that it does: which thing it is about, and never what is in it. */
import type { Clock, Engine } from "@millrace/agent";
import { DEFAULT_PLATFORM_ID, type Notification, type PlatformId, type Stores, type WorkflowId } from "@millrace/db";
import type { Logger } from "pino";
import type { Change } from "../contract/changes.ts";
import { logFailure } from "../log-failure.ts";
import type { ChangeLog } from "./change-log.ts";

export interface WatchOptions {
  engine: Engine;
  stores: Stores;
  log: ChangeLog;
  clock: Clock;
  logger: Logger;
}

/** Begins to watch; gives a function that ends it. */
export async function watchEngine({ engine, stores, log, clock, logger }: WatchOptions): Promise<() => void> {
  const workflows = new Map<WorkflowId, { name: string; platformId: PlatformId }>();
  const note = (platformId: PlatformId, change: Partial<Change> & Pick<Change, "kind" | "id">) =>
    log.append(platformId, { workflow: null, of: null, status: null, at: clock.now(), ...change });
  const noteOf = (id: WorkflowId, change: Partial<Change> & Pick<Change, "kind" | "id">) => {
    const workflow = workflows.get(id);
    if (workflow) note(workflow.platformId, { workflow: workflow.name, ...change });
  };
  const noteNotification = async ({ id, workflowId, jobId, kind: status }: Notification) => {
    if (workflowId !== null) return noteOf(workflowId, { kind: "notification", id, status });
    const job = jobId === null ? null : await stores.jobs.findListed(jobId);
    if (job) note(job.platformId, { kind: "notification", id, status, of: job.id });
  };

  const removers = [
    engine.on("workflow:changed", ({ id, name }) => {
      // An engine deploys to the default platform.
      workflows.set(id, { platformId: DEFAULT_PLATFORM_ID, ...workflows.get(id), name });
      noteOf(id, { kind: "workflow", id });
    }),
    engine.on("run:started", ({ id, workflowId, status }) => noteOf(workflowId, { kind: "run", id, status })),
    engine.on("run:changed", ({ id, workflowId, status }) => noteOf(workflowId, { kind: "run", id, status })),
    engine.on("mutation:changed", ({ id, workflowId, handlerRunId, status }) =>
      noteOf(workflowId, { kind: "output", id, of: handlerRunId, status }),
    ),
    engine.on("event:published", ({ id, workflowId, topic, outcome }) => {
      if (outcome !== "unchanged") noteOf(workflowId, { kind: "event", id, of: topic, status: "pending" });
    }),
    engine.on("input:registered", ({ id, workflowId, status }) => noteOf(workflowId, { kind: "input", id, status })),
    engine.on("notification:created", (notification) => {
      noteNotification(notification).catch((error: unknown) =>
        logFailure(logger, error, {}, "A notification could not be announced"),
      );
    }),
    engine.on("job:changed", ({ id, platformId, status }) => note(platformId, { kind: "job", id, status })),
    engine.on("job:deleted", (id, platformId) => note(platformId, { kind: "job", id, status: "deleted" })),
    engine.on("execution:changed", ({ id, platformId, jobId, status }) =>
      note(platformId, { kind: "execution", id, of: jobId, status }),
    ),
  ];
  for (const { id, name, platformId } of await stores.workflows.list()) workflows.set(id, { name, platformId });
  return () => {
    for (const remove of removers) remove();
  };
}
