/** Draws worlds from seeds. */
import { TRANSACTION_NAMES, type TransactionName } from "@millrace/agent/testing";
import { MOMENTS } from "./crash-coverage.ts";
import { streamOf, type RandomStream } from "./random-stream.ts";
import {
  DAY,
  HOUR,
  MINUTE,
  type Action,
  type ConsumerShape,
  type CrashPoint,
  type JobShape,
  type JobVerb,
  type ProducerShape,
  type WorkflowShape,
  type WorldPlan,
} from "./world-plan.ts";

/** Draws the world of a seed. */
export function drawWorld(seed: number): WorldPlan {
  const random = streamOf(seed, "plan");
  const workflows = Array.from({ length: random.between(1, 3) }, (_, index) => drawWorkflow(random, index));
  const jobs = Array.from({ length: random.between(0, 3) }, (_, index) => drawJob(random, index));
  const plan: WorldPlan = {
    seed,
    storage: random.chance(0.06) ? "file" : "memory",
    trouble: random.pick([0, 0.2, 0.4, 0.7]),
    workflows,
    jobs,
    actions: [],
  };
  const count = random.between(10, 32);
  for (let index = 0; index < count; index += 1) plan.actions.push(drawAction(random, plan));
  aim(plan, random);
  return plan;
}

function drawWorkflow(random: RandomStream, index: number): WorkflowShape {
  const topics = random.between(2, 5);
  const producers = Array.from({ length: random.between(1, random.chance(0.2) ? 5 : 2) }, (_, at) => ({
    name: `producer${at}`,
    publishes: random.chance(0.8) ? 0 : random.between(0, topics - 2),
    schedule: random.pick<ProducerShape["schedule"]>([
      { interval: "30m" },
      { interval: "2h" },
      { interval: "6h" },
      { cron: "0 9 * * 1-5", timezone: "Europe/Berlin" },
      { cron: "10,50 * * * *", timezone: "UTC" },
    ]),
    items: random.between(1, 3),
  }));
  const consumers = Array.from({ length: random.between(1, random.chance(0.2) ? 5 : 3) }, (_, at) =>
    drawConsumer(random, topics, at),
  );
  return { name: `workflow${index}`, topics, producers, consumers };
}

function drawConsumer(random: RandomStream, topics: number, index: number): ConsumerShape {
  const first = index === 0 ? 0 : random.between(0, topics - 2);
  // Fan-in; topics only lead to later ones, so that nothing goes round for ever.
  const subscribes = random.chance(0.25) && first + 1 < topics - 1 ? [first, first + 1] : [first];
  const last = Math.max(...subscribes);
  return {
    name: `consumer${index}`,
    subscribes,
    publishes: random.chance(0.75) ? random.between(last + 1, topics - 1) : null,
    fanOut: random.chance(0.2) ? 2 : 1,
    takes: random.between(1, 3),
    batch: random.chance(0.25) ? random.between(2, 3) : 1,
    correlates: random.chance(0.2),
    operation: random.pick<ConsumerShape["operation"]>(["act", "act", "act", "fire", "ask", null]),
  };
}

function drawJob(random: RandomStream, index: number): JobShape {
  return {
    key: `job${index}`,
    type: random.weighted({ cron: 2, recurring: 3, one_time: 2, event: 2 }),
    delivery: random.chance(0.4) ? "at_most_once" : "at_least_once",
    overlap: random.weighted({ allow: 2, skip: 1, buffer_one: 1, buffer_all: 1, cancel_other: 1 }),
    misfire: random.weighted({ latest: 1, all: 1, skip: 1 }),
    intervalMinutes: random.pick([10, 30, 120]),
    maxRetries: random.between(0, 2),
    target: random.weighted({ function: 6, producer: 1, topic: 1 }),
  };
}

function drawAction(random: RandomStream, plan: WorldPlan): Action {
  const workflow = random.between(0, plan.workflows.length - 1);
  const type = random.weighted<Action["type"]>({
    advance: 12,
    publish: 8,
    people: 5,
    deploy: 1.5,
    pause: 0.8,
    resume: 1.5,
    "skip input": 1,
    "run now": 0.8,
    replay: 0.8,
    "set clock": 0.8,
    crash: 4,
    die: 1,
    restart: 0.8,
    "storage fault": 0.7,
    job: plan.jobs.length > 0 ? 4 : 0,
  });
  switch (type) {
    case "advance":
      return { type, ms: random.pick([MINUTE, 5 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR]) };
    case "publish": {
      const topics = plan.workflows[workflow]?.topics ?? 1;
      const topic = random.chance(0.7) ? 0 : random.between(0, topics - 1);
      return { type, workflow, topic, message: random.between(0, 9) };
    }
    case "deploy":
      return { type, workflow, change: random.weighted({ version: 3, "without consumer": 1, schedule: 1, back: 2 }) };
    case "pause":
    case "resume":
    case "run now":
      return { type, workflow };
    case "skip input":
      return { type, which: random.between(0, 20) };
    case "replay":
      return { type, which: random.between(0, 20), from: random.chance(0.5) ? "preparing" : "emitting" };
    case "set clock":
      return { type, ms: random.pick([HOUR, -HOUR, DAY, -DAY]) };
    case "crash":
      return { type, point: drawCrash(random) };
    case "die":
      return { type, kind: drawKind(random) };
    case "storage fault":
      return { type, commits: random.between(1, 3) };
    case "job":
      return { type, job: random.between(0, plan.jobs.length - 1), verb: drawVerb(random) };
    default:
      return { type };
  }
}

