/** The four jobs of the example, one of each type: when they run, and what they run. */
import { join } from "node:path";
import type { Job, JobHandler, Scheduler } from "@millrace/agent";
import { backupHandler } from "./backup.ts";
import { receiptHandler } from "./receipts.ts";
import { restoreDrillHandler } from "./restore-drill.ts";
import { sampleHandler } from "./samples.ts";

/** Where the example keeps what it makes. */
export interface Places {
  /** The engine's database file. */
  database: string;
  backups: string;
  receipts: string;
  samples: string;
}

export function placesIn(out: string): Places {
  return {
    database: join(out, "millrace.sqlite"),
    backups: join(out, "backups"),
    receipts: join(out, "receipts"),
    samples: join(out, "samples.csv"),
  };
}

/** The functions that the jobs run, for `createEngine`. */
export function handlersFor({ database, backups, samples }: Places): JobHandler[] {
  return [
    backupHandler({ database, folder: backups }),
    restoreDrillHandler({ folder: backups }),
    sampleHandler({ database, file: samples }),
  ];
}

export type JobName = "backup" | "restoreDrill" | "samples" | "receipts";

/** Schedules the jobs. Each has a key: a second start finds it, and changes nothing. */
export async function scheduleJobs(jobs: Scheduler, { receipts }: Places): Promise<Record<JobName, Job>> {
  return {
    /** By the clock. What it missed, it runs once for: one backup of now is as good as ten. */
    backup: await jobs.schedule({
      key: "backup",
      name: "backup",
      type: "cron",
      // Every two seconds, so that there is something to see. In real life "0 3 * * *", each night at three.
      cron: "*/2 * * * * *",
      timezone: "Europe/Berlin",
      handler: "backup",
      payload: { keep: 3 },
      overlap: "skip",
      misfire: { policy: "latest", grace: "1s" },
      retryDelay: "1s",
    }),

    /** Once, two seconds from now. */
    restoreDrill: await jobs.scheduleOnce({
      key: "restore-drill",
      name: "restore drill",
      in: "2s",
      handler: "restore-drill",
      retryDelay: "1s",
    }),

    /** Again and again, but only five times. */
    samples: await jobs.scheduleRecurring({
      key: "samples",
      name: "samples",
      interval: "1s",
      maxRuns: 5,
      handler: "sample",
      retryDelay: "1s",
    }),

    /** Whenever it happens: `triggerEvent("invoice.paid", …)`. */
    receipts: await jobs.onEvent("invoice.paid", receiptHandler({ folder: receipts }), {
      name: "receipts",
      retryDelay: "1s",
    }),
  };
}
