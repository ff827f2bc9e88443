/** The dashboard of a real engine on a real database file, served on loopback, with a world around it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngine, type Engine, type EngineOptions } from "@millrace/agent";
import { openDatabase } from "@millrace/db";
import { createHost, type WebHost } from "millrace";
import { createInvoices, type InvoicesWorld } from "./invoices.ts";
import { createJobs, type JobsWorld } from "./jobs.ts";
import { openLine, type Line } from "./line.ts";
import { createLetters, type LettersWorld } from "./letters.ts";
import { createPayments, type PaymentsWorld } from "./payments.ts";
import { createPayouts, type PayoutsWorld } from "./payouts.ts";

/** The workflows and handlers that a test can count on, and what is outside of them. */
export interface World {
  payments: PaymentsWorld;
  letters: LettersWorld;
  invoices: InvoicesWorld;
  jobs: JobsWorld;
  payouts: PayoutsWorld;
}

export interface StageOptions {
  /** Default: a new one. */
  world?: World;
  /** What the engine runs beside or instead of the world's. */
  engine?: Omit<EngineOptions, "database">;
  /** What happened before: fills the database file before the engine starts. */
  past?: (file: string, world: World) => Promise<void>;
}

export interface Stage {
  readonly engine: Engine;
  readonly world: World;
  /** Where the browser finds the host: at the other end of a line. */
  readonly url: string;
  readonly line: Line;
  /** An address that lets one person in, once. */
  loginUrl(): string;
  /** Ends the host and starts another one behind the same address; the engine runs on. */
  restartHost(whileGone?: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export const OPERATOR = "olga";
export const TOKEN = "the-access-token-of-the-stage-0123456789";

export function createWorld(): World {
  return {
    payments: createPayments(),
    letters: createLetters(),
    invoices: createInvoices(),
    jobs: createJobs(),
    payouts: createPayouts(),
  };
}

/** What an engine of this world runs. */
export function engineOptionsOf({
  payments,
  letters,
  invoices,
  jobs,
  payouts,
}: World): Omit<EngineOptions, "database"> {
  return {
    workflows: [payments.workflow, letters.workflow, invoices.workflow, ...payouts.workflows],
    jobHandlers: jobs.handlers,
    policy: {
      reconcile: { confirmationDelayMs: 0, backoff: { initialMs: 10 } },
      // What an execution logs is written down whenever its lease is renewed: at a third of this.
      jobs: { leaseMs: 6_000 },
      stop: { graceMs: 500 },
    },
  };
}

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-stage-"));
  const file = join(folder, "millrace.sqlite");
  const world = options.world ?? createWorld();
  await options.past?.(file, world);
  const database = await openDatabase(`sqlite:${file}`);
  const engine = createEngine({ ...engineOptionsOf(world), ...options.engine, database });
  await engine.start();
  const line = await openLine();
  const openHost = async (): Promise<WebHost> => {
    const settings = { publicUrl: line.url, port: 0, token: TOKEN, operatorName: OPERATOR, stopGraceMs: 500 };
    const host = createHost({ engine, database, ...settings });
    const { port } = await host.start();
    line.leadTo(port);
    return host;
  };
  let host = await openHost();
  await engine.whenIdle();
  return {
    engine,
    world,
    line,
    url: line.url,
    loginUrl: () => host.newLoginUrl(),
    async restartHost(whileGone) {
      await host.stop();
      await whileGone?.();
      host = await openHost();
    },
    async close() {
      await line.close();
      await host.stop();
      await engine.stop();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
