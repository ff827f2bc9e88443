/** Parses a workflow's handler configuration once for each version of it. */
import type { Workflow, WorkflowId } from "@millrace/db";
import { parseHandlerConfig, type HandlerConfig } from "./handler-config.ts";

export class ConfigCache {
  private readonly entries = new Map<WorkflowId, { version: number; config: HandlerConfig }>();

  /** @throws CorruptRowError when the stored configuration is not valid */
  get(workflow: Pick<Workflow, "id" | "configVersion" | "handlerConfig">): HandlerConfig {
    const cached = this.entries.get(workflow.id);
    if (cached?.version === workflow.configVersion) return cached.config;
    const config = parseHandlerConfig(workflow);
    this.entries.set(workflow.id, { version: workflow.configVersion, config });
    return config;
  }

  /** Forgets a workflow, so that its next `get` parses again. */
  invalidate(id: WorkflowId): void {
    this.entries.delete(id);
  }
}
