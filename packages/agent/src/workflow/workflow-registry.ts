/** The workflows whose code this process has. */
import type { ScriptId, TopicId, WorkflowId } from "@millrace/db";
import type { Connector, Operation } from "../connectors/define-connector.ts";
import type { WorkflowDefinition } from "./workflow-definition.ts";
import type { HandlerConfig } from "./handler-config.ts";

/** A deployed workflow with its code. */
export interface RegisteredWorkflow {
  readonly id: WorkflowId;
  readonly name: string;
  readonly definition: WorkflowDefinition;
  readonly config: HandlerConfig;
  /** The version that runs. */
  readonly scriptId: ScriptId;
  readonly topicIds: ReadonlyMap<string, TopicId>;
  /** The connectors that are called: the workflow's own, or those that the engine was given in their place. */
  readonly connectors: Readonly<Record<string, Connector>>;
}

export class WorkflowRegistry {
  private readonly workflows = new Map<WorkflowId, RegisteredWorkflow>();
  private readonly ids = new Map<string, WorkflowId>();

  add(workflow: RegisteredWorkflow): void {
    this.workflows.set(workflow.id, workflow);
    this.ids.set(workflow.name, workflow.id);
  }

  find(id: WorkflowId): RegisteredWorkflow | null {
    return this.workflows.get(id) ?? null;
  }

  findByName(name: string): RegisteredWorkflow | null {
    const id = this.ids.get(name);
    return id === undefined ? null : this.find(id);
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
