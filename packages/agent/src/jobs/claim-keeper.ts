/**
 * Keeps the claims of what runs here, and takes up those that nobody keeps any more.
 *
 * Invariant: a lease that expires is looked at, also when the first look fails; one that is kept here never is.
 */
import type { JobExecutionId } from "@millrace/db";
import type { JobModel } from "../execution/job-model.ts";
import type { BrokenJob } from "../execution/job-quarantine.ts";
import type { JobRecovery } from "../execution/job-recovery.ts";
import { persist, type PersistDependencies } from "../handlers/persist.ts";
import { ClaimLostError, JobCancelledError } from "../job-errors.ts";
import type { AgendaSection } from "../scheduling/agenda.ts";
import type { Attempt } from "./job-executor.ts";

export type ClaimDuty = "heartbeat" | "leases";

export interface KeeperDependencies extends PersistDependencies {
  jobModel: JobModel;
  recovery: JobRecovery;
}

export class ClaimKeeper {
  private readonly dependencies: KeeperDependencies;
  private readonly agenda: AgendaSection<ClaimDuty>;
  private readonly workerId: string;
  private readonly attempts: ReadonlyMap<JobExecutionId, Attempt>;
  private renewedAt = Number.NEGATIVE_INFINITY;
  private nextLease = Number.POSITIVE_INFINITY;

  /** @param attempts what runs here, as it is at each moment */
  constructor(
    dependencies: KeeperDependencies,
    agenda: AgendaSection<ClaimDuty>,
    workerId: string,
    attempts: ReadonlyMap<JobExecutionId, Attempt>,
  ) {
    this.dependencies = dependencies;
    this.agenda = agenda;
    this.workerId = workerId;
    this.attempts = attempts;
  }

  /** Something begins to run: its lease is to be renewed at a third of its time. */
  begin(): void {
    const { clock, policy } = this.dependencies;
    this.agenda.set("heartbeat", clock.now() + Math.ceil(policy.jobs.leaseMs / 3), "heartbeat");
  }

  /** Renews the claims of what runs; hears of lost ones, and of cancellations that another process has asked for. */
  async renew(): Promise<void> {
    if (this.attempts.size === 0) return;
    this.begin();
    const { jobModel } = this.dependencies;
    const attempts = [...this.attempts.values()];
    const held = await jobModel.renew(attempts.map(({ claimed }) => claimed.execution));
    this.renewedAt = this.dependencies.clock.now();
    for (const attempt of attempts) {
      const { id } = attempt.claimed.execution;
      const claim = held.get(id);
      if (!claim) attempt.stop(new ClaimLostError());
      else if (claim.cancelRequested) attempt.stop(new JobCancelledError("Its cancellation was asked for."));
      const logs = claim ? attempt.drainLogs() : [];
      if (logs.length > 0) await jobModel.appendLogs(id, logs);
    }
  }

  /** How many of those that run here have a lease that has expired: nothing could renew it in time. */
  countExpired(): number {
    const { clock, policy } = this.dependencies;
    const expired = clock.now() - policy.jobs.leaseMs;
    const heldSince = ({ claimed }: Attempt) => Math.max(this.renewedAt, claimed.execution.startedAt ?? 0);
    return [...this.attempts.values()].filter((attempt) => heldSince(attempt) <= expired).length;
  }

  /** Leases that nobody here renews are looked at when they expire. */
  async watchForeignLeases(): Promise<void> {
    const at = await this.dependencies.recovery.earliestForeignLease(this.workerId);
    if (at !== null) this.noteLease(at);
  }

  /** Notes when a lease expires that nobody renews, in Unix milliseconds. */
  noteLease(at: number): void {
    if (at >= this.nextLease) return;
    this.nextLease = at;
    this.agenda.set("leases", at, "leases");
  }

  /** Takes up what has expired. @param broken gets the jobs that cannot be read */
  async takeUpExpired(broken: BrokenJob[]): Promise<void> {
    const { clock, policy, recovery } = this.dependencies;
    this.nextLease = Number.POSITIVE_INFINITY;
    try {
      await persist(this.dependencies, () => recovery.recoverLost(false, broken, (id) => this.attempts.has(id)));
      await this.watchForeignLeases();
    } catch (error) {
      this.noteLease(clock.now() + policy.jobs.leaseMs);
      throw error;
    }
  }
}
