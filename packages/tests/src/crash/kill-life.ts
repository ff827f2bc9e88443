/** One life, from its start to its death as planned. */
import { setTimeout as pause } from "node:timers/promises";
import { startLife, type Ground, type Life } from "./kill-ground.ts";
import { momentOf, type Moment, type Plan } from "./kill-plan.ts";
import { EXIT, SIGNS } from "./kill-world.ts";

/** A life whose planned moment does not come is killed so long after its start-up. */
const LONGEST_MS = 1_500;
/** Who has not started by then is stuck. */
const MOST_START_UP_MS = 30_000;

/** A life did something that no life may do. */
export class LifeError extends Error {}

/** Lives one life and ends it. @throws LifeError when it ends by itself, or a second one is not refused */
export async function liveAndDie(ground: Ground, plan: Plan): Promise<Moment> {
  const life = startLife(ground, plan.kind === "commit" ? { dies: plan } : {});
  if (plan.kind === "effect") {
    const { place, receiver } = ground;
    receiver.tell({ order: "trap", place, life: life.number, pid: life.child.pid, trap: plan.trap });
  }
  const stuck = setTimeout(() => life.child.kill("SIGKILL"), MOST_START_UP_MS);
  const moment = await killAsPlanned(ground, life, plan);
  const { code, signal } = await life.ended;
  clearTimeout(stuck);
  if (signal !== "SIGKILL") throw new LifeError(`Life ${life.number} ended by itself with ${code}: ${life.errors()}`);
  return moment;
}

async function killAsPlanned(ground: Ground, life: Life, plan: Plan): Promise<Moment> {
  const kill = () => life.child.kill("SIGKILL");
  switch (plan.kind) {
    case "boot":
      await pause(plan.afterMs);
      kill();
      return momentOf(plan);
    case "opening":
      await life.whenSaid(SIGNS.opening);
      await pause(plan.afterMs);
      kill();
      return momentOf(plan);
    case "running":
      await life.whenSaid(SIGNS.up);
      await pause(plan.afterMs);
      kill();
      return momentOf(plan);
    case "overlap":
      if (await life.whenSaid(SIGNS.up)) await tryToOverlap(ground);
      await pause(plan.afterMs);
      kill();
      return momentOf(plan);
    case "commit":
    case "effect":
      return (await killLate(life)) ? "at random" : momentOf(plan);
  }
}

/** Gives whether the life had to be killed because its moment did not come. */
async function killLate(life: Life): Promise<boolean> {
  await life.whenSaid(SIGNS.up);
  const controller = new AbortController();
  const late = pause(LONGEST_MS, true, { signal: controller.signal }).catch(() => false);
  const isLate = await Promise.race([late, life.ended.then(() => false)]);
  controller.abort();
  if (isLate) life.child.kill("SIGKILL");
  return isLate;
}

/** Starts a second process on what the first one owns. @throws LifeError unless it is refused as it should be */
async function tryToOverlap(ground: Ground): Promise<void> {
  const second = startLife(ground);
  const stuck = setTimeout(() => second.child.kill("SIGKILL"), MOST_START_UP_MS);
  const { code } = await second.ended;
  clearTimeout(stuck);
  ground.refused.add(String(second.number));
  if (code !== EXIT.refused)
    throw new LifeError(`A second life beside life ${second.number - 1} ended with ${code}: ${second.errors()}`);
}

/** The last life, which works off what is left. @throws LifeError when it does not get to its end */
export async function drain(ground: Ground): Promise<void> {
  ground.receiver.tell({ order: "behave", place: ground.place });
  const life = startLife(ground, { drains: true });
  const { code } = await life.ended;
  if (code !== EXIT.drained) throw new LifeError(`The last life ended with ${code}: ${life.errors()}`);
}
