/**
 * The world outside, which outlives every process: it counts what really happened, fails as a seed says, and answers
 * truthfully when it is asked. What a call sets going may come about a little later, also after its caller has died.
 */
import {
  applied,
  AuthError,
  defineConnector,
  inconclusive,
  LogicError,
  mutation,
  NetworkError,
  notApplied,
  RateLimitError,
  read,
  retryLater,
  type MutationContext,
} from "@millrace/agent";
import { z } from "zod";
import type { History, Tally } from "./history.ts";
import { streamOf, type RandomStream } from "./random-stream.ts";
import type { SimulatedTime } from "./simulated-time.ts";
import { MINUTE, type OperationName, type WorldPlan } from "./world-plan.ts";

/** What a call is about: which events of which topics, and for whom. */
const order = z.object({
  workflow: z.string(),
  consumer: z.string(),
  items: z.array(z.object({ topic: z.string(), messageId: z.string() })),
});
export type Order = z.output<typeof order>;

/** Something that happened, or will without anybody's doing. */
export interface Effect {
  order: Order;
  key: string;
  operation: OperationName;
  /** In true time, in milliseconds. */
  at: number;
}

/** The process in which a call is made. */
export interface CallingProcess {
  readonly isDead: boolean;
  /** Passes a point at which the process may die; gives whether it is dead. */
  pass(moment: "before effect" | "after effect" | "in handler"): boolean;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** How long an effect may stay hidden, in milliseconds: what the operations declare. */
const SETTLE_MS = 30_000;

const OUTCOMES = {
  ok: 0,
  "definite failure": 2,
  "failure before sending": 3,
  "rate limit": 2,
  "credentials refused": 1,
  "timeout before sending": 2,
  "timeout after the effect": 3,
  "timeout without effect": 3,
  "late effect": 2,
  "delivered late": 2,
  "broken connector": 1,
  slow: 2,
  "never answers": 1.5,
  "answers too late": 1.5,
} as const;
type CallOutcome = keyof typeof OUTCOMES;

const ANSWERS = { truth: 6, retry: 2, inconclusive: 1, nonsense: 1, throws: 1, slow: 1, "never answers": 0.5 } as const;

const never = () => new Promise<never>(() => undefined);

export class OutsideWorld {
  readonly effects: Effect[] = [];
  calls = 0;
  /** Set at the end: from then on all goes well. */
  behaves = false;
  private readonly random: RandomStream;
  private readonly trouble: number;
  private readonly answersLate: boolean;
  private readonly time: SimulatedTime;
  private readonly history: History;
  private readonly tally: Tally;

  constructor({ seed, trouble, answersLate }: WorldPlan, time: SimulatedTime, history: History, tally: Tally) {
    this.random = streamOf(seed, "outside");
    this.trouble = trouble;
    this.answersLate = answersLate;
    this.time = time;
    this.history = history;
    this.tally = tally;
  }

  /** Whether a fault of this likelihood happens now. */
  misbehaves(likelihood: number): boolean {
    return !this.behaves && this.random.chance(likelihood * this.trouble);
  }

  /** Whether the effects of this key are there for everybody to see. */
  shows(key: string): boolean {
    return this.effects.some((effect) => effect.key === key && effect.at <= this.time.elapsed);
  }

  /** Whether an effect of this key happened, or is about to. */
  knows(key: string): boolean {
    return this.effects.some((effect) => effect.key === key);
  }

  /** The connector as one process has it. */
  connect(process: CallingProcess) {
    const execute = (operation: OperationName) => (params: Order, context: MutationContext) =>
      this.call(process, operation, params, context);
    const reconcile = (_params: Order, key: string) => this.answer(process, key);
    return defineConnector({
      name: "world",
      operations: {
        act: mutation({ params: order, execute: execute("act"), reconcile, settleMs: SETTLE_MS }),
        ask: mutation({ params: order, execute: execute("ask"), reconcile, settleMs: SETTLE_MS, approval: "required" }),
        fire: mutation({ params: order, execute: execute("fire") }),
        look: read({
          params: z.object({}),
          execute: async () => {
            if (process.isDead) return never();
            if (this.misbehaves(0.1)) throw new NetworkError("simulated: no answer to a read");
            return { effects: this.effects.length };
          },
        }),
      },
    });
  }