function drawVerb(random: RandomStream): JobVerb {
  return random.weighted<JobVerb>({
    pause: 1,
    resume: 2,
    cancel: 0.5,
    "skip next": 1,
    "run now": 2,
    trigger: 3,
    backfill: 0.7,
    redrive: 1,
    "cancel execution": 1,
    save: 1,
    remove: 0.3,
  });
}

function drawKind(random: RandomStream): CrashPoint["kind"] {
  return random.chance(0.35) ? "power cut" : "kill";
}

function drawCrash(random: RandomStream): CrashPoint {
  return {
    moment: random.weighted<CrashPoint["moment"]>({
      "before commit": 3,
      inside: 2,
      "after commit": 3,
      "before effect": 1.5,
      "after effect": 2,
      "in handler": 1,
    }),
    transaction: null,
    nth: random.between(1, 12),
    kind: drawKind(random),
  };
}

/** What leads to a transaction that few worlds come to. */
const LEADS_TO: Partial<Record<TransactionName, (random: RandomStream) => Action[]>> = {
  "workflow.setStatus": () => [
    { type: "pause", workflow: 0 },
    { type: "resume", workflow: 0 },
  ],
  "input.skip": (random) => [{ type: "skip input", which: random.between(0, 5) }],
  "run.replay": (random) => [
    { type: "replay", which: random.between(0, 5), from: random.pick(["preparing", "emitting"]) },
  ],
  "run.giveUp": () => [
    { type: "deploy", workflow: 0, change: "without consumer" },
    { type: "advance", ms: HOUR },
    { type: "deploy", workflow: 0, change: "back" },
  ],
  "job.pause": () => [{ type: "job", job: 0, verb: "pause" }],
  "job.resume": () => [
    { type: "job", job: 0, verb: "pause" },
    { type: "job", job: 0, verb: "resume" },
  ],
  "job.cancel": () => [{ type: "job", job: 0, verb: "cancel" }],
  "job.remove": () => [{ type: "job", job: 0, verb: "remove" }],
  "job.skipNext": () => [{ type: "job", job: 0, verb: "skip next" }],
  "job.runNow": () => [{ type: "job", job: 0, verb: "run now" }],
  "job.triggerEvent": () => [{ type: "job", job: 0, verb: "trigger" }],
  "job.backfill": () => [
    { type: "advance", ms: 3 * HOUR },
    { type: "job", job: 0, verb: "backfill" },
  ],
  "job.redrive": () => [
    { type: "advance", ms: 3 * HOUR },
    { type: "job", job: 0, verb: "redrive" },
  ],
  "job.save": () => [{ type: "job", job: 0, verb: "save" }],
  "execution.requestCancel": () => [
    { type: "job", job: 0, verb: "run now" },
    { type: "job", job: 0, verb: "cancel execution" },
  ],
  "execution.leaveUnsettled": () => [{ type: "job", job: 0, verb: "run now" }, { type: "restart" }],
  "recovery.run": () => [{ type: "die", kind: "kill" }],
  "recovery.failExecution": () => [{ type: "die", kind: "kill" }],
};

/** Each seed also aims at one transaction and one moment of it, so that some hundred seeds come to all of them. */
function aim(plan: WorldPlan, random: RandomStream): void {
  const target = plan.seed % (TRANSACTION_NAMES.length * MOMENTS.length);
  const transaction = TRANSACTION_NAMES[target % TRANSACTION_NAMES.length] ?? null;
  const moment = MOMENTS[Math.floor(target / TRANSACTION_NAMES.length)] ?? "inside";
  const lead = transaction === null ? undefined : LEADS_TO[transaction];
  const needsJob =
    transaction !== null && /^(job|execution)\.|recovery\.(readJob|failExecution)|notice/.test(transaction);
  if (needsJob && plan.jobs.length === 0) plan.jobs.push(drawJob(random, 0));
  const crash: Action = {
    type: "crash",
    point: { moment, transaction, nth: random.chance(0.7) ? 1 : 2, kind: drawKind(random) },
  };
  const at = random.between(Math.floor(plan.actions.length / 3), plan.actions.length);
  const died = transaction?.startsWith("recovery.") === true;
  const led = lead?.(random) ?? [];
  plan.actions.splice(
    at,
    0,
    crash,
    ...led,
    ...(died && led.length === 0 ? [{ type: "die", kind: "kill" } as const] : []),
  );
}
