/**
 * The crash-point kit: runs a workflow again and again, each time with a crash at another point, and checks that no
 * effect happens twice and no event is lost.
 *
 * Points: before and after every commit, and before and after every mutation is sent. A crash drops what is not
 * committed, and nothing of the crashed engine goes on; a new engine then starts on what is left, in the same world.
 */
import { createStores, type CommitHooks } from "@millrace/db";
import type { Connector, MutationOperation, Operation } from "../connectors/define-connector.ts";
import type { Engine, EngineOptions } from "../engine.ts";
import { MillraceError } from "../errors.ts";
import type { WorkflowDefinition } from "../workflow/workflow-definition.ts";
import { FakeClock } from "./fake-clock.ts";
import { attachTestEngine, openTestDatabase, type TestDatabase } from "./test-engine.ts";

/** An outside world that survives the crash. */
export interface CrashWorld {
  /** Used in place of the workflow's own connectors. */
  connectors?: Readonly<Record<string, Connector>>;
  /** The identity of every effect that has happened; one that is there twice happened twice. */
  effects(): readonly string[] | Promise<readonly string[]>;
  /** Sets things going once the first engine runs, for example publishes an event; called again after the crash. */
  drive?(engine: Engine): Promise<void>;
  /** Checks what else must hold at the end. */
  check?(engine: Engine): Promise<void>;
  close?(): Promise<void>;
}

export interface CrashOptions {
  /** How much time passes before and after the crash, in steps. Default 26 hours in 2 steps. */
  advance?: readonly string[];
  policy?: EngineOptions["policy"];
}

export interface CrashReport {
  /** How many points were tried. */
  points: number;
  /** In how many of them a mutation ended as one that a person must look at. */
  needingPerson: number;
}

/** At some points the workflow did what it must not. */
export class CrashPointError extends MillraceError {
  readonly failures: readonly string[];

  constructor(workflow: string, points: number, failures: readonly string[]) {
    super(
      `Workflow "${workflow}" does not survive a crash at ${failures.length} of ${points} points:\n${failures.map((failure) => `  - ${failure}`).join("\n")}`,
    );
    this.failures = failures;
  }
}

const DEFAULT_ADVANCE = ["1h", "25h"];
const MAX_COUNTED_EVENTS = 100_000;

/**
 * Crashes a workflow at every point of its life in a world that is made anew for each try.
 * @throws CrashPointError naming each point at which an effect happened twice or an event was lost
 */
export async function crashAtEveryPoint(
  workflow: WorkflowDefinition,
  world: () => CrashWorld | Promise<CrashWorld>,
  options: CrashOptions = {},
): Promise<CrashReport> {
  const rehearsal = new CrashPoint(Number.POSITIVE_INFINITY);
  const expected = await live(workflow, await world(), rehearsal, options);
  const repeated = duplicates(expected.effects);
  if (repeated.length > 0)
    throw new CrashPointError(workflow.name, 1, [`without any crash: happened twice: ${repeated.join(", ")}`]);
  const report: CrashReport = { points: rehearsal.passed.length, needingPerson: 0 };
  const failures: string[] = [];
  for (const [index, name] of rehearsal.passed.entries()) {
    const found = await live(workflow, await world(), new CrashPoint(index), options);
    if (found.needsPerson) report.needingPerson += 1;
    failures.push(...compare(expected, found).map((failure) => `crash ${name}: ${failure}`));
  }
  if (failures.length > 0) throw new CrashPointError(workflow.name, report.points, failures);
  return report;
}

/** Counts the points that are passed, and crashes at one of them. */
class CrashPoint {
  readonly passed: string[] = [];
  readonly crashed: Promise<"crashed">;
  private dead = false;
  private announce: (value: "crashed") => void = () => undefined;
  private readonly at: number;

  constructor(at: number) {
    this.at = at;
    this.crashed = new Promise((resolve) => {
      this.announce = resolve;
    });
  }

  /** Gives whether the process is dead from here on. */
  pass(name: string): boolean {
    if (this.dead) return true;
    this.passed.push(`${name} (point ${this.passed.length + 1})`);
    if (this.passed.length - 1 < this.at) return false;
    this.dead = true;
    this.announce("crashed");
    return true;
  }

