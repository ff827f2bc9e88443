/** Asks connectors what became of uncertain mutations, one question at a time for each of them. */
import type { Mutation, MutationId, Stores } from "@millrace/db";
import type { Logger } from "pino";
import { callReconcile, type CallDependencies } from "../handlers/call-connector.ts";
import type { LoopWatch } from "../stall/loop-watch.ts";
import { persist, type PersistDependencies } from "../handlers/persist.ts";
import type { MutationLedger } from "../execution/mutation-ledger.ts";
import { findOperation, type WorkflowRegistry } from "../workflow/workflow-registry.ts";

export interface ReconcilerDependencies extends CallDependencies, PersistDependencies {
  stores: Stores;
  ledger: MutationLedger;
  registry: WorkflowRegistry;
  logger: Logger;
  loopWatch: LoopWatch;
}

/** `deferred`: this process does not have the code that could ask. */
export type ReconcileResult = { kind: "answered"; mutation: Mutation } | { kind: "deferred"; mutation: Mutation };

export class Reconciler {
  private readonly dependencies: ReconcilerDependencies;
  private readonly asking = new Set<MutationId>();

  constructor(dependencies: ReconcilerDependencies) {
    this.dependencies = dependencies;
  }

  /** Asks once; null when the mutation waits for no answer, or is being asked about. */
  async runOnce(id: MutationId): Promise<ReconcileResult | null> {
    if (this.asking.has(id)) return null;
    this.asking.add(id);
    try {
      const mutation = await persist(this.dependencies, () => this.dependencies.stores.mutations.get(id));
      return mutation.status === "needs_reconcile" ? await this.ask(mutation) : null;
    } finally {
      this.asking.delete(id);
    }
  }

  private async ask(mutation: Mutation): Promise<ReconcileResult> {
    const { registry, ledger, stopSignal, logger } = this.dependencies;
    const workflow = registry.find(mutation.workflowId);
    const operation = workflow && findOperation(workflow, mutation.connector, mutation.operation);
    if (!workflow || operation?.kind !== "mutation") return { kind: "deferred", mutation };
    const answer = operation.reconcile
      ? await this.watched(mutation, () => callReconcile(this.dependencies, operation, mutation, stopSignal))
      : { outcome: "inconclusive" as const, reason: "the operation can't be asked what became of it." };
    logger.info({ workflow: workflow.name, mutation: mutation.id, answer: answer.outcome }, "mutation reconciled");
    const terms = { canReconcile: operation.reconcile !== undefined, settleMs: operation.settleMs ?? 0 };
    const settled = await persist(this.dependencies, () => ledger.recordAnswer(mutation.id, answer, terms));
    return { kind: "answered", mutation: settled };
  }

  private async watched<T>({ id, workflowId, connector, operation }: Mutation, ask: () => Promise<T>): Promise<T> {
    const what = `the reconcile of ${connector}.${operation}`;
    const span = this.dependencies.loopWatch.begin({ what, which: `mutation ${id}`, owner: { workflowId } });
    try {
      return await span.call(ask);
    } finally {
      span.end();
    }
  }
}
