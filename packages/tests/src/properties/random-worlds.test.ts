import { createStores } from "@millrace/db";
import type { ScriptedAnswer, ScriptedOutcome } from "@millrace/agent/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openPostOffice } from "../support/post-office.ts";

const outcomes = fc.array(
  fc.constantFrom<ScriptedOutcome>(
    "ok",
    "failure-before-send",
    "rate-limit",
    "timeout-after-send",
    "timeout-without-effect",
    "crash",
    "definite-failure",
    "auth-failure",
  ),
  { maxLength: 12 },
);
const answers = fc.array(fc.constantFrom<ScriptedAnswer>("truth", "retry", "inconclusive", "garbage"), {
  maxLength: 8,
});
const verdict = fc.constantFrom("did_not_happen", "skip", "happened");

test("whatever the world does and people say: nothing happens twice, nothing is lost, and the ledger tells the truth", async () => {
  await fc.assert(
    fc.asyncProperty(
      outcomes,
      answers,
      fc.array(verdict, { minLength: 1, maxLength: 4 }),
      async (script, replies, verdicts) => {
        const office = await openPostOffice();
        const { test: running, send } = office;
        send.script(...script);
        send.answer(...replies);
        const letters = ["ada", "bob", "eve"];
        for (const to of letters) await office.post(to);
        for (let round = 0; round < 40; round += 1) {
          await running.advance("1h");
          const [unknown] = await running.engine.outputs({ unresolved: true });
          if (unknown) {
            // People look before they speak: they say that it happened only if it did, and did not only if it did not.
            const happened = send.effects.some(({ idempotencyKey }) => idempotencyKey === unknown.idempotencyKey);
            const said =
              verdicts[round % verdicts.length] === "skip" ? "skip" : happened ? "happened" : "did_not_happen";
            await running.engine.resolveMutation(unknown.id, { verdict: said, by: "somebody" });
          } else if ((await running.engine.status()).some(({ error }) => error !== null)) {
            await running.engine.retry("letters", { by: "somebody" });
          }
          await running.runUntilIdle();
        }
        const stores = createStores(running.database);
        const mutations = await running.engine.outputs({ limit: 1_000 });
        const effects = send.effects.map(({ params }) => params.to);
        expect(new Set(effects).size).toBe(effects.length);
        for (const mutation of mutations) {
          const happened = send.effects.some(({ idempotencyKey }) => idempotencyKey === mutation.idempotencyKey);
          if (mutation.status === "applied") expect(happened).toBe(true);
          // A key may be sent again after a verdict, so only the last row of a key speaks of it.
          const last = mutations.find(({ idempotencyKey }) => idempotencyKey === mutation.idempotencyKey);
          if (mutation === last && mutation.status === "failed") expect(happened).toBe(false);
        }
        const skipped = mutations
          .filter(({ resolution }) => resolution === "skip")
          .map(({ params }) => (params as { to: string }).to);
        expect(new Set([...effects, ...skipped])).toEqual(new Set(letters));
        const [workflow] = await stores.workflows.list();
        const events = await stores.events.list({ workflowId: workflow!.id });
        expect(events.filter(({ status }) => status === "consumed")).toHaveLength(letters.length);
        expect(events.filter(({ status }) => status === "reserved")).toEqual([]);
        for (const run of await running.engine.runs({ limit: 1_000 })) {
          expect((await stores.handlerRuns.listRetriesOf(run.id)).length).toBeLessThanOrEqual(1);
        }
        await running.close();
      },
    ),
    { numRuns: 40 },
  );
}, 120_000);