  readonly hooks: CommitHooks = {
    beforeCommit: () => (this.pass("before a commit") ? "crash" : "continue"),
    afterCommit: () => (this.pass("after a commit") ? "crash" : "continue"),
  };
}

/** How it all ended. */
interface Ending {
  effects: readonly string[];
  /** The number of events by topic and status. */
  events: string;
  /** Whether the engine says that a person must look at something. */
  needsPerson: boolean;
}

async function live(
  workflow: WorkflowDefinition,
  world: CrashWorld,
  point: CrashPoint,
  options: CrashOptions,
): Promise<Ending> {
  const clock = new FakeClock();
  const first = await openTestDatabase(clock, { hooks: point.hooks });
  const life = liveOnce(workflow, world, first, clock, options, (own) => withCrashPoints(own, point));
  let ending = await Promise.race([life, point.crashed]);
  if (ending === "crashed") {
    // A transaction that was under way comes to its commit, and dies there.
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    const second = await openTestDatabase(clock, { image: first.database.serialise() });
    ending = await liveOnce(workflow, world, second, new FakeClock(clock.now()), options, (own) => own);
  }
  await first.database.close();
  await world.close?.();
  return ending;
}

async function liveOnce(
  workflow: WorkflowDefinition,
  world: CrashWorld,
  database: TestDatabase,
  clock: FakeClock,
  { advance = DEFAULT_ADVANCE, policy }: CrashOptions,
  wrap: (connector: Connector) => Connector,
): Promise<Ending> {
  const connectors = Object.entries({ ...workflow.connectors, ...world.connectors }).map(([name, own]) => [
    name,
    wrap(own),
  ]);
  const test = attachTestEngine(database, clock, {
    workflows: [workflow],
    connectors: Object.fromEntries(connectors) as Record<string, Connector>,
    ...(policy && { policy }),
  });
  await test.engine.start();
  await world.drive?.(test.engine);
  for (const duration of advance) await test.advance(duration);
  await test.runUntilIdle();
  await world.check?.(test.engine);
  const needsPerson = (await test.engine.needsAttention()).length > 0;
  const ending = { effects: await world.effects(), events: await countEvents(database), needsPerson };
  await test.close();
  return ending;
}

/** A mutation with a point before it is sent and one when it has been. A dead process sends nothing. */
function withCrashPoints(connector: Connector, point: CrashPoint): Connector {
  const wrapped = Object.entries(connector.operations).map(([name, operation]) => [
    name,
    operation.kind === "mutation" ? withPointsAround(operation, `${connector.name}.${name}`, point) : operation,
  ]);
  return { ...connector, operations: Object.fromEntries(wrapped) as Record<string, Operation> };
}

function withPointsAround(operation: MutationOperation, call: string, point: CrashPoint): MutationOperation {
  const never = () => new Promise<never>(() => undefined);
  return {
    ...operation,
    async execute(params, context) {
      if (point.pass(`before ${call} is sent`)) return never();
      try {
        return await operation.execute(params, context);
      } finally {
        if (point.pass(`after ${call} is sent`)) await never();
      }
    },
  };
}

function compare(expected: Ending, found: Ending): string[] {
  const failures = duplicates(found.effects).map((effect) => `happened twice: ${effect}`);
  // What a person has yet to decide about may be missing; it is not lost.
  if (found.needsPerson) return failures;
  const happened = new Set(found.effects);
  failures.push(
    ...expected.effects.filter((effect) => !happened.has(effect)).map((effect) => `never happened: ${effect}`),
  );
  if (found.events !== expected.events) failures.push(`events are ${found.events} instead of ${expected.events}`);
  return failures;
}

function duplicates(effects: readonly string[]): string[] {
  return effects.filter((effect, index) => effects.indexOf(effect) !== index);
}

async function countEvents({ database }: TestDatabase): Promise<string> {
  const stores = createStores(database);
  const counts: Record<string, number> = {};
  for (const workflow of await stores.workflows.list()) {
    const names = new Map((await stores.topics.list(workflow.id)).map(({ id, name }) => [id, name]));
    for (const { topicId, status } of await stores.events.list({
      workflowId: workflow.id,
      limit: MAX_COUNTED_EVENTS,
    })) {
      const key = `${names.get(topicId) ?? topicId} ${status}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
  }
  return JSON.stringify(Object.fromEntries(Object.entries(counts).toSorted(([a], [b]) => a.localeCompare(b))));
}
