/**
 * Lets jobs run: turns due ticks into executions, takes those that are ready as far as there is room, and lets the keeper
 * keep their claims. Woken by the agenda and by those who make work, it polls nothing; its cost follows what is due.
 *
 * Invariants:
 * 1. One look at a time; what comes meanwhile makes another one.
 * 2. An execution starts only after its claim is on disk.
 * 3. After `stop` nothing is taken; what runs is waited for, told to stop, and only given back once it has settled.
 */
import type { Job, JobExecutionId, JobId, ReadyExecution, Stores } from "@millrace/db";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { BrokenJob } from "../execution/job-quarantine.ts";
import type { ClaimResult, FiredTicks, JobIntake, Look } from "../execution/job-intake.ts";
import type { ClaimedExecution, JobModel } from "../execution/job-model.ts";
import type { JobOutcomes } from "../execution/job-outcomes.ts";
import type { JobRecovery } from "../execution/job-recovery.ts";
import {
  deferForMissingHandler,
  reportDeadSchedule,
  settleMissingHandlers,
  type NoticeDependencies,
} from "../execution/notices.ts";
import { persist, type PersistDependencies } from "../handlers/persist.ts";
import { ClaimLostError, JobCancelledError, JobInterruptedError } from "../job-errors.ts";
import type { Policy } from "../policy.ts";
import type { Activity } from "../scheduling/activity.ts";
import type { Agenda, AgendaSection } from "../scheduling/agenda.ts";
import type { LoopWatch } from "../stall/loop-watch.ts";
import { ClaimKeeper, type ClaimDuty } from "./claim-keeper.ts";
import { ConcurrencyLimits, type Places } from "./concurrency-limits.ts";
import type { HandlerRegistry, JobRunner } from "./handler-registry.ts";
import { Attempt, type AttemptReport, type StopReason } from "./job-executor.ts";
import { Parking } from "./parking.ts";

export interface DispatcherDependencies extends PersistDependencies, NoticeDependencies {
  clock: Clock;
  policy: Policy;
  logger: Logger;
  stores: Stores;
  intake: JobIntake;
  jobModel: JobModel;
  outcomes: JobOutcomes;
  recovery: JobRecovery;
  handlers: HandlerRegistry;
  agenda: Agenda;
  activity: Activity;
  loopWatch: LoopWatch;
  /** What the claims of this engine carry; no two engines have the same. */
  workerId: string;
}

/** What those who make work tell the one who lets it run. */
export interface JobSignals {
  /** Something may be ready, or is due at a time (Unix milliseconds). */
  onWork(dueAt: number): void;
  /** Something is ready, and nothing else is due by that. */
  onReady(): void;
  /** These executions run and are to stop. */
  stopExecutions(ids: readonly JobExecutionId[], reason: StopReason): void;
}

type Duty = "due" | ClaimDuty;

/** What is admitted: the code that it runs, and the places that it takes. */
type Admitted = Map<JobExecutionId, { runner: JobRunner; places: Places }>;

export class JobDispatcher implements JobSignals {
  private readonly dependencies: DispatcherDependencies;
  private readonly agenda: AgendaSection<Duty>;
  private readonly keeper: ClaimKeeper;
  private readonly limits: ConcurrencyLimits;
  private readonly parking: Parking;
  private readonly attempts = new Map<JobExecutionId, Attempt>();
  private readonly finishing = new Set<Promise<void>>();
  private readonly deferred = new Map<string, JobId>();
  private looking: Promise<void> | null = null;
  private lookAgain = false;
  private mayBeDue = false;
  private mayBeReady = false;
  private nextDue = Number.POSITIVE_INFINITY;
  private started = false;

  constructor(dependencies: DispatcherDependencies) {
    this.dependencies = dependencies;
    this.limits = new ConcurrencyLimits(dependencies.policy.jobs.maxConcurrent);
    this.parking = new Parking(this.limits);
    this.agenda = dependencies.agenda.section((duties: Duty[]) => this.onDuties(duties));
    this.keeper = new ClaimKeeper(dependencies, this.agenda, this.dependencies.workerId, this.attempts);
    dependencies.activity.watch(() => this.isIdle);
    dependencies.stopSignal.addEventListener("abort", () => this.interruptAll(), { once: true });
  }

  /** Takes up what an earlier engine left, and begins. Gives how many attempts were found under way. */
  async start(): Promise<number> {
    const { recovery, stores } = this.dependencies;
    const broken: BrokenJob[] = [];
    const lost = await recovery.recoverLost(true, broken, () => false);
    await this.report(broken);
    await settleMissingHandlers(this.dependencies, (job) => this.dependencies.handlers.find(job) !== null);
    for (const waitsFor of await stores.jobExecutions.listWaits()) {
      if (waitsFor.startsWith("limit ") || waitsFor.startsWith("handler ")) this.parking.freeAll(waitsFor);
    }
    this.started = true;
    await this.keeper.watchForeignLeases();
    this.onWork(this.dependencies.clock.now());
    return lost;
  }

