/** Works off all that is there: polls once more, and waits for retries and open questions to be settled. */
import type { Engine } from "@millrace/agent";

/** Resolves when nothing is left to do but what is scheduled for later, or waits for a person. */
export async function drain(engine: Engine, workflow: string, producer: string): Promise<void> {
  await engine.whenIdle();
  if (await isRunnable(engine, workflow)) await engine.runNow(workflow, [producer]);
  for (;;) {
    const changed = nextChange(engine);
    await engine.whenIdle();
    const waits = (await hasOpenQuestions(engine)) || (await hasRetry(engine));
    if (!waits && engine.isIdle) return;
    await changed;
  }
}

async function isRunnable(engine: Engine, name: string): Promise<boolean> {
  const workflow = (await engine.status()).find((known) => known.name === name);
  return workflow?.status === "active" && workflow.error === null && !(await hasOpenQuestions(engine));
}

async function hasOpenQuestions(engine: Engine): Promise<boolean> {
  return (await engine.outputs({ statuses: ["needs_reconcile"], limit: 1 })).length > 0;
}

async function hasRetry(engine: Engine): Promise<boolean> {
  return (await engine.status()).some(({ retryAt, error }) => retryAt !== null && error === null);
}

/** Resolves when a run or a mutation changes. */
function nextChange(engine: Engine): Promise<void> {
  return new Promise((resolve) => {
    const removers = [
      engine.on("run:changed", () => settle()),
      engine.on("run:started", () => settle()),
      engine.on("mutation:changed", () => settle()),
    ];
    const settle = () => {
      for (const remove of removers) remove();
      resolve();
    };
  });
}
