/** The store broken: commits, guards and what a statement touches. */
import type { Edit, Variant } from "./variant.ts";

const transactionNames = "agent/src/execution/transaction-names.ts";
const groupCommit = "db/src/dialects/sqlite/group-commit.ts";
const events = "db/src/stores/event-store.ts";
const eventQueries = "db/src/stores/event-queries.ts";

/** Takes a transaction for one that is merely done again when a power cut takes it. */
function unsynced(name: string): Edit {
  return { file: transactionNames, find: 'new Set(["run.start",', replace: `new Set(["run.start", "${name}",` };
}

/** Acknowledges a member before its commit, which takes a while. */
function early(which: string): Edit {
  return {
    file: groupCommit,
    find: "done.push({ member, value: await this.runWork(member.work, this.queries, place) });",
    replace: `const value = await this.runWork(member.work, this.queries, place);
        done.push({ member, value });
        if (${which}) {
          member.resolve(value);
          await new Promise((resolve) => setImmediate(resolve));
        }`,
  };
}

export const storageVariants: readonly Variant[] = [
  {
    name: "acknowledged before the commit",
    breaks: "Whoever asked for a write is told of it before it is on disk.",
    seed: 1,
    edits: [early("true")],
  },
  {
    name: "sent before its row is on disk",
    breaks: "The ledger's row is written, and the request sent without waiting for the commit.",
    seed: 15,
    edits: [early('member.name === "mutation.start" || member.name === "mutation.startApproved"')],
  },
  {
    name: "begun before its claim is on disk",
    breaks: "A job's handler begins without waiting for the commit of its claim.",
    seed: 112,
    edits: [early('member.name === "job.look"')],
  },
  {
    name: "acknowledged before the disk has it",
    breaks: "Who publishes is answered when the event is committed, and it is not yet on the disk.",
    seed: 5,
    edits: [unsynced("event.publish")],
  },
  {
    name: "sent before the disk has its row",
    breaks: "The request is sent when its row is committed, and it is not yet on the disk.",
    seed: 15,
    edits: [unsynced("mutation.start")],
  },
  {
    name: "failed commit ignored",
    breaks: "A commit that the disk has refused counts as done.",
    seed: 2,
    edits: [
      {
        file: groupCommit,
        find: "for (const { member } of done) member.reject(named);",
        replace: "for (const { member, value } of done) member.resolve(value);",
      },
    ],
  },
  {
    name: "only the first event consumed",
    breaks: "A run that commits consumes one of the events that it holds.",
    seed: 3,
    edits: [
      {
        file: eventQueries,
        find: `    .set({ status: "consumed", updated_at: argument("now") })
    .where("reserved_by_run_id", "=", argument("runId"))`,
        replace: `    .set({ status: "consumed", updated_at: argument("now") })
    .where("id", "=", (own) =>
      own
        .selectFrom("events as other")
        .select((inner) => inner.fn.min("other.id").as("id"))
        .where("other.reserved_by_run_id", "=", argument("runId")),
    )`,
      },
    ],
  },
  {
    name: "skipped input comes back",
    breaks: "An event that is given back is pending again although its input was skipped meanwhile.",
    seed: 3,
    edits: [
      {
        file: events,
        find: `        .set({ status: "skipped", updated_at: now })
        .where(hasOnlySkippedInputs)
        .executeTakeFirst();
      const released`,
        replace: `        .set({ status: "skipped", updated_at: now })
        .where("id", "is", null)
        .executeTakeFirst();
      const released`,
      },
    ],
  },
  {
    name: "publication replaces what is settled",
    breaks: "The guard on the status is dropped where an event is published again: it is pending once more.",
    seed: 16,
    edits: [
      {
        file: eventQueries,
        find: `          payload: argument("payload"),
          // Always later`,
        replace: `          status: "pending",
          reserved_by_run_id: null,
          payload: argument("payload"),
          // Always later`,
      },
      { file: eventQueries, find: `        .where("events.status", "=", "pending"),\n    )`, replace: ",\n    )" },
    ],
  },
];
