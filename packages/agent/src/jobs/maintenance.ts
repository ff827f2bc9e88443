/**
 * The duties that recur while an engine runs: retention, and the watchdog over the schedules. Neither polls: each is due
 * when it may have something to do.
 *
 * - Retention: when the oldest of what is kept for a time may go, at the earliest after `retention.intervalMs`.
 * - Watchdog: when the earliest tick of any schedule should long have been taken; without a schedule it sleeps.
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
  private readonly armed = new Set<Duty>();
  private readonly removals: (() => void)[] = [];
  private suspects: Suspects = new Map();
  private started = false;

  constructor(dependencies: MaintenanceDependencies) {
    this.dependencies = dependencies;
    this.agenda = dependencies.agenda.section("maintenance", (duties: Duty[]) => {
      for (const duty of duties) this.begin(duty);
    });
    dependencies.activity.watch(() => this.running.size === 0);
  }

  async start(): Promise<void> {
    const { emitter } = this.dependencies;
    this.started = true;
    // What was asleep has something to look after again.
    this.removals.push(
      emitter.on("job:changed", ({ nextRun }) => this.onChange(nextRun !== null)),
      emitter.on("workflow:changed", () => this.onChange(true)),
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

  private onChange(hasSchedule: boolean): void {
    if (hasSchedule && !this.armed.has("watchdog")) this.track("watchdog", this.arm("watchdog"));
    if (!this.armed.has("retention")) this.track("retention", this.arm("retention"));
  }

  private async arm(duty: Duty): Promise<void> {
    const { clock, policy } = this.dependencies;
    // Noted before the database is asked: one who asks meanwhile need not ask again.
    this.armed.add(duty);
    const next = duty === "retention" ? await nextExpiry(this.dependencies) : await nextWatch(this.dependencies);
    const now = clock.now();
    if (duty === "watchdog" && this.suspects.size > 0)
      this.agenda.set(duty, now + policy.jobs.watchdog.confirmMs, duty);
    else if (next === null) this.armed.delete(duty);
    else this.agenda.set(duty, Math.max(next, now + policy.jobs[duty].intervalMs), duty);
  }

  private begin(duty: Duty): void {
    if (this.started) this.track(duty, this.perform(duty));
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
    const { logger, clock, policy } = this.dependencies;
    const tracked = work
      .catch((error: unknown) => {
        logger.error({ err: error, duty }, "Maintenance failed; it is done again later");
        this.armed.add(duty);
        this.agenda.set(duty, clock.now() + policy.jobs[duty].intervalMs, duty);
      })
      .finally(() => {
        this.running.delete(tracked);
        this.dependencies.activity.changed();
      });
    this.running.add(tracked);
  }
}
