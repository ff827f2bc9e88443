/** The scheduling broken: what is due, what is to be looked at, and what is found again at the start. */
import type { Variant } from "./variant.ts";

const state = "agent/src/scheduling/scheduler-state.ts";
const loadWork = "agent/src/scheduling/load-work.ts";
const scheduler = "agent/src/scheduling/workflow-scheduler.ts";
const engine = "agent/src/engine.ts";
const model = "agent/src/execution/execution-model.ts";

export const schedulingVariants: readonly Variant[] = [
  {
    name: "dirty cleared at commit",
    breaks: "A consumer counts as clean once a run of it is committed, whatever is still pending.",
    seed: 8,
    edits: [
      {
        file: state,
        find: 'if (reservedSomething) state.trigger ??= "event";',
        replace: "if (reservedSomething) state.trigger = null;",
      },
    ],
  },
  {
    name: "own events not noticed",
    breaks: "What a run publishes makes no consumer look.",
    seed: 1,
    edits: [
      {
        file: scheduler,
        find: "if (publishedTopics.size > 0) state.onEventPublish",
        replace: "if (publishedTopics.size > 99) state.onEventPublish",
      },
    ],
  },
  {
    name: "wake time forgotten at the start",
    breaks: "An engine that starts does not load when consumers asked to be woken.",
    seed: 6,
    edits: [{ file: loadWork, find: "scheduler.noteWake(workflowId, handlerName, wakeAt);", replace: "" }],
  },
  {
    name: "wake time not followed",
    breaks: "What a consumer asks to be woken at is stored and not noted.",
    seed: 1,
    edits: [
      {
        file: scheduler,
        find: "if (wakeAt !== null) this.noteWake(workflow.id, run.handlerName, wakeAt);",
        replace: "",
      },
    ],
  },
  {
    name: "schedule forgotten after a crash",
    breaks: "An engine that starts does not load when producers are due.",
    seed: 1,
    edits: [
      { file: loadWork, find: "scheduler.noteSchedule(workflowId, producerName, nextRunAt);", replace: "" },
      {
        file: engine,
        find: "this.scheduler.noteSchedule(workflow.id, producerName, nextRunAt);",
        replace: "if (result.isNewVersion) this.scheduler.noteSchedule(workflow.id, producerName, nextRunAt);",
      },
    ],
  },
  {
    name: "schedule not advanced",
    breaks: "A producer's run does not move its schedule in the database.",
    seed: 1,
    edits: [
      {
        file: model,
        find: "await producerSchedules.advance(workflowId, handlerName, { lastRunAt: now, nextRunAt: ran.nextRunAt }, tx);",
        replace: "void now;",
      },
    ],
  },
  {
    name: "retry time dropped",
    breaks: "A workflow that waits for a retry is not looked at when it is due.",
    seed: 5,
    edits: [{ file: scheduler, find: 'if (choice.kind === "wait") this.noteRetry(id, choice.until);', replace: "" }],
  },
  {
    name: "open questions forgotten at the start",
    breaks: "An engine that starts does not load the mutations that are to be asked about.",
    seed: 2,
    edits: [
      {
        file: loadWork,
        find: "for (const mutation of await stores.mutations.listReconciling()) scheduler.noteMutation(mutation);",
        replace: "",
      },
      {
        file: engine,
        find: "if (mutation.workflowId === workflow.id) this.scheduler.noteMutation(mutation);",
        replace: "",
      },
    ],
  },
  {
    name: "asked once only",
    breaks: "After an answer that decides nothing the connector is not asked again.",
    seed: 1,
    edits: [
      {
        file: scheduler,
        find: `      this.noteMutation(mutation);
      this.ready.add(mutation.workflowId);`,
        replace: "      this.ready.add(mutation.workflowId);",
      },
    ],
  },
  {
    name: "runs although an error is open",
    breaks: "A workflow goes on while it waits for a person.",
    seed: 1,
    edits: [
      {
        file: "agent/src/scheduling/select-work.ts",
        find: 'if (retryAt === null) return { kind: "blocked" };',
        replace: "if (retryAt === null) return null;",
      },
    ],
  },
];
