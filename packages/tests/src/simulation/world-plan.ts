/**
 * What a world is made of and what is done to it: plain data, so that a failing world can be made
 * smaller and told to somebody.
 */
import type { TransactionName } from "@millrace/agent/testing";

export type OperationName = "act" | "fire" | "ask";

export interface ConsumerShape {
  name: string;
  /** Positions of topics. */
  subscribes: number[];
  publishes: number | null;
  /** How many events follow from each one. */
  fanOut: number;
  /** How many events it takes at the most. */
  takes: number;
  /** It waits until so many are there, or the oldest has waited for an hour. */
  batch: number;
  /** It takes only events that belong together. */
  correlates: boolean;
  /** What it calls; null for nothing. */
  operation: OperationName | null;
  /** It takes its time between looking at the events and asking for them. */
  dawdles: boolean;
  /** Its `next` takes its time. */
  lingers: boolean;
  /** It fails until the world behaves. */
  isBroken: boolean;
}

export interface ProducerShape {
  name: string;
  publishes: number;
  schedule: { interval: string } | { cron: string; timezone: string };
  items: number;
}

export interface WorkflowShape {
  name: string;
  topics: number;
  producers: ProducerShape[];
  consumers: ConsumerShape[];
}

export interface JobShape {
  key: string;
  type: "cron" | "recurring" | "one_time" | "event";
  delivery: "at_least_once" | "at_most_once";
  overlap: "allow" | "skip" | "buffer_one" | "buffer_all" | "cancel_other";
  misfire: "latest" | "all" | "skip";
  intervalMinutes: number;
  maxRetries: number;
  /** What runs: a function, one that only every second process has, or a producer or a topic of the first workflow. */
  target: "function" | "rare function" | "producer" | "topic";
  /** Its first attempts do not end by themselves, and do not listen. */
  hangs: boolean;
}

/** Where a process dies. */
export interface CrashPoint {
  moment: "before commit" | "inside" | "after commit" | "before effect" | "after effect" | "in handler";
  /** Which transaction; null for any. */
  transaction: TransactionName | null;
  /** At which time that this point is reached. */
  nth: number;
  /** A power cut takes what was not synced; a kill takes what was not committed. */
  kind: "kill" | "power cut";
}

export type Action =
  | { type: "advance"; ms: number }
  | { type: "publish"; workflow: number; topic: number; message: number }
  | { type: "people" }
  | { type: "deploy"; workflow: number; change: "version" | "without consumer" | "schedule" | "back" }
  | { type: "pause"; workflow: number }
  | { type: "resume"; workflow: number }
  | { type: "skip input"; which: number }
  | { type: "run now"; workflow: number }
  | { type: "replay"; which: number; from: "preparing" | "emitting" }
  | { type: "set clock"; ms: number }
  | { type: "crash"; point: CrashPoint }
  | { type: "die"; kind: "kill" | "power cut" }
  | { type: "restart" }
  | { type: "storage fault"; commits: number }
  /** What runs when the process dies next can't be read by the one after it. */
  | { type: "damage" }
  | { type: "job"; job: number; verb: JobVerb };

export type JobVerb =
  | "pause"
  | "resume"
  | "cancel"
  | "skip next"
  | "run now"
  | "trigger"
  | "backfill"
  | "redrive"
  | "cancel execution"
  | "save"
  | "remove";

export interface WorldPlan {
  seed: number;
  storage: "memory" | "file";
  /** How often the outside world fails, from 0 to 1. */
  trouble: number;
  /** Whether every call is answered only when nobody waits for it any more. */
  answersLate: boolean;
  workflows: WorkflowShape[];
  jobs: JobShape[];
  actions: Action[];
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
