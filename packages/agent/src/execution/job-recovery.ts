/**
 * What becomes of attempts whose worker is gone: they are counted as failed, and tried again by the job's policy.
 *
 * Invariant: one execution that cannot be read keeps no other from being taken up, and no engine from starting.
 */
import { CorruptRowError, type JobExecutionId, type JobId } from "@millrace/db";
import { goOn } from "./job-endings.ts";
import type { JobModel } from "./job-model.ts";
import { failUnreadable, readJob, type BrokenJob } from "./job-quarantine.ts";
import type { ExecutionDependencies, TransitionApplier } from "./transition-applier.ts";

export class JobRecovery {
  private readonly dependencies: ExecutionDependencies;
  private readonly applier: TransitionApplier;
  private readonly model: JobModel;

  constructor(dependencies: ExecutionDependencies, applier: TransitionApplier, model: JobModel) {
    this.dependencies = dependencies;
    this.applier = applier;
    this.model = model;
  }

  /**
   * Ends attempts whose worker is gone. Gives how many.
   * @param all at start-up: whatever the lease says, for the engine that held it is gone; but for what is `unsettled`
   * @param broken gets the jobs that cannot be read
   * @param isHeld whether an execution is held by this very engine, which renews its lease
   */
  async recoverLost(all: boolean, broken: BrokenJob[], isHeld: (id: JobExecutionId) => boolean): Promise<number> {
    const { stores, clock, policy } = this.dependencies;
    const { ticksPerTransaction } = policy.jobs;
    let recovered = 0;
    for (let before = -1; recovered > before;) {
      before = recovered;
      const by = all ? Number.MAX_SAFE_INTEGER : clock.now();
      const list = () => stores.jobExecutions.listLost(by, all, ticksPerTransaction);
      const lost = await this.pastUnreadable(list, broken);
      for (const execution of lost) {
        if (isHeld(execution.id)) continue;
        const job = await this.applier.inOneTransaction("recovery.readJob", (step) =>
          readJob(stores, step, execution.jobId, broken),
        );
        if (!job) {
          await this.fail(execution.id, "Its job cannot be read.", broken);
          recovered += 1;
          continue;
        }
        const message = all
          ? "The process ended during the attempt."
          : "The attempt's lease expired without being renewed.";
        const failure = { message, type: "WorkerLost", stack: null };
        await this.model.recordOutcome({ claimed: { execution, job }, outcome: { kind: "lost", failure }, logs: [] });
        recovered += 1;
      }
      if (lost.length < ticksPerTransaction) break;
    }
    return recovered;
  }

  /** When the earliest claim of another worker expires, in Unix milliseconds; null where there is none. */
  earliestForeignLease(workerId: string): Promise<number | null> {
    return this.dependencies.stores.jobExecutions.earliestForeignLease(workerId);
  }

  /** Reads running executions; those that cannot be read have failed, and are out of the way. */
  private async pastUnreadable<T>(read: () => Promise<T>, broken: BrokenJob[]): Promise<T> {
    for (;;) {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof CorruptRowError) || error.table !== "job_executions") throw error;
        const { id, message } = error;
        // It is the id of the row that was read.
        const own = id as JobExecutionId;
        broken.push({ jobId: await this.fail(own, message, broken), error });
      }
    }
  }

  /** Ends an execution that cannot be gone on with; its job goes on. Gives the job. */
  private fail(id: JobExecutionId, message: string, broken: BrokenJob[]): Promise<JobId> {
    const { stores } = this.dependencies;
    return this.applier.inOneTransaction("recovery.failExecution", async (step) => {
      const jobId = await failUnreadable(stores, step, id, message);
      const job = await readJob(stores, step, jobId, broken);
      if (job) await goOn(stores, step, job, false);
      return jobId;
    });
  }
}
