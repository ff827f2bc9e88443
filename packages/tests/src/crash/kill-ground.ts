/** One ground of the kill command: a database and what is around it, and the lives that are lived on it. */
import { spawn, type ChildProcess } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { pathsOf, type Orders } from "./kill-world.ts";
import type { Receiver } from "./receiver-client.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** The program of a life, ready to start. */
export interface Program {
  /** The bundle's file. */
  file: string;
  /** Where compiled code is kept between lives. */
  compileCache: string;
}

export interface Ground {
  /** Its name among all that the receiver knows. */
  place: string;
  folder: string;
  receiver: Receiver;
  program: Program;
  random: SeededRandom;
  /** The number of the last life. */
  lives: number;
  /** How much was put before the producer. */
  offered: number;
  /** Lives that must have had no effect. */
  refused: Set<string>;
}

/** A life that has been started. */
export interface Life {
  child: ChildProcess & { pid: number };
  number: number;
  /** What it has written to its standard error. */
  errors: () => string;
  /** Resolves with whether it has given this sign: false once it is over without it. */
  whenSaid: (sign: string) => Promise<boolean>;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export function prepareGround(
  parent: string,
  { place, receiver, program, random }: Pick<Ground, "place" | "receiver" | "program" | "random">,
): Ground {
  const folder = mkdtempSync(join(parent, `ground-${place}-`));
  const { inside, outside } = pathsOf(folder);
  mkdirSync(inside);
  mkdirSync(outside);
  return { place, folder, receiver, program, random, lives: 0, offered: 0, refused: new Set() };
}

/** Puts some more before the producer. */
export function offer(ground: Ground, count: number): void {
  for (let left = count; left > 0; left -= 1) {
    ground.offered += 1;
    appendFileSync(pathsOf(ground.folder).offers, `offer-${ground.offered}\n`);
  }
}

/** Starts one more life. @param shell a command line that is to run it, instead of running it at once */
export function startLife(
  ground: Ground,
  { dies = null, drains = false }: Partial<Pick<Orders, "dies" | "drains">> = {},
  wrap: (command: readonly string[]) => readonly string[] = (command) => command,
): Life {
  ground.lives += 1;
  const { folder, place, receiver, program, lives: life } = ground;
  const seed = ground.random.between(0, 2 ** 31 - 1);
  const told: Orders = { place, folder, receiver: receiver.url, life, drains, seed, dies };
  const [command = "", ...args] = wrap([process.execPath, program.file, JSON.stringify(told)]);
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_COMPILE_CACHE: program.compileCache },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} can't be started.`);
  return watch(Object.assign(child, { pid }), life);
}

function watch(child: Life["child"], number: number): Life {
  let output = "";
  let errors = "";
  const waiting = new Set<() => void>();
  const ended = new Promise<Awaited<Life["ended"]>>((resolve) =>
    child.once("close", (code, signal) => {
      resolve({ code, signal });
      for (const look of waiting) look();
    }),
  );
  child.stdout?.on("data", (piece) => {
    output += String(piece);
    for (const look of waiting) look();
  });
  child.stderr?.on("data", (piece) => (errors += String(piece)));
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  const whenSaid = (sign: string) =>
    new Promise<boolean>((resolve) => {
      const look = () => {
        const said = output.split("\n").includes(sign);
        if (!said && !isOver()) return;
        waiting.delete(look);
        resolve(said);
      };
      waiting.add(look);
      look();
    });
  return { child, number, errors: () => errors, whenSaid, ended };
}
