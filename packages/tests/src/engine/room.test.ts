/** No more runs at once, and no more of one workflow in a row, than the policy allows; what waits has its turn. */
import { defineWorkflow } from "@millrace/agent";
import { createTestEngine, type TestEngine } from "@millrace/agent/testing";
import { createStores } from "@millrace/db";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { openPostOffice } from "../support/post-office.ts";

let running: TestEngine;
afterEach(() => running.close());

test("no more workflows run at once than the policy allows, and each has its turn", async () => {
  let atOnce = 0;
  const seen: number[] = [];
  const polling = (name: string) =>
    defineWorkflow({
      name,
      topics: { item: z.object({}) },
      producers: (producer) => ({
        poll: producer({
          publishes: ["item"],
          schedule: { interval: "1h" },
          async handler() {
            seen.push((atOnce += 1));
            await new Promise((resolve) => setImmediate(resolve));
            atOnce -= 1;
          },
        }),
      }),
    });
  running = await createTestEngine({
    workflows: ["a", "b", "c"].map(polling),
    policy: { scheduling: { maxConcurrentWorkflows: 1 } },
  });
  await running.advance("1s");
  expect(seen).toEqual([1, 1, 1]);
});

test("a workflow with much to do begins another session after as many runs as the policy allows", async () => {
  const office = await openPostOffice({ policy: { scheduling: { maxRunsPerSession: 2 } } });
  running = office.test;
  for (const to of ["ada", "bob", "eve"])
    await running.engine.publish("letters", "letter", { messageId: to, payload: { to } });
  await running.runUntilIdle();
  expect(office.send.effects).toHaveLength(3);
  const sessions = new Set((await office.runs()).map(({ sessionId }) => sessionId));
  expect(sessions.size).toBeGreaterThan(1);
  for (const session of sessions) {
    const { handlerRuns } = createStores(running.database);
    const [workflow] = await createStores(running.database).workflows.list();
    const runs = await handlerRuns.list({ workflowId: workflow!.id, limit: 100 });
    expect(runs.filter(({ sessionId }) => sessionId === session).length).toBeLessThanOrEqual(2);
  }
});
