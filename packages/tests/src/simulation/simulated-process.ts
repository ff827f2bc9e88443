/**
 * One life of a process: a real engine on a real database, until it is stopped or dies. A dead process does nothing any
 * more: nothing of it is committed, sent or answered, and what is left of it is what its disk holds.
 */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { createEngine, type Engine, type EngineOptions } from "@millrace/agent";
import { createIdSource, openDatabase, type CommitHooks, type SqliteDatabase } from "@millrace/db";
import BetterSqlite3 from "better-sqlite3";
import { boundaryName } from "./crash-coverage.ts";
import type { History, Tally } from "./history.ts";
import type { CallingProcess } from "./outside-world.ts";
import { streamOf, type RandomStream } from "./random-stream.ts";
import { ProcessClock, type SimulatedTime } from "./simulated-time.ts";
import type { CrashPoint } from "./world-plan.ts";

/** What outlives a process: the bytes of its database in memory, or the folder of its file. */
export type Disk = { kind: "memory"; image: Buffer } | { kind: "file"; folder: string };

/** Thrown to whoever waits for a process that has died. */
export class ProcessDiedError extends Error {}

/** What every process of a world has in common. */
export interface Surroundings {
  seed: number;
  time: SimulatedTime;
  history: History;
  tally: Tally;
  /** Where the folders of files are made. */
  scratch: string;
}

/** So many turns without a sign of life mean that only time can make something happen. */
const QUIET_TURNS = 12;
/** An answer that comes late is written down by an engine that has nothing else to do. */
const CALM_TURNS = 3;
const MAX_TURNS = 200_000;
const MAX_TIMERS = 20_000;

/**
 * What has reached the disk. In memory: the image of the last commit that waited for the disk, and of each after it. In
 * files: how long the log was then, and what the file itself held.
 */
type Durable = { kind: "memory"; images: Buffer[] } | { kind: "file"; logLength: number; main: Buffer };

export class SimulatedProcess implements CallingProcess {
  readonly clock: ProcessClock;
  isDead = false;
  private lostPower = false;
  /** How many commits fail from now on. */
  failingCommits = 0;
  private armed: { point: CrashPoint; left: number } | null = null;
  private readonly surroundings: Surroundings;
  private readonly random: RandomStream;
  private database: SqliteDatabase | null = null;
  private running: Engine | null = null;
  private signs = 0;
  private folder: string | null = null;
  /** What a power cut leaves at the least, and what it may leave besides. */
  private durable: Durable = { kind: "memory", images: [] };
  /** Whether the power is cut while a commit is written. */
  private isTorn = false;
  private left: Disk | null = null;

  /** @param number of this life in its world, from 1 */
  constructor(surroundings: Surroundings, number: number) {
    this.surroundings = surroundings;
    this.clock = new ProcessClock(surroundings.time);
    this.random = streamOf(surroundings.seed, `process ${number}`);
  }

  get engine(): Engine {
    if (!this.running) throw new Error("the process has no engine yet");
    return this.running;
  }

  get data(): SqliteDatabase {
    if (!this.database) throw new Error("the process has no database yet");
    return this.database;
  }

  /** Opens what an earlier process left. */
  async open(disk: Disk): Promise<void> {
    const newId = createIdSource({ now: () => this.clock.now(), random: () => this.random.bytes() });
    const hooks = this.hooks();
    if (disk.kind === "file") this.folder = disk.folder;
    this.database =
      disk.kind === "memory"
        ? await openDatabase("sqlite::memory:", { newId, hooks, image: disk.image })
        : await openDatabase(`sqlite:${join(disk.folder, "world.sqlite")}`, { newId, hooks });
    this.durable = this.reached(null);
    this.noticeReads(this.database);
  }

  /** A read is a sign of life too, and there is no hook for it. */
  private noticeReads(database: SqliteDatabase): void {
    const read = database.read.bind(database);
    database.read = (work, tx) => {
      this.signs += 1;
      return read(work, tx);
    };
  }

  /** Starts an engine on it. @throws ProcessDiedError, and what keeps an engine from starting */
  async start(options: Omit<EngineOptions, "database" | "clock" | "random">): Promise<void> {
    const random = () => this.random.next();
    this.running = createEngine({ ...options, database: this.data, clock: this.clock, random });
    await this.run(() => this.engine.start());
  }