  private drawOutcome(): CallOutcome {
    if (this.behaves) return "ok";
    if (this.answersLate) return "answers too late";
    if (!this.random.chance(this.trouble)) return "ok";
    return this.random.weighted(OUTCOMES);
  }

  private async call(
    process: CallingProcess,
    operation: OperationName,
    params: Order,
    { idempotencyKey: key, signal }: MutationContext,
  ): Promise<{ done: number }> {
    if (process.pass("before effect")) return never();
    const outcome = this.drawOutcome();
    this.calls += 1;
    this.tally.add(`call ${outcome}`);
    const what = params.items.map(({ topic, messageId }) => `${topic}/${messageId}`).join(" ");
    this.history.add(`call ${params.workflow}.${params.consumer} ${operation} ${key} ${what}: ${outcome}`);
    const happen = (delayMs = 0) => {
      this.effects.push({ order: params, key, operation, at: this.time.elapsed + delayMs });
      return { done: this.effects.length };
    };
    const give = await this.perform(process, outcome, happen, signal);
    if (process.isDead || process.pass("after effect")) return never();
    return give();
  }

  /** Gives what the caller is told, once it is time to tell. */
  private async perform(
    process: CallingProcess,
    outcome: CallOutcome,
    happen: (delayMs?: number) => { done: number },
    signal: AbortSignal,
  ): Promise<() => { done: number }> {
    const fail = (error: Error) => () => {
      throw error;
    };
    switch (outcome) {
      case "ok": {
        const result = happen();
        return () => result;
      }
      case "definite failure":
        return fail(new LogicError("simulated: refused"));
      case "failure before sending":
        return fail(new NetworkError("simulated: connection refused", { effect: "none" }));
      case "rate limit":
        return fail(new RateLimitError("simulated: too many requests", { retryAfterMs: 5 * MINUTE }));
      case "credentials refused":
        return fail(new AuthError("simulated: credentials refused"));
      case "timeout before sending":
        await process.sleep(20_000, signal);
        return fail(new NetworkError("simulated: no connection", { effect: "none" }));
      case "timeout after the effect":
        happen();
        return fail(new NetworkError("simulated: no answer"));
      case "timeout without effect":
        return fail(new NetworkError("simulated: no answer"));
      case "late effect":
        happen(this.random.between(1, SETTLE_MS - 1));
        return fail(new NetworkError("simulated: no answer"));
      case "broken connector":
        if (this.random.chance(0.5)) happen();
        return fail(new TypeError("simulated: the connector is broken"));
      case "slow": {
        // It comes about whether or not its caller lives to see it.
        const takes = this.random.between(1_000, SETTLE_MS - 1);
        const result = happen(takes);
        await process.sleep(takes);
        return () => result;
      }
      case "delivered late":
        // It is on its way until its caller gives it up, and takes effect soon after.
        signal.addEventListener("abort", () => happen(this.random.between(1, SETTLE_MS - 1)), { once: true });
        return never();
      case "never answers":
        if (this.random.chance(0.5)) happen();
        return never();
      case "answers too late": {
        const result = happen();
        await process.sleep(this.random.between(2 * MINUTE, 30 * MINUTE));
        return () => result;
      }
    }
  }

  private async answer(process: CallingProcess, key: string) {
    if (process.isDead) return never();
    const kind = this.behaves || !this.random.chance(this.trouble) ? "truth" : this.random.weighted(ANSWERS);
    this.tally.add(`answer ${kind}`);
    this.history.add(`asked about ${key}: ${kind} (${this.shows(key) ? "there" : "not there"})`);
    switch (kind) {
      case "truth":
        return this.truth(key);
      case "retry":
        return retryLater("simulated: ask again");
      case "inconclusive":
        return inconclusive("simulated: nobody can tell");
      case "nonsense":
        // A connector in JavaScript may answer anything.
        return { outcome: "perhaps" } as never;
      case "throws":
        throw new NetworkError("simulated: no answer to a question");
      case "slow":
        await process.sleep(40_000);
        return this.truth(key);
      case "never answers":
        return never();
    }
  }

  private truth(key: string) {
    return this.shows(key) ? applied({ done: 0 }) : notApplied();
  }
}
