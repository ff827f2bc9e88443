/** The life of a run broken: what becomes of its events, and of what it leaves when it ends. */
import type { Variant } from "./variant.ts";

const model = "agent/src/execution/execution-model.ts";
const transitions = "agent/src/execution/transitions.ts";
const givingUp = "agent/src/execution/giving-up.ts";

export const runVariants: readonly Variant[] = [
  {
    name: "reservations not transferred",
    breaks: "The run that continues after the mutation does not get the events of the one before.",
    seed: 1,
    edits: [
      {
        file: model,
        find: "if (continuesAfterMutation(from)) await events.transfer(from.id, to.id, to.attempt, now, tx);",
        replace: "void events;",
      },
    ],
  },
  {
    name: "release forgotten on failure",
    breaks: "A run that has failed keeps its events.",
    seed: 1,
    edits: [
      {
        file: transitions,
        find: `    events: continuesAfterMutation(run) ? "keep" : "release",
  } as const;`,
        replace: `    events: "keep",
  } as const;`,
      },
    ],
  },
  {
    name: "release forgotten after a crash",
    breaks: "A run that ended with its process keeps its events.",
    seed: 15,
    edits: [
      {
        file: transitions,
        find: `        events: continuesAfterMutation(run) ? "keep" : "release",
        ...afterCrashes`,
        replace: `        events: "keep",
        ...afterCrashes`,
      },
    ],
  },
  {
    name: "released although it has acted",
    breaks: "A run that fails after its mutation gives its events away to a fresh one.",
    seed: 8,
    edits: [
      {
        file: transitions,
        find: `    events: continuesAfterMutation(run) ? "keep" : "release",
  } as const;`,
        replace: `    events: "release",
  } as const;`,
      },
    ],
  },
  {
    name: "begun anew although it has acted",
    breaks: "A run that has acted is continued by one that prepares and acts again.",
    seed: 59,
    edits: [
      {
        file: model,
        find: "const continued = continuesAfterMutation(retryOf);",
        replace: 'const continued = continuesAfterMutation(retryOf) && retryOf.status !== "crashed";',
      },
    ],
  },
  {
    name: "release forgotten after not applied",
    breaks: "The events of a call that was found not to have happened stay reserved.",
    seed: 1,
    edits: [
      {
        file: transitions,
        find: 'const settled = { patch, events: "release", workflowError: null, settleNotifications: true } as const;',
        replace: 'const settled = { patch, events: "keep", workflowError: null, settleNotifications: true } as const;',
      },
    ],
  },
  {
    name: "active run not marked crashed",
    breaks: "A run that was active when the process died stays active.",
    seed: 3,
    edits: [
      {
        file: "agent/src/execution/recovery.ts",
        find: 'await applier.apply(step, run, { type: "crashed", crashes: await crashesInARow(stores, run, step.tx) });',
        replace: "await crashesInARow(stores, run, step.tx);",
      },
    ],
  },
  {
    name: "crashed run not continued",
    breaks: "The workflow does not remember the run that its process has ended.",
    seed: 59,
    edits: [
      {
        file: "agent/src/execution/crash-limit.ts",
        find: "if (crashes === 0 || crashes % policy.retry.maxCrashes !== 0) return { retry: { at: now } };",
        replace: 'if (crashes === 0 || crashes % policy.retry.maxCrashes !== 0) return { retry: "clear" as const };',
      },
    ],
  },
  {
    name: "published apart from the commit",
    breaks: "A consumer's run is committed first, and publishes in another transaction.",
    seed: 34,
    edits: [
      {
        file: model,
        find: `    return this.applier.inOneTransaction("run.emitAndCommit", (step) =>
      this.commitEmitted(step, run, result, [{ type: "emit_started" }]),
    );`,
        replace: `    const committing = this.applier.inOneTransaction("run.emitAndCommit", (step) =>
      this.commitEmitted(step, run, { ...result, publications: [] }, [{ type: "emit_started" }]),
    );
    return committing.then(async (committed) => {
      await this.applier.inOneTransaction("run.commitConsumer", async (step) => {
        const inputs = await this.dependencies.stores.events.inputsOfRun(run.id, step.tx);
        for (const publication of result.publications) await this.publish(step, run, publication, inputs);
      });
      return committed;
    });`,
      },
    ],
  },
  {
    name: "inputs not passed on",
    breaks: "What a consumer publishes does not carry the inputs of what it consumed.",
    seed: 1,
    edits: [
      {
        file: model,
        find: "for (const publication of result.publications) await this.publish(step, run, publication, inputIds);",
        replace:
          "for (const publication of result.publications) await this.publish(step, run, publication, inputIds.slice(1));",
      },
    ],
  },
  {
    name: "state saved before the events",
    breaks: "A producer's state says that it has found what is published only in a later transaction.",
    seed: 6,
    edits: [
      {
        file: model,
        find: `    return this.applier.inOneTransaction("run.commitProducer", async (step) => {`,
        replace: `    const { handlerStates } = this.dependencies.stores;
    const saving = this.applier.inOneTransaction("run.commitProducer", ({ tx, now }) =>
      result.state === undefined
        ? Promise.resolve()
        : handlerStates.saveState(run, result.state, run.id, now, tx),
    );
    return saving.then(() => this.applier.inOneTransaction("run.commitProducer", async (step) => {`,
      },
      {
        file: model,
        find: `      return { run: await this.commit(step, run, result), nextRunAt };
    });`,
        replace: `      return { run: await this.commit(step, run, result), nextRunAt };
    }));`,
      },
    ],
  },
  {
    name: "continued run not taken off the workflow",
    breaks: "The workflow still names the run that is being continued.",
    seed: 1,
    edits: [
      {
        file: model,
        find: "await workflows.update(to.workflowId, { pendingRetryRunId: null, retryAt: null }, now, tx);",
        replace: "void workflows;",
      },
    ],
  },
  {
    name: "approval outlives its run",
    breaks: "A call that waits for approval stays pending when the input behind it is skipped.",
    seed: 3,
    edits: [
      {
        file: givingUp,
        find: 'await withdraw(stores, applier, step, run, "Withdrawn: an input was skipped.");',
        replace: "",
      },
    ],
  },
];
