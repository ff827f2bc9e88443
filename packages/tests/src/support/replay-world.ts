/** A world whose runs are replayed: a producer finds letters, each is sent, and each that was sent is filed. */
import { defineWorkflow, type ReplayEffect, type WorkflowDefinition } from "@millrace/agent";
import {
  attachTestEngine,
  FakeClock,
  fakeConnector,
  fakeMutation,
  openTestDatabase,
  type FakeMutation,
  type TestEngine,
} from "@millrace/agent/testing";
import type { CommitHooks, HandlerRun, RunId } from "@millrace/db";
import { z } from "zod";

const letter = z.object({ to: z.string() });
type Letter = z.output<typeof letter>;
type Act = FakeMutation<Letter, Letter, Letter>;

/** What a test may turn while the engine runs. */
export interface Knobs {
  /** What the producer finds. */
  letters: string[];
  /** The message id of what `next` publishes. */
  sentId: (to: string) => string;
  /** What `next` throws; null for nothing. */
  nextFails: Error | null;
  /** What `send` saved each time. */
  saved: number[];
}

export interface ReplayWorld {
  test: TestEngine;
  send: Act;
  file: Act;
  knobs: Knobs;
  workflow: WorkflowDefinition;
  /** Lets the producer look, and waits until nothing more happens at this time. */
  find(...letters: string[]): Promise<void>;
  /** The runs of a handler that reserved something or published, oldest first. */
  runsOf(handler: string): Promise<HandlerRun[]>;
  /** The newest run of a handler. */
  lastOf(handler: string): Promise<HandlerRun>;
}

export interface ReplayWorldOptions {
  hooks?: CommitHooks;
  /** What is left of an earlier life. */
  image?: Buffer;
  before?: ReplayWorld;
}

export async function openReplayWorld({ hooks, image, before }: ReplayWorldOptions = {}): Promise<ReplayWorld> {
  const act = () => fakeMutation({ params: letter, result: ({ to }: Letter) => ({ to }) });
  const send = before?.send ?? act();
  const file = before?.file ?? act();
  const knobs: Knobs = before?.knobs ?? { letters: [], sentId: (to) => to, nextFails: null, saved: [] };
  const workflow = before?.workflow ?? letterWorkflow(send, file, knobs);
  const clock = new FakeClock(before?.test.clock.now());
  const database = await openTestDatabase(clock, { ...(hooks && { hooks }), ...(image && { image }) });
  const test = attachTestEngine(database, clock, { workflows: [workflow] });
  await test.engine.start();
  const runsOf = async (handler: string) =>
    (await test.engine.runs({ limit: 1_000 }))
      .filter(({ handlerName, trigger }) => handlerName === handler && trigger !== "start")
      .toReversed();
  return {
    test,
    send,
    file,
    knobs,
    workflow,
    async find(...letters) {
      knobs.letters = letters;
      await test.runUntilIdle();
      await test.engine.runNow("post", ["find"]);
      await test.runUntilIdle();
    },
    runsOf,
    async lastOf(handler) {
      const run = (await runsOf(handler)).at(-1);
      if (!run) throw new Error(`"${handler}" has not run.`);
      return run;
    },
  };
}

/** The workflow, or a later version of it without the consumer that sends. */
export function letterWorkflow(send: Act, file: Act, knobs: Knobs, withSender = true): WorkflowDefinition {
  return defineWorkflow({
    name: "post",
    topics: { letter, sent: letter },
    connectors: { world: fakeConnector("world", { send, file }) },
    producers: (producer) => ({
      find: producer({
        publishes: ["letter"],
        state: z.object({ looks: z.number() }),
        async handler(ctx, state) {
          for (const to of knobs.letters) {
            const input = ctx.registerInput({ source: "box", type: "letter", externalId: to, title: to });
            ctx.publish("letter", { messageId: to, payload: { to }, inputs: [input] });
          }
          return { looks: (state?.looks ?? 0) + 1 };
        },
      }),
    }),
    consumers: (consumer) => ({
      ...(withSender && {
        send: consumer({
          subscribe: ["letter"],
          publishes: ["sent"],
          state: z.object({ sent: z.number() }),
          async prepare(ctx, state) {
            const [event] = await ctx.peek("letter", { limit: 1 });
            return {
              reservations: event ? [{ topic: "letter", ids: [event.id] }] : [],
              data: { to: event?.payload.to ?? "", sent: (state?.sent ?? 0) + 1 },
            };
          },
          mutate: async (ctx, { data }) => ctx.world.send({ to: data.to }),
          async next(ctx, { data }) {
            if (data.to === "") return undefined;
            if (knobs.nextFails) throw knobs.nextFails;
            ctx.publish("sent", { messageId: knobs.sentId(data.to), payload: { to: data.to } });
            knobs.saved.push(data.sent);
            return { sent: data.sent };
          },
        }),
      }),
      file: consumer({
        subscribe: ["sent"],
        async prepare(ctx) {
          const [event] = await ctx.peek("sent", { limit: 1 });
          return { reservations: event ? [{ topic: "sent", ids: [event.id] }] : [], data: event?.payload.to ?? "" };
        },
        mutate: async (ctx, { data }) => ctx.world.file({ to: data }),
      }),
    }),
  });
}

/** To whom an operation has written, in order. */
export function written(act: Act): string[] {
  return act.effects.map(({ params }) => params.to);
}

/** The effects of a plan at a glance. */
export function glance(effects: readonly ReplayEffect[]): string[] {
  return effects.map(
    ({ mutation, relation, status, wouldRepeat }) =>
      `${mutation.operation} ${relation} ${status}${wouldRepeat ? " repeats" : ""}`,
  );
}

/** The log of a run, without what is in it. */
export async function messagesOf({ test }: ReplayWorld, id: RunId): Promise<string[]> {
  return (await test.engine.run(id)).logs.map(({ message }) => message);
}
