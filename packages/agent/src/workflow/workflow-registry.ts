/** The workflows whose code this process has. */
import type { ScriptId, WorkflowId } from "@millrace/db";
import type { Connector, Operation } from "../connectors/define-connector.ts";
import type { WorkflowDefinition } from "./workflow-definition.ts";
import type { HandlerConfig } from "./handler-config.ts";
import type { TopicIds } from "./topic-ids.ts";

/** A deployed workflow with its code. */
export interface RegisteredWorkflow {
  readonly id: WorkflowId;
  readonly name: string;
  readonly definition: WorkflowDefinition;
  readonly config: HandlerConfig;
  /** The version that runs. */
  readonly scriptId: ScriptId;
  readonly topicIds: TopicIds;
  /** The connectors that are called: the workflow's own, or those that the engine was given in their place. */
  readonly connectors: Readonly<Record<string, Connector>>;
}

export class WorkflowRegistry {
  private readonly workflows = new Map<WorkflowId, RegisteredWorkflow>();
  private readonly byName = new Map<string, RegisteredWorkflow>();

  add(workflow: RegisteredWorkflow): void {
    this.workflows.set(workflow.id, workflow);
    this.byName.set(workflow.name, workflow);
  }

  find(id: WorkflowId): RegisteredWorkflow | null {
    return this.workflows.get(id) ?? null;
  }

  findByName(name: string): RegisteredWorkflow | null {
    return this.byName.get(name) ?? null;
  }

  get size(): number {
    return this.workflows.size;
  }

  names(): string[] {
    return [...this.byName.keys()];
  }

  /** What jobs can run of them. */
  targets(): { name: string; producers: string[]; topics: string[] }[] {
    return this.list().map(({ name, config: { producers, topics } }) => ({
      name,
      producers: Object.keys(producers),
      topics,
    }));
  }

  list(): RegisteredWorkflow[] {
    return [...this.workflows.values()];
  }
}

/** An operation by the names under which the ledger knows it; null where the code has none. */
export function findOperation(workflow: RegisteredWorkflow, connector: string, operation: string): Operation | null {
  const operations = workflow.connectors[connector]?.operations;
  return operations && Object.hasOwn(operations, operation) ? (operations[operation] ?? null) : null;
}
