/**
 * Runs one world from its plan to its end: the real engine on a real database, in a world that fails, with processes
 * that die. The same plan gives the same history, byte for byte.
 */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "@millrace/agent";
import { openDatabase } from "@millrace/db";
import { findFaults, findStuckEvents, findWaitingExecutions, type Ending } from "./final-checks.ts";
import { History, Tally } from "./history.ts";
import { damageExecutions, examineImage, findBroken, findDamage } from "./invariants.ts";
import { OutsideWorld } from "./outside-world.ts";
import { isRefusal } from "./refusals.ts";
import { Requests } from "./requests.ts";
import { ProcessDiedError, SimulatedProcess, type Disk } from "./simulated-process.ts";
import { SimulatedJobs } from "./simulated-jobs.ts";
import { SimulatedPeople } from "./simulated-people.ts";
import { SimulatedTime } from "./simulated-time.ts";
import { DAY, HOUR, MINUTE, type Action, type WorldPlan } from "./world-plan.ts";

export interface WorldResult {
  seed: number;
  /** What was broken, each with the rule it breaks; empty when all held. */
  violations: string[];
  digest: string;
  counts: Readonly<Record<string, number>>;
}

export interface SimulationOptions {
  /** Is told each line of the history. */
  onLine?: (line: string) => void;
}

const START = Date.parse("2026-03-02T08:00:00Z");
const MAX_LIVES = 40;
const MAX_ROUNDS = 25;
const MAX_PASSES = 8;

/** What the engine is run with: short limits, so that a world of some days comes to all of them. */
const POLICY = {
  reconcile: { maxAttempts: 6, deadlineMs: 6 * HOUR, backoff: { initialMs: 5_000, maxMs: 10 * MINUTE } },
  retry: { maxTransientFailures: 4, backoff: { initialMs: 2_000, maxMs: 10 * MINUTE } },
  jobs: { retention: { successMs: 1_000 * DAY, failureMs: 1_000 * DAY } },
};

/** Thrown when something does not hold; the rest of the world is not run. */
class ViolationError extends Error {
  readonly violations: string[];

  constructor(violations: string[]) {
    super(violations.join("\n"));
    this.violations = violations;
  }
}

let emptyImage: Buffer | null = null;

/** A migrated database without content; made once, because each world begins with it. */
async function migratedImage(): Promise<Buffer> {
  if (emptyImage === null) {
    const database = await openDatabase("sqlite::memory:");
    emptyImage = database.serialise();
    await database.close();
  }
  return emptyImage;
}

export async function runWorld(plan: WorldPlan, options: SimulationOptions = {}): Promise<WorldResult> {
  const history = new History(options.onLine ?? null);
  const tally = new Tally();
  const scratch = plan.storage === "file" ? mkdtempSync(join(tmpdir(), "millrace-world-")) : "";
  const simulation = new Simulation(plan, history, tally, scratch);
  let violations: string[] = [];
  try {
    await simulation.run();
  } catch (error) {
    violations = error instanceof ViolationError ? error.violations : [`it does not break: ${String(error)}`];
    if (!(error instanceof ViolationError) && error instanceof Error) history.add(error.stack ?? "");
  } finally {
    if (scratch !== "") rmSync(scratch, { recursive: true, force: true });
  }
  for (const violation of violations) history.add(`VIOLATION ${violation}`);
  tally.add(plan.storage === "file" ? "world on a file" : "world in memory");
  return { seed: plan.seed, violations, digest: history.digest(), counts: tally.counts };
}

class Simulation {
  private readonly plan: WorldPlan;
  private readonly history: History;
  private readonly tally: Tally;
  private readonly time = new SimulatedTime(START);
  private readonly scratch: string;
  private readonly world: OutsideWorld;
  private readonly people: SimulatedPeople;
  private readonly jobs: SimulatedJobs;
  private readonly requests: Requests;
  /** The latest phase of each run, as its place in the order. */
  private readonly phases = new Map<string, number>();
  private readonly goneBack: string[] = [];
  private process: SimulatedProcess | null = null;
  private lives = 0;
  private clockWasSet = false;
  private damagesNext = false;
  /** By how much in all, in milliseconds. */
  private wallSetBack = 0;