  /** Takes nothing any more; resolves when what runs has ended, or its engine has stopped waiting for it. */
  async stop(): Promise<void> {
    this.started = false;
    this.agenda.delete("due");
    await this.looking;
    while (this.finishing.size > 0) await Promise.allSettled(this.finishing);
    this.agenda.close();
    this.dependencies.activity.changed();
  }

  onWork(dueAt: number): void {
    if (!this.started) return;
    if (dueAt > this.dependencies.clock.now()) return this.noteDue(dueAt);
    this.mayBeDue = true;
    this.onReady();
  }

  onReady(): void {
    if (!this.started) return;
    this.mayBeReady = true;
    this.look();
  }

  stopExecutions(ids: readonly JobExecutionId[], reason: StopReason): void {
    for (const id of ids) this.attempts.get(id)?.stop(reason);
  }

  /** Code has come that jobs may wait for. */
  async onHandlersChanged(): Promise<void> {
    if (!this.started) return;
    const { stores, handlers } = this.dependencies;
    for (const [handler, jobId] of this.deferred) {
      const job = await stores.jobs.find(jobId);
      if (job && !handlers.find(job)) continue;
      this.deferred.delete(handler);
    }
    await settleMissingHandlers(this.dependencies, (job) => handlers.find(job) !== null);
    for (const waitsFor of await stores.jobExecutions.listWaits()) {
      if (waitsFor.startsWith("handler ")) this.parking.freeAll(waitsFor);
    }
    this.onWork(this.dependencies.clock.now());
  }

  /** Another process may have changed something: work may be due, and what runs here may be cancelled. */
  async refresh(): Promise<void> {
    if (!this.started) return;
    await this.keeper.renew();
    await this.onHandlersChanged();
  }

  /** How many executions run here whose leases have expired. */
  get expiredLeases(): number {
    return this.keeper.countExpired();
  }

  private get isIdle(): boolean {
    return this.looking === null && this.attempts.size === 0 && this.finishing.size === 0;
  }

  private onDuties(duties: readonly Duty[]): void {
    for (const duty of duties) {
      switch (duty) {
        case "due":
          this.nextDue = Number.POSITIVE_INFINITY;
          this.onWork(this.dependencies.clock.now());
          break;
        case "heartbeat":
          this.track(this.keeper.renew());
          break;
        case "leases":
          this.track(this.takeUpExpired());
      }
    }
  }

  private noteDue(at: number): void {
    if (at >= this.nextDue) return;
    this.nextDue = at;
    this.agenda.set("due", at, "due");
  }

  private look(): void {
    this.lookAgain = true;
    this.looking ??= this.lookUntilDone().finally(() => {
      this.looking = null;
      // Whatever was asked for while the last look ended is looked at now.
      if (this.lookAgain && this.started) this.look();
      this.dependencies.activity.changed();
    });
  }

  private async lookUntilDone(): Promise<void> {
    const { clock, policy, logger } = this.dependencies;
    try {
      while (this.lookAgain && this.started) {
        this.lookAgain = false;
        await this.lookOnce();
      }
    } catch (error) {
      if (!this.started) return;
      logger.fatal({ err: error }, "Jobs could not be looked at; they are looked at again later");
      this.lookAgain = false;
      this.noteDue(clock.now() + policy.retry.backoff.initialMs);
    }
  }

  private async lookOnce(): Promise<void> {
    const fire = this.mayBeDue;
    const hasRoom = (this.mayBeReady || fire || this.parking.hasFreed) && this.limits.free > 0;
    if (!fire && !hasRoom && !this.parking.hasFreed) return;
    this.mayBeDue = false;
    this.mayBeReady = !hasRoom;
    const admitted: Admitted = new Map();
    try {
      const look = await this.lookInto(fire, hasRoom, admitted);
      if (look.claims) this.beginClaimed(look.claims, admitted);
      if (look.fired) this.followFired(look.fired);
      await this.tellOf(look);
    } finally {
      this.giveBack(admitted);
      if (this.parking.hasFreed) this.lookAgain = true;
    }
  }

  private async lookInto(fire: boolean, claims: boolean, admitted: Admitted): Promise<Look> {
    const { workerId } = this.dependencies;
    const slots = () => (claims ? this.limits.free : 0);
    const admit = (job: Job, ready: ReadyExecution) => this.admit(job, ready, admitted);
    let look: Look | undefined;
    await this.parking.letGo(async (freed) => {
      look = await persist(this.dependencies, () => {
        // What was taken for a transaction that failed is given back before it is tried again.
        this.giveBack(admitted);
        return this.dependencies.intake.look({ fire, freed, slots, workerId, admit });
      });
      return look.released;
    });
    // It is there: `letGo` rejects where `look` does.
    return look as Look;
  }

  private beginClaimed({ claimed, more }: ClaimResult, admitted: Admitted): void {
    for (const own of claimed) {
      const { id } = own.execution;
      const admission = admitted.get(id);
      admitted.delete(id);
      if (admission) this.begin(own, admission.runner, admission.places);
    }
    if (more) {
      this.mayBeReady = true;
      this.lookAgain = true;
      return;
    }
    this.parking.passOnRoom();
    if (this.parking.hasFreed) this.lookAgain = true;
  }

