/**
 * The jobs of a database that no engine of this process runs: they can be seen, scheduled and decided about. What is due
 * is done by the engine that runs the database, once it looks there.
 */
import type { PlatformId } from "@millrace/db";
import { JobModel } from "../execution/job-model.ts";
import { JobRegistration } from "../execution/job-registration.ts";
import { JobTriggers } from "../execution/job-triggers.ts";
import type { ExecutionDependencies, TransitionApplier } from "../execution/transition-applier.ts";
import { JobStateError } from "../job-errors.ts";
import { JobScheduler, type JobHandlers, type JobSchedulerDependencies } from "./job-scheduler.ts";

/** Which handlers there are is known where the jobs run: a job whose handler is missing there waits, and a person is told. */
const ANY_HANDLER: JobHandlers = {
  register() {
    throw new JobStateError("Only a running engine can let a function handle an event.");
  },
  unregister: () => undefined,
  check: () => Promise.resolve(),
  assertKnown: () => undefined,
};

/** Nobody here is to be told. */
const NO_SIGNALS: JobSchedulerDependencies["signals"] = {
  onWork: () => undefined,
  onReady: () => undefined,
  stopExecutions: () => undefined,
  onHandlersChanged: () => Promise.resolve(),
};

/** Gives the jobs of a platform. @param isRunning whether an engine runs them elsewhere */
export function offlineJobs(
  execution: ExecutionDependencies,
  applier: TransitionApplier,
  isRunning: () => boolean,
): (platformId: PlatformId) => JobScheduler {
  const dependencies = {
    ...execution,
    registration: new JobRegistration(execution, applier),
    triggers: new JobTriggers(execution, applier),
    jobModel: new JobModel(execution, applier),
    handlers: ANY_HANDLER,
    signals: NO_SIGNALS,
    isRunning,
  };
  return (platformId) => new JobScheduler(dependencies, platformId);
}