  constructor(plan: WorldPlan, history: History, tally: Tally, scratch: string) {
    this.plan = plan;
    this.history = history;
    this.tally = tally;
    this.scratch = scratch;
    this.world = new OutsideWorld(plan, this.time, history, tally);
    this.people = new SimulatedPeople(plan.seed, this.world, history, tally);
    this.jobs = new SimulatedJobs(plan, this.world, history, tally);
    this.requests = new Requests(plan, this.world, this.jobs, this.time);
  }

  async run(): Promise<void> {
    await this.live(await this.firstDisk());
    for (const action of this.plan.actions) {
      this.tally.add("step");
      this.history.add(`${this.time.wall} ${JSON.stringify(action)}`);
      await this.surviving(() => this.perform(action));
      await this.surviving(() => this.check());
    }
    await this.settleEverything();
    await this.checkEnding();
  }

  private async firstDisk(): Promise<Disk> {
    if (this.plan.storage === "memory") return { kind: "memory", image: await migratedImage() };
    const folder = join(this.scratch, "first");
    mkdirSync(folder);
    return { kind: "file", folder };
  }

  /** Starts processes on a disk until one of them has started. */
  private async live(disk: Disk): Promise<void> {
    for (let left = disk; ;) {
      this.lives += 1;
      if (this.lives > MAX_LIVES) throw new Error("the world does not come to life");
      const { plan, time, history, tally, scratch } = this;
      const process = new SimulatedProcess({ seed: plan.seed, time, history, tally, scratch }, this.lives);
      this.tally.add("life");
      await process.open(left);
      const earlier = this.process;
      this.process = process;
      process.inherit(earlier);
      try {
        const workflows = this.requests.definitions(process);
        await process.start({ workflows, jobHandlers: this.jobs.handlers(process, this.lives), policy: POLICY });
        this.watch(process.engine);
        await process.run(() => this.jobs.scheduleAll(process.engine.jobs));
        return;
      } catch (error) {
        if (!(error instanceof ProcessDiedError) && !isRefusal(error)) throw error;
        // A program that can't start ends, and is started again.
        if (!process.isDead) process.die("kill");
        left = await this.takeRemains(process);
      }
    }
  }

