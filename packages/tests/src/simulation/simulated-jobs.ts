/** The jobs of a world: what their handlers do, and what people do with them. */
import {
  NonRetryableError,
  type Engine,
  type JobContext,
  type JobHandler,
  type Scheduler,
  type ScheduledJobInput,
} from "@millrace/agent";
import type { History, Tally } from "./history.ts";
import type { CallingProcess, OutsideWorld } from "./outside-world.ts";
import { streamOf, type RandomStream } from "./random-stream.ts";
import { HOUR, MINUTE, type JobShape, type JobVerb, type WorldPlan } from "./world-plan.ts";
import { topicName } from "./simulated-workflow.ts";

/** One time that a handler began to act. */
export interface JobEffect {
  executionId: string;
  idempotencyKey: string;
  attempt: number;
}

const WORK = "work";
/** Every second process does not have it, as in a rolling deploy. */
const RARE = "rare";

export class SimulatedJobs {
  readonly effects: JobEffect[] = [];
  /** What was acknowledged and must not be lost, by what it is. */
  readonly acknowledged = { executions: new Set<string>(), jobs: new Set<string>() };
  private readonly plan: WorldPlan;
  private readonly world: OutsideWorld;
  private readonly random: RandomStream;
  private readonly history: History;
  private readonly tally: Tally;
  private events = 0;
  private hasRare = false;

  constructor(plan: WorldPlan, world: OutsideWorld, history: History, tally: Tally) {
    this.plan = plan;
    this.world = world;
    this.random = streamOf(plan.seed, "jobs");
    this.history = history;
    this.tally = tally;
  }

  /** The functions that jobs run, as one process has them. @param life its number */
  handlers(process: CallingProcess, life: number): JobHandler[] {
    const handler = (name: string): JobHandler => ({
      name,
      handler: (_payload, context) => this.work(process, context),
    });
    this.hasRare = life % 2 === 1;
    return this.hasRare ? [handler(WORK), handler(RARE)] : [handler(WORK)];
  }

  /** In the end every function is there. */
  async completeHandlers(engine: Engine, process: CallingProcess): Promise<void> {
    if (this.hasRare) return;
    this.hasRare = true;
    await engine.registerJobHandler({ name: RARE, handler: (_payload, context) => this.work(process, context) });
  }

  /** The jobs are there from the first; those that exist are edited into what they are. */
  async scheduleAll(jobs: Scheduler): Promise<void> {
    for (const shape of this.plan.jobs) {
      if (this.hasRare || shape.target !== "rare function") await this.save(jobs, shape);
    }
  }

  /** Lets jobs that publish into workflows come to an end: those would never be done. */
  async pausePublishers(jobs: Scheduler): Promise<void> {
    const publishers = this.plan.jobs.filter(({ target }) => target === "topic").map(({ key }) => key);
    const { items } = await jobs.listJobs({ statuses: ["pending", "active"], limit: 100 });
    for (const { id, key } of items) if (key !== null && publishers.includes(key)) await jobs.pauseJob(id);
  }

  /** Does something with a job as a person would; what is refused changes nothing. */
  async perform(jobs: Scheduler, index: number, verb: JobVerb, now: number): Promise<void> {
    const shape = this.plan.jobs[index];
    if (!shape) return;
    if (verb === "save") return this.save(jobs, shape);
    if (verb === "trigger") return this.trigger(jobs);
    const { items } = await jobs.listJobs({ limit: 100 });
    const job = items.find(({ key }) => key === shape.key);
    if (!job) return;
    switch (verb) {
      case "pause":
        await jobs.pauseJob(job.id);
        return;
      case "resume":
        await jobs.resumeJob(job.id, { catchUp: this.random.chance(0.5) });
        return;
      case "cancel":
        await jobs.cancelJob(job.id, { reason: "simulated" });
        return;
      case "remove":
        for (const { id } of (await jobs.getJobHistory(job.id, { limit: 1_000 })).items) {
          this.acknowledged.executions.delete(id);
        }
        this.acknowledged.jobs.delete(shape.key);
        await jobs.unschedule(job.id);
        return;
      case "skip next":
        await jobs.skipNextRun(job.id);
        return;
      case "run now":
        this.acknowledged.executions.add((await jobs.runJobNow(job.id)).id);
        return;
      case "backfill":
        await jobs.backfill(job.id, { from: now - 5 * HOUR, until: now });
        return;
      case "redrive":
        return this.redrive(jobs);
      case "cancel execution": {
        const open = await jobs.getJobHistory(job.id, { statuses: ["pending", "running"], limit: 10 });
        const [first] = open.items;
        if (first) await jobs.cancelExecution(first.id);
      }
    }
  }

