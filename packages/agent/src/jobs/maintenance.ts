/**
 * The duties that recur while an engine runs: retention, and the watchdog over the schedules. Neither polls: each is due
 * when it may have something to do.
 *
 * - Retention: when the oldest of what is kept for a time may go, at the earliest after `retention.intervalMs`.
 * - Watchdog: when the earliest tick of any schedule should long have been taken; without a schedule it sleeps. A schedule
 *   that comes later and is due sooner wakes it sooner.
 */
import type { Stores } from "@millrace/db";
import type { LifecycleEmitter } from "../execution/lifecycle-events.ts";
import type { AgendaSection, Agenda } from "../scheduling/agenda.ts";
import type { Activity } from "../scheduling/activity.ts";
import { nextExpiry, runRetention } from "./job-retention.ts";
import { nextWatch, watchSchedules, type Suspects, type WatchdogDependencies } from "./schedule-watchdog.ts";

export interface MaintenanceDependencies extends WatchdogDependencies {
  stores: Stores;
  agenda: Agenda;
  activity: Activity;
  emitter: LifecycleEmitter;
}

type Duty = "retention" | "watchdog";

export class Maintenance {
  private readonly dependencies: MaintenanceDependencies;
  private readonly agenda: AgendaSection<Duty>;
  private readonly running = new Set<Promise<void>>();
  /** When each is due, in Unix milliseconds. */
  private readonly armed = new Map<Duty, number>();
  private readonly removals: (() => void)[] = [];
  private suspects: Suspects = new Map();
  private started = false;

  constructor(dependencies: MaintenanceDependencies) {
    this.dependencies = dependencies;
    this.agenda = dependencies.agenda.section((duties: Duty[]) => {
      for (const duty of duties) {
        this.armed.delete(duty);
        this.track(duty, this.perform(duty));
      }
    });
    dependencies.activity.watch(() => this.running.size === 0);
  }

  async start(): Promise<void> {
    const { emitter, clock, policy } = this.dependencies;
    const { retention, watchdog } = policy.jobs;
    this.started = true;
    // What is asleep has something to look after; whatever is new may go when its time has passed, not before.
    this.removals.push(
      emitter.on("job:changed", ({ nextRun }) => {
        if (nextRun !== null) this.wake("watchdog", nextRun + watchdog.overdueMs);
        this.wake("retention", clock.now() + Math.min(retention.successMs, retention.failureMs));
      }),
      emitter.on("workflow:changed", () => this.wake("watchdog", clock.now())),
    );
    await this.arm("retention");
    await this.arm("watchdog");
  }

  async stop(): Promise<void> {
    this.started = false;
    for (const remove of this.removals) remove();
    this.agenda.close();
    await Promise.allSettled(this.running);
  }

  private async arm(duty: Duty): Promise<void> {
    const { clock, policy } = this.dependencies;
    const next = duty === "retention" ? await nextExpiry(this.dependencies) : await nextWatch(this.dependencies);
    if (duty === "watchdog" && this.suspects.size > 0) this.set(duty, clock.now() + policy.jobs.watchdog.confirmMs);
    else if (next !== null) this.wake(duty, next);
  }

  /** Lets a duty be done at a time, if not earlier; the duties keep a distance between one time and the next. */
  private wake(duty: Duty, at: number): void {
    const { clock, policy } = this.dependencies;
    this.set(duty, Math.max(at, clock.now() + policy.jobs[duty].intervalMs));
  }

  private set(duty: Duty, at: number): void {
    if (at >= (this.armed.get(duty) ?? Number.POSITIVE_INFINITY)) return;
    this.armed.set(duty, at);
    this.agenda.set(duty, at, duty);
  }

  private async perform(duty: Duty): Promise<void> {
    const { logger } = this.dependencies;
    try {
      if (duty === "retention") logger.debug({ deleted: await runRetention(this.dependencies) }, "retention done");
      else await this.watch();
    } finally {
      if (this.started) await this.arm(duty);
    }
  }

  /** What stays dead is told of once, and need not be confirmed again. */
  private async watch(): Promise<void> {
    const before = this.suspects;
    const found = await watchSchedules(this.dependencies, before);
    this.suspects = new Map([...found].filter(([key, tick]) => !before.has(key) || before.get(key) !== tick));
  }

  private track(duty: Duty, work: Promise<void>): void {
    const { logger, clock } = this.dependencies;
    const tracked = work
      .catch((error: unknown) => {
        logger.error({ err: error, duty }, "Maintenance failed; it is done again later");
        this.wake(duty, clock.now());
      })
      .finally(() => {
        this.running.delete(tracked);
        this.dependencies.activity.changed();
      });
    this.running.add(tracked);
  }
}
