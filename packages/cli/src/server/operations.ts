/** Every operation that the host serves, and the code of those that are about a resource. */
import { CHANGE_OPERATIONS } from "./contract/changes.ts";
import { HEALTH_OPERATIONS } from "./contract/health.ts";
import { INGEST_OPERATIONS } from "./contract/ingest.ts";
import type { AnyOperation } from "./contract/operation.ts";
import { RESOURCE_OPERATIONS } from "./contract/operations.ts";
import { SESSION_OPERATIONS } from "./contract/session.ts";
import type { Implementation } from "./implementation.ts";
import { ATTENTION_IMPLEMENTATIONS } from "./routes/attention.ts";
import { AUDIT_IMPLEMENTATIONS } from "./routes/audit.ts";
import { EVENT_IMPLEMENTATIONS } from "./routes/events.ts";
import { EXECUTION_IMPLEMENTATIONS } from "./routes/executions.ts";
import { HEALTH_IMPLEMENTATIONS } from "./routes/health.ts";
import { INPUT_IMPLEMENTATIONS } from "./routes/inputs.ts";
import { JOB_IMPLEMENTATIONS } from "./routes/jobs.ts";
import { OUTPUT_IMPLEMENTATIONS } from "./routes/outputs.ts";
import { OVERVIEW_IMPLEMENTATIONS } from "./routes/overview.ts";
import { RUN_IMPLEMENTATIONS } from "./routes/runs.ts";
import { WORKFLOW_IMPLEMENTATIONS } from "./routes/workflows.ts";

export const RESOURCE_IMPLEMENTATIONS: readonly Implementation[] = [
  ...ATTENTION_IMPLEMENTATIONS,
  ...AUDIT_IMPLEMENTATIONS,
  ...EVENT_IMPLEMENTATIONS,
  ...EXECUTION_IMPLEMENTATIONS,
  ...HEALTH_IMPLEMENTATIONS,
  ...INPUT_IMPLEMENTATIONS,
  ...JOB_IMPLEMENTATIONS,
  ...OUTPUT_IMPLEMENTATIONS,
  ...OVERVIEW_IMPLEMENTATIONS,
  ...RUN_IMPLEMENTATIONS,
  ...WORKFLOW_IMPLEMENTATIONS,
];

export const OPERATIONS: readonly AnyOperation[] = [
  ...SESSION_OPERATIONS,
  ...RESOURCE_OPERATIONS,
  ...CHANGE_OPERATIONS,
  ...INGEST_OPERATIONS,
  ...HEALTH_OPERATIONS,
];