  /** Lets the process die when it comes to a point. */
  arm(point: CrashPoint): void {
    this.armed = { point, left: point.nth };
  }

  /** Takes over what an earlier process had not come to. */
  inherit(earlier: SimulatedProcess | null): void {
    this.armed = earlier?.armed ?? null;
  }

  /** From now on it dies of nothing. */
  disarm(): void {
    this.armed = null;
    this.failingCommits = 0;
  }

  /** Does something with the engine, in as much time as it takes. @throws ProcessDiedError, and what the work throws */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    let outcome: { ok: true; value: Result } | { ok: false; error: unknown } | null = null;
    const done = work().then(
      (value) => (outcome = { ok: true, value }),
      (error: unknown) => (outcome = { ok: false, error }),
    );
    const settled = () => outcome;
    await this.turn(() => settled() !== null);
    // What waits for time (a write that is tried again later, a graceful stop) gets it.
    for (let timers = 0; settled() === null && timers < MAX_TIMERS; timers += 1) {
      if (!this.clock.fireNext(Number.POSITIVE_INFINITY)) break;
      await this.turn(() => settled() !== null);
    }
    if (settled() === null) throw new Error("a call never ended");
    await done;
    const ended = settled();
    if (ended?.ok) return ended.value;
    throw ended?.error;
  }

  /** Lets time pass, and all that is due in it happen. @throws ProcessDiedError */
  async advance(milliseconds: number): Promise<void> {
    const { time } = this.surroundings;
    const until = time.elapsed + milliseconds;
    await this.settle();
    for (let timers = 0; this.clock.fireNext(until); timers += 1) {
      if (timers > MAX_TIMERS) throw new Error("the engine does not come to rest");
      await this.settle();
    }
    time.elapsed = Math.max(time.elapsed, until);
  }

  /** Lets everything happen that needs no time. @throws ProcessDiedError */
  settle(): Promise<void> {
    return this.turn(() => this.running?.isIdle ?? false, CALM_TURNS);
  }

  /** Dies now. */
  die(kind: CrashPoint["kind"]): void {
    if (this.isDead) return;
    this.isDead = true;
    this.lostPower = kind === "power cut";
    this.surroundings.history.add(`died: ${kind}`);
    this.surroundings.tally.add(`crash ${kind}`);
  }

  /** What the dead process left, or the stopped one. */
  async remains(): Promise<Disk> {
    // A transaction that was under way comes to its commit, and dies there.
    for (let turns = 0; turns < 3; turns += 1) await nextTurn();
    this.left ??= this.takeRemains();
    await this.data.close();
    if (this.folder !== null) rmSync(this.folder, { recursive: true });
    return this.left;
  }

  /** Ends in good order; gives what it leaves. @throws ProcessDiedError when it dies meanwhile */
  async stop(): Promise<Disk> {
    await this.run(() => this.engine.stop());
    this.isDead = true;
    return this.remains();
  }

  pass(moment: "before effect" | "after effect" | "in handler"): boolean {
    this.signs += 1;
    if (!this.isDead && this.reaches(moment, [])) this.die(this.armedKind());
    return this.isDead;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const cancel = this.clock.setTimer(ms, resolve);
      const onAbort = () => {
        cancel();
        reject(new Error("simulated: told to stop"));
      };
      signal?.addEventListener("abort", onAbort, { once: true });
    });
    if (this.isDead) await new Promise<never>(() => undefined);
  }

  private hooks(): CommitHooks {
    return {
      insideTransaction: (name) => this.atCommit("inside", [name]),
      beforeCommit: (names) => {
        this.signs += 1;
        if (this.failingCommits > 0 && !this.isDead) return this.failCommit();
        return this.atCommit("before commit", names);
      },
      afterCommit: (names, awaitsDisk) => {
        if (this.isTorn) return this.tear(names);
        this.durable = this.reached(awaitsDisk ? null : this.durable);
        const answer = this.atCommit("after commit", names);
        if (answer === "continue") this.surroundings.history.add(`commit ${names.join(" + ")}`);
        return answer;
      },
    };
  }

  private failCommit(): never {
    this.failingCommits -= 1;
    this.surroundings.tally.add("storage fault commit refused");
    this.surroundings.history.add("the disk is full");
    throw new BetterSqlite3.SqliteError("database or disk is full", "SQLITE_FULL");
  }

  private atCommit(moment: CrashPoint["moment"], names: readonly string[]): "continue" | "crash" {
    if (this.isDead) return "crash";
    if (!this.reaches(moment, names)) return "continue";
    const kind = this.armedKind();
    for (const name of names) this.surroundings.tally.add(boundaryName(name, moment));
    this.surroundings.history.add(`${moment} of ${names.join(" + ")}:`);
    // The power fails while the commit is written: it is let through, and part of it taken back.
    this.isTorn = kind === "power cut" && moment === "before commit";
    if (this.isTorn) return "continue";
    this.die(kind);
    return "crash";
  }

  private tear(names: readonly string[]): "crash" {
    if (this.durable.kind === "memory") this.durable = this.reached(this.durable);
    this.surroundings.history.add(`the power fails as ${names.join(" + ")} is written`);
    this.die("power cut");
    this.left = this.takeRemains();
    return "crash";
  }

  /** What is on the disk now. @param before what was, where the last commit did not wait for it */
  private reached(before: Durable | null): Durable {
    if (this.folder === null) {
      const images = before?.kind === "memory" ? before.images : [];
      return { kind: "memory", images: [...images, this.data.serialise()] };
    }
    return before ?? { kind: "file", logLength: this.logLength(), main: this.readMain() };
  }

  /** Leaves of what was not waited for in the log as much as the disk had taken when the power failed. */
  private takeBack(remains: Disk & { kind: "file" }, from: number): void {
    const sectors = Math.floor((this.logLength() - from) / 512);
    const kept = this.random.between(0, sectors);
    truncateSync(join(remains.folder, "world.sqlite-wal"), from + kept * 512);
    this.surroundings.history.add(`${kept} of ${sectors} sectors reached the disk`);
  }

  private logLength(): number {
    const log = join(this.folder ?? "", "world.sqlite-wal");
    return existsSync(log) ? statSync(log).size : 0;
  }

  private readMain(): Buffer {
    return readFileSync(join(this.folder ?? "", "world.sqlite"));
  }

  private takeRemains(): Disk {
    const { durable, lostPower } = this;
    if (durable.kind === "memory") {
      const image = lostPower ? durable.images[this.random.between(0, durable.images.length - 1)] : undefined;
      return { kind: "memory", image: image ?? this.data.serialise() };
    }
    const remains = this.copyFiles();
    // A checkpoint comes after the sync of all that it copies: then there is nothing to take back.
    if (lostPower && this.logLength() > durable.logLength && durable.main.equals(this.readMain()))
      this.takeBack(remains, durable.logLength);
    return remains;
  }

  private copyFiles(): Disk & { kind: "file" } {
    const folder = mkdtempSync(join(this.surroundings.scratch, "life-"));
    for (const file of ["world.sqlite", "world.sqlite-wal"]) {
      const source = join(this.folder ?? "", file);
      if (existsSync(source)) copyFileSync(source, join(folder, file));
    }
    return { kind: "file", folder };
  }

  private armedKind(): CrashPoint["kind"] {
    const kind = this.armed?.point.kind ?? "kill";
    this.armed = null;
    return kind;
  }

  private reaches(moment: CrashPoint["moment"], names: readonly string[]): boolean {
    const { armed } = this;
    if (!armed || armed.point.moment !== moment) return false;
    const { transaction } = armed.point;
    if (transaction !== null && !names.includes(transaction)) return false;
    armed.left -= 1;
    return armed.left <= 0;
  }

  /** Lets the event loop turn until it is over and has been calm for some turns, or until only time can go on. */
  private async turn(isOver: () => boolean, calmTurns = 0): Promise<void> {
    let quiet = 0;
    let seen = -1;
    for (let turns = 0; quiet < QUIET_TURNS; turns += 1) {
      if (turns > MAX_TURNS) throw new Error("the engine does not come to rest");
      await nextTurn();
      if (this.isDead) throw new ProcessDiedError("the process has died");
      const now = this.signs + this.clock.timersSet;
      quiet = now === seen ? quiet + 1 : 0;
      seen = now;
      if (quiet >= calmTurns && isOver()) return;
    }
  }
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