  private async save(jobs: Scheduler, shape: JobShape): Promise<void> {
    await jobs.schedule(this.inputOf(shape));
    this.acknowledged.jobs.add(shape.key);
  }

  private async trigger(jobs: Scheduler): Promise<void> {
    this.events += 1;
    const made = await jobs.triggerEvent("happened", { n: this.events }, { eventId: `event-${this.events}` });
    for (const { id } of made) this.acknowledged.executions.add(id);
  }

  private async redrive(jobs: Scheduler): Promise<void> {
    const { items } = await jobs.listDeadLetters({ limit: 3 });
    const made = await jobs.redrive(items.map(({ id }) => id));
    for (const { id } of made) this.acknowledged.executions.add(id);
  }

  private inputOf(shape: JobShape): ScheduledJobInput {
    const [workflow] = this.plan.workflows;
    const target =
      shape.target === "rare function"
        ? RARE
        : shape.target === "function" || !workflow
          ? WORK
          : shape.target === "producer"
            ? { workflow: workflow.name, producer: workflow.producers[0]?.name ?? "" }
            : { workflow: workflow.name, topic: topicName(0) };
    const payload = shape.target === "topic" ? { group: 1, from: shape.key } : { job: shape.key };
    const own = {
      key: shape.key,
      name: shape.key,
      handler: target,
      ...(shape.target !== "producer" && { payload }),
      delivery: shape.delivery,
      maxRetries: shape.maxRetries,
      retryDelay: "5m",
      timeout: "10m",
      misfire: { policy: shape.misfire },
    };
    const overlap = { overlap: shape.overlap };
    switch (shape.type) {
      case "cron":
        return { type: "cron", ...own, ...overlap, cron: `*/${Math.min(shape.intervalMinutes, 30)} * * * *` };
      case "recurring":
        return { type: "recurring", ...own, ...overlap, interval: shape.intervalMinutes * MINUTE, maxRuns: 20 };
      case "one_time":
        return { type: "one_time", ...own, in: shape.intervalMinutes * MINUTE };
      case "event":
        return { type: "event", ...own, event: "happened" };
    }
  }

  private async work(process: CallingProcess, context: JobContext): Promise<unknown> {
    if (process.pass("in handler")) return new Promise<never>(() => undefined);
    this.effects.push({
      executionId: context.executionId,
      idempotencyKey: context.idempotencyKey,
      attempt: context.attempt,
    });
    const shape = this.plan.jobs.find(({ key }) => key === context.jobName);
    context.log.info("the work begins");
    const outcome =
      shape?.hangs === true && !this.world.behaves && context.attempt === 1
        ? "hangs"
        : this.world.misbehaves(1)
          ? this.random.weighted({ ok: 3, throws: 3, "gives up": 1, slow: 2, hangs: 1 })
          : "ok";
    this.tally.add(`job ${outcome}`);
    this.history.add(`job ${context.jobName} ${context.executionId} attempt ${context.attempt}: ${outcome}`);
    switch (outcome) {
      case "ok":
        return { done: context.attempt };
      case "throws":
        throw new Error("simulated: the job fails");
      case "gives up":
        throw new NonRetryableError("simulated: the job can't be done");
      case "slow":
        await process.sleep(3 * MINUTE, context.signal);
        return { done: context.attempt };
      case "hangs":
        await process.sleep(30 * MINUTE);
        return null;
    }
  }
}