  private followFired({ more, cancelling, nextDue }: FiredTicks): void {
    this.stopExecutions(cancelling, new JobCancelledError("A later tick has come."));
    if (nextDue !== null) this.noteDue(nextDue);
    if (!more) return;
    this.mayBeDue = true;
    this.lookAgain = true;
  }

  private async tellOf({ fired, claims }: Look): Promise<void> {
    for (const job of claims?.deferred ?? []) await this.defer(job);
    await this.report([...(fired?.broken ?? []), ...(claims?.broken ?? [])]);
  }

  private admit(job: Job, ready: ReadyExecution, admitted: Admitted): string | null {
    const { handlers, policy } = this.dependencies;
    const runner = handlers.find(job);
    if (!runner) return waitForHandler(job);
    const places = runner.maxConcurrent ?? policy.jobs.maxConcurrentPerHandler;
    const taken = this.limits.take(ready, job, { name: runner.name, places });
    if (typeof taken !== "string") {
      admitted.set(ready.id, { runner, places: taken });
      return null;
    }
    // Noted before it is on disk, so that a place which is given back meanwhile is not overlooked.
    this.parking.park(taken);
    return taken;
  }

  private giveBack(admitted: Admitted): void {
    for (const { places } of admitted.values()) this.parking.vacate(places);
    admitted.clear();
  }

  private begin(claimed: ClaimedExecution, runner: JobRunner, places: Places): void {
    const { id } = claimed.execution;
    const attempt = new Attempt(this.dependencies, claimed, runner);
    if (this.attempts.size === 0) this.keeper.begin();
    // An attempt before it has lost its claim, or its end is on disk and it is about to go.
    this.attempts.get(id)?.stop(new ClaimLostError());
    this.attempts.set(id, attempt);
    if (this.dependencies.stopSignal.aborted) attempt.stop(new JobInterruptedError());
    const ended = attempt.run();
    this.track(
      ended
        .then((report) => this.finish(attempt, report))
        .catch((error: unknown) => this.onUnrecorded(claimed, error))
        .finally(() => {
          if (this.attempts.get(id) === attempt) this.attempts.delete(id);
        }),
    );
    // By now its end is about to be written: what comes in its place is claimed by the same commit.
    const leave = () => this.leave(places);
    void ended.then(leave, leave);
  }

  private leave(places: Places): void {
    this.parking.vacate(places);
    if (this.started && (this.mayBeReady || this.parking.hasFreed)) this.look();
  }

  private track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.dependencies.logger.error({ err: error }, "Work for jobs failed"))
      .finally(() => {
        this.finishing.delete(tracked);
        this.dependencies.activity.changed();
      });
    this.finishing.add(tracked);
  }

  private async finish(attempt: Attempt, { outcome, ids }: AttemptReport): Promise<void> {
    const { jobModel, outcomes, logger } = this.dependencies;
    const { claimed } = attempt;
    const { id } = claimed.execution;
    if (outcome.kind === "discarded") return logger.warn({ execution: id }, "The claim of an execution was lost");
    if (outcome.kind === "unsettled") {
      await jobModel.leaveUnsettled(claimed.execution);
      return logger.warn({ execution: id }, "A handler did not settle; its lease is left to expire");
    }
    const logs = attempt.drainLogs();
    const recorded = await persist(this.dependencies, () => outcomes.record({ claimed, outcome, logs, trace: ids }));
    if (recorded === "claim lost") {
      return logger.warn({ execution: id, outcome: outcome.kind }, "An outcome came too late and was discarded");
    }
    const { execution, job } = recorded;
    if (execution.status === "pending") this.onWork(execution.dueAt);
    if (job !== null && job.nextRun !== null) this.onWork(job.nextRun);
  }

  /** Its lease runs out, and then it is taken up like one whose worker is gone. */
  private onUnrecorded({ execution }: ClaimedExecution, error: unknown): void {
    const { logger, clock, policy } = this.dependencies;
    logger.error({ err: error, execution: execution.id }, "The outcome of an execution could not be recorded");
    this.keeper.noteLease(clock.now() + policy.jobs.leaseMs);
  }

  private async takeUpExpired(): Promise<void> {
    const broken: BrokenJob[] = [];
    try {
      await this.keeper.takeUpExpired(broken);
    } finally {
      await this.report(broken);
      this.onWork(this.dependencies.clock.now());
    }
  }

  private interruptAll(): void {
    for (const attempt of this.attempts.values()) attempt.stop(new JobInterruptedError());
  }

  private async defer(job: Job): Promise<void> {
    const handler = waitForHandler(job);
    if (this.deferred.has(handler)) return;
    this.deferred.set(handler, job.id);
    await deferForMissingHandler(this.dependencies, job);
  }

  private async report(broken: readonly BrokenJob[]): Promise<void> {
    for (const { jobId, error } of broken) {
      const message = `A job cannot be read and was set aside: ${error instanceof Error ? error.message : String(error)}`;
      await reportDeadSchedule(this.dependencies, { jobId }, message);
    }
  }
}

function waitForHandler({ handlerType, handlerName }: Job): string {
  return `handler ${handlerType} ${handlerName}`;
}
