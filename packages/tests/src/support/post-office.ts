/** A small world for engine tests: letters are published, each is sent by one mutation, each that was sent is noted. */
import { defineWorkflow, type EngineOptions, type WorkflowDefinition } from "@millrace/agent";
import {
  createTestEngine,
  fakeConnector,
  fakeMutation,
  type FakeMutation,
  type TestEngine,
} from "@millrace/agent/testing";
import type { CommitHooks, HandlerRun, Mutation } from "@millrace/db";
import { z } from "zod";

const letter = z.object({ to: z.string() });
type Letter = z.output<typeof letter>;

export interface PostOffice {
  test: TestEngine;
  send: FakeMutation<Letter, Letter, { to: string }>;
  workflow: WorkflowDefinition;
  /** Publishes a letter and waits until nothing more happens at this time. */
  post(to: string): Promise<void>;
  runs(): Promise<HandlerRun[]>;
  mutation(): Promise<Mutation>;
  /** Messages of what needs a person. */
  attention(): Promise<string[]>;
}

export interface PostOfficeOptions {
  reconcile?: boolean;
  settleMs?: number;
  approval?: "required";
  policy?: EngineOptions["policy"];
  /** Called in `next`; what it throws, `next` throws. */
  onNext?: (outcome: { status: string }) => void;
  /** Called in `mutate` before the call. */
  onMutate?: () => void;
  hooks?: CommitHooks;
}

/** Starts an engine with the workflow "letters". */
export async function openPostOffice(options: PostOfficeOptions = {}): Promise<PostOffice> {
  const { reconcile = true, settleMs, approval } = options;
  const send = fakeMutation({
    params: letter,
    result: ({ to }: Letter) => ({ to }),
    reconcile,
    ...(settleMs !== undefined && { settleMs }),
    ...(approval && { approval }),
  });
  const workflow = lettersWorkflow(send, options);
  const test = await createTestEngine({
    workflows: [workflow],
    ...(options.policy && { policy: options.policy }),
    ...(options.hooks && { hooks: options.hooks }),
  });
  await test.runUntilIdle();
  return {
    test,
    send,
    workflow,
    async post(to) {
      await test.engine.publish("letters", "letter", { messageId: to, payload: { to } });
      await test.runUntilIdle();
    },
    runs: async () => (await test.engine.runs()).filter(({ trigger }) => trigger !== "start").toReversed(),
    async mutation() {
      const [latest] = await test.engine.outputs();
      if (!latest) throw new Error("There is no mutation.");
      return latest;
    },
    attention: async () => (await test.engine.needsAttention()).map(({ notification }) => notification.message),
  };
}

export function lettersWorkflow(
  send: FakeMutation<Letter, Letter, { to: string }>,
  options: PostOfficeOptions = {},
): WorkflowDefinition {
  return defineWorkflow({
    name: "letters",
    topics: { letter, sent: z.object({ to: z.string(), outcome: z.string() }) },
    connectors: { post: fakeConnector("post", { send }) },
    consumers: (consumer) => ({
      send: consumer({
        subscribe: ["letter"],
        publishes: ["sent"],
        async prepare(ctx) {
          const [event] = await ctx.peek("letter", { limit: 1 });
          return {
            reservations: event ? [{ topic: "letter", ids: [event.id] }] : [],
            data: { to: event?.payload.to ?? "" },
          };
        },
        async mutate(ctx, { data }) {
          options.onMutate?.();
          return ctx.post.send(data);
        },
        async next(ctx, { data }, outcome) {
          if (data.to === "") return;
          options.onNext?.(outcome);
          ctx.publish("sent", { messageId: data.to, payload: { to: data.to, outcome: outcome.status } });
        },
      }),
    }),
  });
}

/** Where each run stands, oldest first. */
export function positions(runs: readonly HandlerRun[]): string[] {
  return runs.map(({ phase, status }) => `${phase}/${status}`);
}
