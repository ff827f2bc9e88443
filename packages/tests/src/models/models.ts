/** Every model. */
import { eventModel } from "./event-model.ts";
import { openExecutionGround } from "./execution-ground.ts";
import { executionModel } from "./execution-model.ts";
import { handlerRunModel } from "./handler-run-model.ts";
import { jobExecutionModel } from "./job-execution-model.ts";
import { jobModel } from "./job-model.ts";
import { jobVerbModel, openJobGround } from "./job-verb-model.ts";
import { memoryModel } from "./memory-model.ts";
import { mutationModel } from "./mutation-model.ts";
import { notificationModel } from "./notification-model.ts";
import { modelOf, modelOn, type Model } from "./run-model.ts";
import { workflowModel } from "./workflow-model.ts";

export const MODELS = {
  events: modelOf(eventModel),
  runs: modelOf(handlerRunModel),
  mutations: modelOf(mutationModel),
  memory: modelOf(memoryModel),
  workflows: modelOf(workflowModel),
  notifications: modelOf(notificationModel),
  jobs: modelOf(jobModel),
  jobExecutions: modelOf(jobExecutionModel),
  execution: modelOn(executionModel, openExecutionGround),
  jobExecution: modelOn(jobVerbModel, openJobGround),
} as const satisfies Record<string, Model>;
