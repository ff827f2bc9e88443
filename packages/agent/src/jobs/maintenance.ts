/** The duties that recur while an engine runs: retention, and the watchdog over the schedules. */
import type { AgendaSection, Agenda } from "../scheduling/agenda.ts";
import type { Activity } from "../scheduling/activity.ts";
import { runRetention } from "./job-retention.ts";
import { watchSchedules, type WatchdogDependencies } from "./schedule-watchdog.ts";

export interface MaintenanceDependencies extends WatchdogDependencies {
  agenda: Agenda;
  activity: Activity;
}

type Duty = "retention" | "watchdog";

export class Maintenance {
  private readonly dependencies: MaintenanceDependencies;
  private readonly agenda: AgendaSection<Duty>;
  private readonly running = new Set<Promise<void>>();
  private started = false;

  constructor(dependencies: MaintenanceDependencies) {
    this.dependencies = dependencies;
    this.agenda = dependencies.agenda.section("maintenance", (duties: Duty[]) => {
      for (const duty of duties) this.begin(duty);
    });
    dependencies.activity.watch(() => this.running.size === 0);
  }

  start(): void {
    this.started = true;
    this.arm("retention");
    this.arm("watchdog");
  }

  async stop(): Promise<void> {
    this.started = false;
    this.agenda.close();
    await Promise.allSettled([...this.running]);
  }

  private arm(duty: Duty): void {
    const { clock, policy } = this.dependencies;
    this.agenda.set(duty, clock.now() + policy.jobs[duty].intervalMs, duty);
  }

  private begin(duty: Duty): void {
    if (!this.started) return;
    this.arm(duty);
    const { logger } = this.dependencies;
    const work = duty === "retention" ? runRetention(this.dependencies) : watchSchedules(this.dependencies);
    const tracked = work
      .then((result) => logger.debug({ duty, result }, "maintenance done"))
      .catch((error: unknown) => logger.error({ err: error, duty }, "Maintenance failed; it is done again later"))
      .finally(() => {
        this.running.delete(tracked);
        this.dependencies.activity.changed();
      });
    this.running.add(tracked);
  }
}
