/** What people decide: approvals, verdicts on uncertain mutations, retries by hand. Each is one transaction. */
import type {
  HandlerRun,
  JsonValue,
  Mutation,
  MutationId,
  MutationPatch,
  PlatformId,
  Resolution,
  WorkflowId,
} from "@millrace/db";
import { MillraceError, NotResolvableError } from "../errors.ts";
import { redactText } from "../redaction.ts";
import { isOpen, type MutationLedger } from "./mutation-ledger.ts";
import { isLegal } from "./transitions.ts";
import type { ExecutionDependencies, Step, TransitionApplier } from "./transition-applier.ts";

/** Who decides, and on what grounds. */
export interface Decider {
  /** A name or address of the person. */
  by: string;
  /** What they looked at and found. */
  evidence?: string | undefined;
}

export type MutationVerdict = Decider & {
  verdict: Resolution;
  /** With `happened`: what the call would have given. */ result?: JsonValue | undefined;
};

/** Which uncertain mutations to settle at once: those of a connector in a time span (a provider's outage). */
export interface BulkSelector {
  connector: string;
  /** Sent at or after this time, in Unix milliseconds. */
  from: number;
  /** Sent before this time, in Unix milliseconds. */
  before: number;
  /** Only those of this platform (tenant). */
  platformId?: PlatformId;
}

export interface BulkResult {
  matched: MutationId[];
  resolved: MutationId[];
  refused: { id: MutationId; reason: string }[];
}

/** What a person has found, as it is kept: without what looks like a secret. */
export function told(evidence: string | undefined): string | null {
  return evidence === undefined ? null : redactText(evidence);
}

const BULK_LIMIT = 10_000;

export class Resolutions {
  private readonly dependencies: ExecutionDependencies;
  private readonly applier: TransitionApplier;
  private readonly ledger: MutationLedger;

  constructor(dependencies: ExecutionDependencies, applier: TransitionApplier, ledger: MutationLedger) {
    this.dependencies = dependencies;
    this.applier = applier;
    this.ledger = ledger;
  }

  /**
   * Settles one uncertain mutation. `happened` and `skip`: its run continues in `next`; `did_not_happen`: its events
   * are free for a fresh run; `try_again`: the connector is asked anew.
   * @throws NotFoundError; NotResolvableError when its outcome is not open
   */
  resolve(id: MutationId, decision: MutationVerdict): Promise<Mutation> {
    return this.applier.inOneTransaction("mutation.resolve", async (step) => {
      const { mutations, handlerRuns } = this.dependencies.stores;
      const mutation = await mutations.get(id, step.tx);
      if (!isOpen(mutation)) {
        throw new NotResolvableError(
          `Mutation ${id} is ${mutation.status}${mutation.resolution ? ` (${mutation.resolution})` : ""}; only one whose outcome is unknown can be resolved.`,
        );
      }
      const run = await handlerRuns.get(mutation.handlerRunId, step.tx);
      const { verdict, by, result = null } = decision;
      const evidence = await this.withoutSecrets(step, decision.evidence, { ...mutation, result });
      await this.settle(step, run, mutation, { ...decision, evidence });
      await this.logDecision(step, run, `resolved as ${verdict} by ${by}`, {
        mutation: id,
        evidence: told(evidence),
      });
      return this.applier.announceMutation(step, id);
    });
  }

  /** The uncertain mutations that a bulk decision would settle. */
  async matching({ connector, from, before, platformId }: BulkSelector): Promise<Mutation[]> {
    // One that waited for approval was created long before it was sent.
    const found = await this.dependencies.stores.mutations.list({
      connector,
      createdBefore: before,
      statuses: ["needs_reconcile", "indeterminate"],
      limit: BULK_LIMIT,
      ...(platformId && { platformId }),
    });
    return found.filter((mutation) => {
      const sentAt = mutation.sentAt ?? mutation.createdAt;
      return isOpen(mutation) && sentAt >= from && sentAt < before;
    });
  }

  /** Settles many, each in a transaction of its own; one that has been settled meanwhile is reported, not an error. */
  async resolveMatching(selector: BulkSelector, decision: MutationVerdict): Promise<BulkResult> {
    const result: BulkResult = {
      matched: (await this.matching(selector)).map(({ id }) => id),
      resolved: [],
      refused: [],
    };
    for (const id of result.matched) {
      try {
        await this.resolve(id, decision);
        result.resolved.push(id);
      } catch (error) {
        if (!(error instanceof MillraceError)) throw error;
        result.refused.push({ id, reason: error.message });
      }
    }
    return result;
  }

