/** What there is to see and to do over the API: something in every state that an operation is about. */
import { defineJobHandler, defineWorkflow, type EngineOptions } from "@millrace/agent";
import { fakeConnector, fakeMutation, type ScriptedOutcome } from "@millrace/agent/testing";
import type { MutationId, PlatformId } from "@millrace/db";
import { z } from "zod";
import type { ApiStage } from "./api-stage.ts";

const HOUR_MS = 60 * 60 * 1_000;

const order = z.object({ number: z.string() });

/** Pays what is ordered. */
function shop(name: string, outcome: ScriptedOutcome, approval = false) {
  const transfer = fakeMutation({
    params: order,
    reconcile: false,
    result: ({ number }) => ({ reference: number }),
    ...(approval && { approval: "required" as const }),
  });
  transfer.script(outcome);
  return defineWorkflow({
    name,
    topics: { ordered: order, paid: order },
    connectors: { bank: fakeConnector("bank", { transfer }) },
    producers: (producer) => ({
      readOrders: producer({
        publishes: ["ordered"],
        schedule: { interval: "1h" },
        async handler(ctx) {
          ctx.log("info", "looking", { for: "orders" });
          if (outcome === "crash") throw new Error("the code is wrong");
        },
      }),
    }),
    consumers: (consumer) => ({
      pay: consumer({
        subscribe: ["ordered"],
        publishes: ["paid"],
        async prepare(ctx) {
          const [event] = await ctx.peek("ordered", { limit: 1 });
          return {
            reservations: event ? [{ topic: "ordered", ids: [event.id] }] : [],
            data: { number: event?.payload.number ?? "" },
          };
        },
        mutate: (ctx, { data }) => ctx.bank.transfer(data),
        async next(ctx, { data }, { status }) {
          if (status === "applied") ctx.publish("paid", { messageId: data.number, payload: data });
        },
      }),
    }),
  });
}

/** What the engine of a world runs. */
export function worldOptions(): Omit<EngineOptions, "database" | "clock"> {
  return {
    workflows: [shop("shop", "ok")],
    jobHandlers: [
      defineJobHandler({
        name: "work",
        payload: z.looseObject({ fails: z.boolean().optional() }).default({}),
        handler({ fails = false }, { log }) {
          log.info("working", { fails });
          if (fails) throw new Error("the work failed");
          return { worked: true };
        },
      }),
    ],
  };
}

export class ApiWorld {
  private readonly stage: ApiStage;
  private count = 0;

  constructor(stage: ApiStage) {
    this.stage = stage;
  }

  /** An order that was paid; gives what came of it. */
  async order(workflow = "shop") {
    const { engine, stores } = this.stage;
    const number = this.newName("order");
    const input = { source: "web", type: "order", externalId: number, title: `Order ${number}` };
    const { id: event } = await engine.publish(workflow, "ordered", { messageId: number, payload: { number }, input });
    await engine.whenIdle();
    const workflowId = (await stores.workflows.list()).find(({ name }) => name === workflow)?.id;
    const newestOf = { ...(workflowId && { workflowId }), limit: 1 };
    const [run] = await engine.runs(newestOf);
    const [output] = await engine.outputs(newestOf);
    const [newest] = await engine.inputs(newestOf);
    return { workflow, event, run: run?.id ?? "", input: newest?.id ?? "", output: output?.id ?? ("" as MutationId) };
  }

  /** An order in a workflow of its own, whose bank does as it is told. */
  async orderThat(outcome: ScriptedOutcome, approval = false) {
    const name = this.newName("shop");
    await this.stage.engine.deploy(shop(name, outcome, approval));
    await this.stage.engine.whenIdle();
    return this.order(name);
  }

  /** A workflow that has stopped because its code is wrong. */
  async brokenWorkflow(): Promise<string> {
    const name = this.newName("broken");
    await this.stage.engine.deploy(shop(name, "crash"));
    await this.stage.engine.whenIdle();
    return name;
  }

  async job(more: object = {}, platform?: PlatformId): Promise<string> {
    const { engine } = this.stage;
    const scheduler = platform === undefined ? engine.jobs : engine.schedulerOf(platform);
    const schedule = "type" in more ? {} : { type: "cron", cron: "0 9 * * *" };
    const input = { ...schedule, name: this.newName("job"), handler: "work", ...more };
    // What is given beside the usual makes it a job of another type.
    return (await scheduler.schedule(input as Parameters<typeof scheduler.schedule>[0])).id;
  }

  /** An execution that is over, or one that waits for another attempt. */
  async execution({ fails = false, waits = false } = {}): Promise<string> {
    const job = await this.job({ payload: { fails: fails || waits }, maxRetries: waits ? 3 : 0, retryDelay: HOUR_MS });
    const { id } = await this.stage.engine.jobs.runJobNow(job, { by: "olga" });
    await this.stage.settle();
    return id;
  }

  async eventJob(event: string): Promise<string> {
    return this.job({ type: "event", event });
  }

  /** The workflow, the input and so on of one paid order, a job with an execution … : an id of everything there is. */
  async everything(): Promise<Ids> {
    const { event, run, input, output, workflow } = await this.order();
    await this.orderThat("timeout-after-send");
    await this.orderThat("ok", true);
    await this.brokenWorkflow();
    const execution = await this.execution({ fails: true });
    const { jobId: job } = (await this.stage.engine.jobs.getExecution(execution)).execution;
    await this.eventJob("signed up");
    const [attention] = await this.stage.engine.needsAttention();
    if (!attention) throw new Error("Nothing needs attention.");
    return { workflow, event, run, input, output, job, execution, notification: attention.notification.id };
  }

  newName(kind: string): string {
    this.count += 1;
    return `${kind}-${this.count}`;
  }
}

/** An id for each parameter of an address. */
export interface Ids extends Record<string, string> {
  workflow: string;
  event: string;
  run: string;
  input: string;
  output: string;
  job: string;
  execution: string;
  notification: string;
}
