/** What an inspection looks at, and whose. */
import type { PlatformId, Stores, WorkflowId } from "@millrace/db";
import type { ConfigCache } from "../workflow/config-cache.ts";
import type { RowRedaction } from "../workflow/row-redaction.ts";
import type { RegisteredWorkflow } from "../workflow/workflow-registry.ts";

/** The workflows whose code this process runs. */
export interface RunningCode {
  find(id: WorkflowId): RegisteredWorkflow | null;
}

/** Where no engine runs. */
export const NO_CODE: RunningCode = { find: () => null };

export interface Inspected {
  stores: Stores;
  configs: ConfigCache;
  code: RunningCode;
  /** Whatever is shown of an output, of a run's data or of an event goes through it. */
  redaction: RowRedaction;
  /** The platform (tenant) that is looked at: nothing of another is ever shown. */
  platformId: PlatformId;
}
