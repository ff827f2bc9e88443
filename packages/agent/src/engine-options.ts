/** What an engine is given. */
import type { Logger } from "pino";
import type { Connector } from "./connectors/define-connector.ts";
import type { AgentRunner, JobHandler } from "./jobs/handler-registry.ts";
import type { OperationsOptions } from "./operations.ts";
import type { InputDescription } from "./workflow/types.ts";
import type { WorkflowDefinition } from "./workflow/workflow-definition.ts";

export interface EngineOptions extends Omit<OperationsOptions, "engineRuns"> {
  /** Deployed by `start`. */
  workflows?: readonly WorkflowDefinition[];
  /** Used in place of the workflows' own connectors of the same name. */
  connectors?: Readonly<Record<string, Connector>>;
  /** The functions that jobs run. */
  jobHandlers?: readonly JobHandler[];
  /** Runs the jobs of handler type `agent`. Without it they are refused. */
  agentRunner?: AgentRunner;
  /** Default: a silent logger. */
  logger?: Logger;
  /** A number in [0, 1), for jitter. Default `Math.random`. */
  random?: () => number;
  /** Says on standard error while a handler blocks the event loop, from a thread of its own. Default false. */
  watchThread?: boolean;
}

/** An event from outside a workflow. */
export interface OutsideEvent {
  messageId: string;
  payload: unknown;
  /** The input that it comes from. Default: `{ source: "publish", type: <topic>, externalId: <messageId> }`. */
  input?: InputDescription;
  /** Leaves a pending event of this message id as it is, so that the first write wins. Default false. */
  keepsPending?: boolean;
}

/** What jobs can run. */
export interface JobTargets {
  functions: string[];
  workflows: { name: string; producers: string[]; topics: string[] }[];
  /** Whether there is an agent runner. */
  agents: boolean;
}
