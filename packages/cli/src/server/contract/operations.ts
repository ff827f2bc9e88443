/** Every operation of the HTTP API. What is not listed here does not exist. */
import { ATTENTION_OPERATIONS } from "./attention.ts";
import { EVENT_OPERATIONS } from "./events.ts";
import { EXECUTION_OPERATIONS } from "./executions.ts";
import { INPUT_OPERATIONS } from "./inputs.ts";
import { JOB_OPERATIONS } from "./jobs.ts";
import { OUTPUT_OPERATIONS } from "./outputs.ts";
import { OVERVIEW_OPERATIONS } from "./overview.ts";
import { RUN_OPERATIONS } from "./runs.ts";
import { WORKFLOW_OPERATIONS } from "./workflows.ts";

export const RESOURCE_OPERATIONS = [
  ...OVERVIEW_OPERATIONS,
  ...ATTENTION_OPERATIONS,
  ...WORKFLOW_OPERATIONS,
  ...INPUT_OPERATIONS,
  ...OUTPUT_OPERATIONS,
  ...RUN_OPERATIONS,
  ...EVENT_OPERATIONS,
  ...JOB_OPERATIONS,
  ...EXECUTION_OPERATIONS,
] as const;
