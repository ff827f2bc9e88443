/** What is asked of the engine from outside: events, deploys, pauses, skips, replays and jobs. */
import type { WorkflowDefinition } from "@millrace/agent";
import type { OutsideWorld } from "./outside-world.ts";
import type { SimulatedJobs } from "./simulated-jobs.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { SimulatedTime } from "./simulated-time.ts";
import { buildWorkflow, topicName } from "./simulated-workflow.ts";
import type { Action, WorkflowShape, WorldPlan } from "./world-plan.ts";

export class Requests {
  /** The shapes of the workflows as they were last deployed, or are about to be. */
  readonly shapes: WorkflowShape[];
  /** Ids of events whose publication was acknowledged. */
  readonly acknowledged = new Set<string>();
  private readonly versions: number[];
  private readonly plan: WorldPlan;
  private readonly world: OutsideWorld;
  private readonly jobs: SimulatedJobs;
  private readonly time: SimulatedTime;

  constructor(plan: WorldPlan, world: OutsideWorld, jobs: SimulatedJobs, time: SimulatedTime) {
    this.plan = plan;
    this.world = world;
    this.jobs = jobs;
    this.time = time;
    this.shapes = plan.workflows.map((shape) => structuredClone(shape));
    this.versions = plan.workflows.map(() => 1);
  }

  /** The code of all workflows as a new process has it. */
  definitions(process: SimulatedProcess): WorkflowDefinition[] {
    return this.shapes.map((shape, index) => this.define(process, shape, index));
  }

  /** @throws what the engine refuses */
  async make(process: SimulatedProcess, action: Action): Promise<void> {
    const { engine } = process;
    switch (action.type) {
      case "publish": {
        const { workflow, topic, message } = action;
        const event = { messageId: `m${message}`, payload: { group: message % 2, from: "outside" } };
        const { id } = await engine.publish(this.nameOf(workflow), topicName(topic), event);
        this.acknowledged.add(id);
        return;
      }
      case "pause":
      case "resume":
        return engine[action.type](this.nameOf(action.workflow));
      case "run now":
        return engine.runNow(this.nameOf(action.workflow));
      case "deploy":
        return this.deploy(process, action);
      case "skip input": {
        const inputs = await engine.inputs({ limit: 100 });
        const input = inputs[action.which % Math.max(1, inputs.length)];
        if (input) await engine.skipInput(input.id);
        return;
      }
      case "replay": {
        const runs = await engine.runs({ limit: 100, statuses: ["committed"] });
        const run = runs[action.which % Math.max(1, runs.length)];
        if (!run) return;
        const from = run.handlerType === "producer" ? "executing" : action.from;
        await engine.replayRun(run.id, { from, by: "person", cross: [] });
        return;
      }
      case "job":
        return this.jobs.perform(engine.jobs, action.job, action.verb, this.time.wall);
      default:
        throw new Error(`this is not asked of an engine: ${action.type}`);
    }
  }

  private deploy(process: SimulatedProcess, { workflow, change }: Action & { type: "deploy" }): Promise<void> {
    const shape = this.shapes[workflow];
    const original = this.plan.workflows[workflow];
    if (!shape || !original) return Promise.resolve();
    if (change === "version") this.versions[workflow] = (this.versions[workflow] ?? 1) + 1;
    if (change === "without consumer") shape.consumers = shape.consumers.slice(1);
    if (change === "schedule") {
      shape.producers = shape.producers.map((own) => ({ ...own, schedule: { interval: "1h" } }));
    }
    const next = change === "back" ? structuredClone(original) : shape;
    this.shapes[workflow] = next;
    return process.engine.deploy(this.define(process, next, workflow));
  }

  private define(process: SimulatedProcess, shape: WorkflowShape, index: number): WorkflowDefinition {
    return buildWorkflow(shape, this.versions[index] ?? 1, { world: this.world, process });
  }

  private nameOf(workflow: number): string {
    return this.shapes[workflow]?.name ?? "";
  }
}