  /** Does something; if the process dies of it, another one takes over. */
  private async surviving(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ProcessDiedError)) throw error;
      await this.restart();
    }
  }

  private async restart(): Promise<void> {
    const disk = await this.takeRemains(this.current);
    // Some time goes by until somebody, or something, starts it again.
    this.time.elapsed += this.plan.seed % 3 === 0 ? 10 * MINUTE : 1_000;
    await this.live(disk);
  }

  private async takeRemains(process: SimulatedProcess): Promise<Disk> {
    const disk = await process.remains();
    this.checkDisk(disk);
    if (!this.damagesNext || disk.kind === "file") return disk;
    this.damagesNext = false;
    this.tally.add("damaged execution");
    return { kind: "memory", image: damageExecutions(disk.image) };
  }

  /** What a dead process leaves is consistent by itself. */
  private checkDisk(disk: Disk): void {
    if (disk.kind === "file") return;
    const broken = examineImage(disk.image);
    if (broken.length > 0) throw new ViolationError(broken.map((what) => `on the disk of a dead process, ${what}`));
  }

  private get current(): SimulatedProcess {
    if (!this.process) throw new Error("nothing lives");
    return this.process;
  }

  /** Phases of a run only go forward. */
  private watch(engine: Engine): void {
    const order = ["executing", "preparing", "prepared", "mutating", "mutated", "emitting", "committed"];
    engine.on("run:changed", ({ id, phase, status }) => {
      const rank = order.indexOf(phase);
      if (rank < (this.phases.get(id) ?? 0)) {
        this.history.add(`run ${id} went back to ${phase}`);
        this.goneBack.push(id);
      }
      this.phases.set(id, rank);
      this.tally.add(`run ${status}`);
    });
    engine.on("mutation:changed", ({ status }) => this.tally.add(`mutation ${status}`));
  }

  private async perform(action: Action): Promise<void> {
    const process = this.current;
    switch (action.type) {
      case "advance":
        return process.advance(action.ms);
      case "set clock":
        this.clockWasSet = true;
        this.wallSetBack += Math.max(0, -action.ms);
        this.tally.add(`clock ${action.ms > 0 ? "forward" : "back"}`);
        this.time.setWallBy(action.ms);
        return process.settle();
      case "crash":
        return process.arm(action.point);
      case "die":
        process.die(action.kind);
        throw new ProcessDiedError("as planned");
      case "restart":
        return this.live(await this.stopInOrder(process));
      case "storage fault":
        process.failingCommits = action.commits;
        return process.advance(MINUTE);
      case "damage":
        this.damagesNext = true;
        return undefined;
      case "people":
        await this.people.decide(process, false);
        return undefined;
      default:
        try {
          await process.run(() => this.requests.make(process, action));
        } catch (error) {
          if (!isRefusal(error)) throw error;
          this.history.add(`refused: ${error.name}`);
        }
        return process.settle();
    }
  }

  private async stopInOrder(process: SimulatedProcess): Promise<Disk> {
    this.tally.add("stop in order");
    const disk = await process.stop();
    this.checkDisk(disk);
    return disk;
  }

  /** After each step: all rules that hold in a quiet engine. */
  private async check(): Promise<void> {
    const process = this.current;
    const isQuiet = !this.clockWasSet && process.engine.isIdle;
    const broken = await process.run(() => findBroken(process.data, isQuiet ? this.time.wall : null));
    if (this.goneBack.length > 0) broken.push(`phases never go back: ${this.goneBack.join(", ")}`);
    if (broken.length > 0) throw new ViolationError(broken);
  }

  /** The world behaves, everything is switched on, and people decide about all that waits, until nothing more happens. */
  private async settleEverything(): Promise<void> {
    this.world.behaves = true;
    this.current.disarm();
    for (let workflow = 0; workflow < this.plan.workflows.length; workflow += 1) {
      for (const action of [
        { type: "deploy", workflow, change: "back" },
        { type: "resume", workflow },
      ] as const) {
        await this.current.run(() => this.requests.make(this.current, action));
      }
    }
    await this.current.run(() => this.jobs.completeHandlers(this.current.engine, this.current));
    await this.current.run(() => this.jobs.pausePublishers(this.current.engine.jobs));
    // What is to be done at a time comes when the clock shows it again.
    if (this.wallSetBack > 0) await this.current.advance(this.wallSetBack + 2 * HOUR);
    let calm = 0;
    for (let round = 0; calm < 3; round += 1) {
      if (round > MAX_ROUNDS)
        throw new ViolationError(["it comes to rest, or says whom it waits for", ...(await this.findStuck())]);
      await this.current.advance(round < 4 ? HOUR : 4 * HOUR);
      await this.letPeopleDecide();
      await this.check();
      calm = (await this.isCalm()) ? calm + 1 : 0;
    }
  }

  private async letPeopleDecide(): Promise<void> {
    for (let pass = 0; pass < MAX_PASSES; pass += 1) {
      const decided = await this.people.decide(this.current, true);
      // What follows may take a moment, and lead to the next decision.
      await this.current.advance(decided > 0 ? MINUTE : 0);
      if (decided === 0) return;
    }
  }

  /** Whether nobody is waited for, and nothing is under way. */
  private async isCalm(): Promise<boolean> {
    const { engine } = this.current;
    const [open, status, waiting] = await this.current.run(() =>
      Promise.all([
        engine.outputs({ unresolved: true }),
        engine.status(),
        engine.outputs({ statuses: ["pending", "in_flight", "needs_reconcile"] }),
      ]),
    );
    const stuck = await this.findStuck();
    return (
      stuck.length === 0 &&
      engine.isIdle &&
      open.length === 0 &&
      waiting.length === 0 &&
      status.every(({ error }) => error === null)
    );
  }

  private get ending(): Ending {
    const { plan, world, people, jobs, requests } = this;
    const { shapes, acknowledged } = requests;
    return { plan, shapes, database: this.current.data, world, people, jobs, acknowledged };
  }

  private findStuck(): Promise<string[]> {
    const { ending } = this;
    return this.current.run(async () => [...(await findStuckEvents(ending)), ...(await findWaitingExecutions(ending))]);
  }

  private async checkEnding(): Promise<void> {
    const process = this.current;
    const { data: database } = process;
    const faults = await process.run(() => findFaults(this.ending));
    faults.push(...(await process.run(() => findDamage(database))));
    this.tally.add("effect", this.world.effects.length);
    this.tally.add("acknowledged", this.requests.acknowledged.size);
    const disk = await process.stop();
    if (disk.kind === "memory") this.history.add(`the disk in the end: ${digestOf(disk.image)}`);
    if (faults.length > 0) throw new ViolationError(faults);
  }
}

const digestOf = (image: Buffer) => createHash("sha256").update(image).digest("hex");
