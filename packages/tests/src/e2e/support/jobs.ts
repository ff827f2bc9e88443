/** Jobs of each type, and the functions that they run. */
import { defineJobHandler, NonRetryableError, type JobHandler, type ScheduledJobInput } from "@millrace/agent";
import { z } from "zod";
import { createDoor, type Door } from "../../support/door.ts";

export interface JobsWorld {
  handlers: JobHandler[];
  /** The handler `wait` writes a line and then waits here. */
  door: Door;
  /** Whether the handler `export` fails. */
  exportFails: boolean;
  /** Lets the time pass that work takes, where the clock stands still. */
  takeTime: () => void;
}

export function createJobs(): JobsWorld {
  const door = createDoor();
  const world: JobsWorld = { handlers: [], door, exportFails: true, takeTime: () => {} };
  const clean = defineJobHandler({
    name: "clean",
    handler(payload, { log }) {
      world.takeTime();
      log.info("Looking for what is too old", { payload });
      log.debug("12 files looked at");
      log.warn("1 file is locked and stays");
      return { deleted: 11, kept: 1 };
    },
  });
  const exportHandler = defineJobHandler({
    name: "export",
    handler() {
      world.takeTime();
      if (world.exportFails) throw new NonRetryableError("the archive refused the file: quota exceeded");
      return { exported: 240 };
    },
  });
  const refuse = defineJobHandler({
    name: "refuse",
    payload: z.object({ why: z.string() }).loose(),
    handler({ why }, { log }) {
      log.error(`refused: ${why}`, { why });
      throw new NonRetryableError(why);
    },
  });
  const wait = defineJobHandler({
    name: "wait",
    async handler(_payload, { log, signal }) {
      log.info("Waiting at the door");
      await Promise.race([door.pass(), new Promise((resolve) => signal.addEventListener("abort", resolve))]);
      log.info("Through the door");
      return { through: true };
    },
  });
  world.handlers.push(clean, exportHandler, refuse, wait);
  return world;
}

/** One job of each type, and more of those that people have many of. */
export const JOBS: readonly ScheduledJobInput[] = [
  {
    type: "cron",
    name: "Clean the attachments",
    description: "Deletes attachments that nothing refers to any more.",
    handler: "clean",
    cron: "*/30 * * * *",
    timezone: "Europe/Berlin",
    payload: { olderThan: "30d" },
    tags: ["storage", "nightly"],
  },
  {
    type: "recurring",
    name: "Export to the archive",
    handler: "export",
    interval: "2h",
    tags: ["archive"],
    maxRetries: 0,
    autoPauseAfter: 4,
  },
  {
    type: "event",
    name: "Look at a complaint",
    handler: "refuse",
    event: "complaint.received",
    tags: ["mail"],
    maxRetries: 0,
    payload: { why: "nobody is at the desk" },
  },
  { type: "one_time", name: "Move to the new ledger", handler: "clean", in: "9d" },
  {
    type: "cron",
    name: "Look for orders",
    handler: { workflow: "payments", producer: "readOrders" },
    cron: "0 8-18 * * 1-5",
  },
];