  /**
   * Approves the very parameters of a pending mutation, or rejects them: then the run continues in `next`, skipped.
   * @throws NotFoundError; NotResolvableError when it does not wait for approval
   */
  approve(id: MutationId, { by, approved, ...decider }: Decider & { approved: boolean }): Promise<Mutation> {
    return this.applier.inOneTransaction("mutation.approve", async (step) => {
      const { tx, now } = step;
      const { mutations, handlerRuns } = this.dependencies.stores;
      const mutation = await mutations.get(id, tx);
      const run = await handlerRuns.get(mutation.handlerRunId, tx);
      if (mutation.status !== "pending" || mutation.approvedAt !== null || run.status !== "paused:approval") {
        throw new NotResolvableError(`Mutation ${id} is ${mutation.status}; it does not wait for approval.`);
      }
      const evidence = await this.withoutSecrets(step, decider.evidence, mutation);
      if (approved) {
        await mutations.annotate(id, { approvedBy: by, approvedAt: now, approvalEvidence: told(evidence) }, now, tx);
        await this.applier.apply(step, run, { type: "approval_granted" });
      } else {
        const patch = { error: `Rejected by ${by}.`, resolvedBy: by, resolvedAt: now, evidence: told(evidence) };
        await mutations.transition(id, "pending", { status: "failed", ...patch }, now, tx);
        await this.applier.apply(step, run, { type: "approval_rejected" });
      }
      await this.logDecision(step, run, `${approved ? "approved" : "rejected"} by ${by}`, {
        mutation: id,
        evidence: told(evidence),
      });
      return this.applier.announceMutation(step, id);
    });
  }

  /**
   * Lets the failed run of a workflow be tried again now.
   * @throws NotFoundError; NotResolvableError when there is none, or it waits for something else
   */
  retry(workflowId: WorkflowId, { by, evidence }: Decider): Promise<HandlerRun> {
    return this.applier.inOneTransaction("run.retry", async (step) => {
      const { workflows, handlerRuns } = this.dependencies.stores;
      const workflow = await workflows.get(workflowId, step.tx);
      if (workflow.pendingRetryRunId === null) {
        throw new NotResolvableError(`Workflow "${workflow.name}" has no failed run to retry.`);
      }
      const run = await handlerRuns.get(workflow.pendingRetryRunId, step.tx);
      if (!isLegal(run, "retry_requested")) {
        throw new NotResolvableError(
          `Run ${run.id} of workflow "${workflow.name}" is ${run.status}: it waits for a decision about its mutation, not for a retry.`,
        );
      }
      await this.logDecision(step, run, `retry requested by ${by}`, { evidence: told(evidence) });
      return this.applier.apply(step, run, { type: "retry_requested" });
    });
  }

  private async settle(step: Step, run: HandlerRun, mutation: Mutation, decision: MutationVerdict): Promise<void> {
    const { verdict, by, evidence, result } = decision;
    const { mutations } = this.dependencies.stores;
    const { now, tx } = step;
    const record: MutationPatch = { resolution: verdict, evidence: told(evidence) };
    switch (verdict) {
      case "happened":
        await this.ledger.settleApplied(step, run, mutation, result, by);
        return mutations.annotate(mutation.id, record, now, tx);
      case "did_not_happen":
        await this.ledger.settleNotApplied(step, run, mutation, { kind: "person", name: by });
        return mutations.annotate(mutation.id, record, now, tx);
      case "skip":
        return this.skip(step, run, mutation, { ...record, resolvedBy: by, resolvedAt: now, nextReconcileAt: null });
      case "try_again": {
        const anew = { reconcileAttempts: 0, notAppliedCount: 0, uncertainSince: now, nextReconcileAt: now };
        await mutations.transition(
          mutation.id,
          mutation.status,
          { ...record, ...anew, resolvedBy: by, status: "needs_reconcile" },
          now,
          tx,
        );
        await this.applier.apply(step, run, { type: "reconcile_resumed" });
      }
    }
  }

  /** The row stays indeterminate, because nobody knows; the resolution says that it no longer matters. */
  private async skip(step: Step, run: HandlerRun, mutation: Mutation, record: MutationPatch): Promise<void> {
    const { mutations } = this.dependencies.stores;
    if (mutation.status === "indeterminate") await mutations.annotate(mutation.id, record, step.now, step.tx);
    else
      await mutations.transition(
        mutation.id,
        mutation.status,
        { ...record, status: "indeterminate" },
        step.now,
        step.tx,
      );
    await this.applier.apply(step, run, { type: "mutation_skipped" });
  }

  /** What a person has found may quote the call. */
  private async withoutSecrets({ tx }: Step, evidence: string | undefined, about: Mutation) {
    return evidence && this.dependencies.redaction.text(evidence, about, tx);
  }

  private async logDecision({ tx, now }: Step, run: HandlerRun, message: string, data: JsonValue): Promise<void> {
    await this.dependencies.stores.handlerRuns.appendLogs(run.id, [{ at: now, level: "info", message, data }], tx);
  }
}
