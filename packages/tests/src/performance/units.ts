/** The units of work whose costs are counted. */
import { JOB, PAYLOAD, TOPIC, type UnitWorld } from "./unit-world.ts";

export interface Unit {
  /** How many units `work` does. */
  count: number;
  /** How many workflows there are. Default 1. */
  workflows?: number;
  prepare?: (world: UnitWorld) => Promise<void>;
  work: (world: UnitWorld) => Promise<void>;
  /** Gives how many units were done: figures for work that was not done would be worse than none. */
  done: (world: UnitWorld) => Promise<number>;
}

const ALONE = 20;
const LATER_MS = 60_000;

export const UNITS = {
  "consumer run with one mutation, 1 workflow": {
    count: ALONE,
    prepare: (world) => publishToPaused(world, ALONE),
    work: resumeAll,
    done: countApplied,
  },
  "consumer run with one mutation, 100 workflows": {
    count: 500,
    workflows: 100,
    prepare: (world) => publishToPaused(world, 500),
    work: resumeAll,
    done: countApplied,
  },
  "event published to an idle engine, with its run": {
    count: ALONE,
    work: (world) =>
      inTurn(ALONE, async (index) => {
        await publish(world, index);
        await world.engine.whenIdle();
      }),
    done: countApplied,
  },
  "job run, alone": {
    count: ALONE,
    prepare: (world) => inTurn(ALONE, (index) => schedule(world, 1_000 * (index + 1))),
    work: ({ test }) => test.advance(`${ALONE}s`),
    done: countSucceeded,
  },
  "job run, among 1,000": {
    count: 1_000,
    prepare: (world) => atOnce(1_000, () => schedule(world, 1_000)),
    work: ({ test }) => test.advance("1s"),
    done: countSucceeded,
  },
  "job added, alone": {
    count: ALONE,
    work: (world) => inTurn(ALONE, () => schedule(world, LATER_MS)),
    done: countPending,
  },
  "job added, by 100 at once": {
    count: 500,
    work: (world) => inTurn(5, () => atOnce(100, () => schedule(world, LATER_MS))),
    done: countPending,
  },
  "event published, alone": {
    count: ALONE,
    prepare: pauseAll,
    work: (world) => inTurn(ALONE, (index) => publish(world, index)),
    done: countEvents,
  },
  "event published, by 100 at once": {
    count: 500,
    prepare: pauseAll,
    work: (world) => inTurn(5, (round) => atOnce(100, (index) => publish(world, 100 * round + index))),
    done: countEvents,
  },
} as const satisfies Record<string, Unit>;

export type UnitName = keyof typeof UNITS;

// Object.keys forgets which keys an object of known keys has.
export const UNIT_NAMES = Object.keys(UNITS) as UnitName[];

async function pauseAll({ engine, workflows }: UnitWorld): Promise<void> {
  await Promise.all(workflows.map((workflow) => engine.pause(workflow)));
}

async function resumeAll({ engine, workflows }: UnitWorld): Promise<void> {
  await Promise.all(workflows.map((workflow) => engine.resume(workflow)));
}

async function publishToPaused(world: UnitWorld, events: number): Promise<void> {
  await pauseAll(world);
  await atOnce(events, (index) => publish(world, index));
}

function publish(world: UnitWorld, index: number): Promise<unknown> {
  return publishTo(world, `orders-${index % world.workflows.length}`, `message-${index}`);
}

export function publishTo({ engine }: UnitWorld, workflow: string, messageId: string): Promise<unknown> {
  return engine.publish(workflow, TOPIC, { messageId, payload: PAYLOAD });
}

function schedule({ engine, test }: UnitWorld, delayMs: number): Promise<unknown> {
  return engine.jobs.scheduleOnce({ name: JOB, handler: JOB, at: test.clock.now() + delayMs });
}

async function inTurn(times: number, work: (index: number) => Promise<unknown>): Promise<void> {
  for (let index = 0; index < times; index += 1) await work(index);
}

async function atOnce(times: number, work: (index: number) => Promise<unknown>): Promise<void> {
  await Promise.all(Array.from({ length: times }, (_, index) => work(index)));
}

async function countApplied({ engine }: UnitWorld): Promise<number> {
  return (await engine.outputs({ statuses: ["applied"], limit: 1_000 })).length;
}

async function countSucceeded({ engine }: UnitWorld): Promise<number> {
  return (await engine.jobs.getMetrics()).lastHour.success;
}

async function countPending({ engine }: UnitWorld): Promise<number> {
  return (await engine.jobs.getMetrics()).jobs.pending;
}

async function countEvents({ database }: UnitWorld): Promise<number> {
  return (await database.read((executor) => executor.selectFrom("events").select("id").execute())).length;
}
