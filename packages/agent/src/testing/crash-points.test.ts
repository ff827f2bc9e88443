import { expect, test } from "vitest";
import { z } from "zod";
import { defineWorkflow } from "../workflow/define-workflow.ts";
import { crashAtEveryPoint, CrashPointError, type CrashWorld } from "./crash-points.ts";
import { fakeConnector, fakeMutation } from "./fake-connector.ts";

const letter = z.object({ to: z.string() });

function world(
  options: { reconcile?: boolean; honest?: boolean } = {},
): CrashWorld & { post: ReturnType<typeof postOffice> } {
  const post = postOffice(options.reconcile ?? true);
  const { honest = true } = options;
  if (!honest) post.answer(...Array.from({ length: 10 }, () => "not_applied" as const));
  return {
    post,
    connectors: { post: fakeConnector("post", { send: post }) },
    effects: () => post.effects.map(({ params }) => params.to),
    async drive(engine) {
      for (const to of ["ada", "bob"]) await engine.publish("letters", "letter", { messageId: to, payload: { to } });
    },
  };
}

const postOffice = (reconcile: boolean) => fakeMutation({ params: letter, result: ({ to }) => ({ to }), reconcile });

const letters = defineWorkflow({
  name: "letters",
  topics: { letter, sent: letter },
  connectors: { post: fakeConnector("post", { send: postOffice(true) }) },
  consumers: (consumer) => ({
    send: consumer({
      subscribe: ["letter"],
      publishes: ["sent"],
      async prepare(ctx) {
        const [event] = await ctx.peek("letter", { limit: 1 });
        return {
          reservations: event ? [{ topic: "letter", ids: [event.id] }] : [],
          data: event?.payload ?? { to: "" },
        };
      },
      mutate: async (ctx, prepared) => ctx.post.send(prepared.data),
      async next(ctx, { data }, outcome) {
        if (outcome.status === "applied") ctx.publish("sent", { messageId: data.to, payload: outcome.result });
      },
    }),
  }),
});

test("a workflow whose connector can be asked survives a crash at every point without a person", async () => {
  const report = await crashAtEveryPoint(letters, () => world());
  expect(report.points).toBeGreaterThan(20);
  expect(report.needingPerson).toBe(0);
});

test("a connector that can't be asked leaves the uncertain ones to a person, and still nothing happens twice", async () => {
  const report = await crashAtEveryPoint(letters, () => world({ reconcile: false }));
  expect(report.needingPerson).toBeGreaterThan(0);
});

test("a connector that lies about what happened is found out", async () => {
  await expect(crashAtEveryPoint(letters, () => world({ honest: false }))).rejects.toThrow(CrashPointError);
});
