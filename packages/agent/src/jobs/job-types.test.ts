import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import { defineJobHandler, type JobContext, type JobHandler } from "./handler-registry.ts";
import type { OneTimeJobInput, RecurringJobInput, ScheduledJobInput } from "./job-input-schema.ts";

test("a handler's payload has the type that its schema gives", () => {
  const handler = defineJobHandler({
    name: "bill",
    payload: z.object({ amount: z.coerce.number(), note: z.string().default("") }),
    handler(payload, context) {
      expectTypeOf(payload).toEqualTypeOf<{ amount: number; note: string }>();
      expectTypeOf(context).toEqualTypeOf<JobContext>();
    },
  });
  expectTypeOf(handler).toExtend<JobHandler>();
});

test("a handler without a schema knows nothing of its payload", () => {
  defineJobHandler({ name: "any", handler: (payload) => expectTypeOf(payload).toEqualTypeOf<unknown>() });
});

test("an input has the fields of its type, and no others", () => {
  expectTypeOf<{ type: "cron"; name: "n"; handler: "h"; cron: "@daily" }>().toExtend<ScheduledJobInput>();
  expectTypeOf<{ type: "cron"; name: "n"; handler: "h" }>().not.toExtend<ScheduledJobInput>();
  expectTypeOf<{ name: "n"; handler: { workflow: "w"; producer: "p" }; in: "20m" }>().toExtend<OneTimeJobInput>();
  expectTypeOf<{ name: "n"; handler: "h"; interval: 5_000; maxRuns: 10 }>().toExtend<RecurringJobInput>();
  expectTypeOf<{ name: "n"; handler: "h"; interval: true }>().not.toExtend<RecurringJobInput>();
});
