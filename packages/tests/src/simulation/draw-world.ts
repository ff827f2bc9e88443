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
  type OperationName,
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
    answersLate: false,
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
    dawdles: random.chance(0.1),
    lingers: false,
    isBroken: random.chance(0.03),
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
    target: random.weighted({ function: 6, "rare function": 1, producer: 1, topic: 1 }),
    hangs: random.chance(0.1),
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
    damage: 0,
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

/** Aims a plan at a transaction that few worlds come to: changes what it is made of, and gives what is done. */
type Lead = (plan: WorldPlan, random: RandomStream) => Action[];

const job = (verb: JobVerb): Action => ({ type: "job", job: 0, verb });
const publish = (message: number): Action => ({ type: "publish", workflow: 0, topic: 0, message });
const advance = (ms: number): Action => ({ type: "advance", ms });
const die: Action = { type: "die", kind: "kill" };
const people: Action = { type: "people" };

/** Its first job runs a function that does not end. */
function withHangingJob(plan: WorldPlan, target: JobShape["target"] = "function"): void {
  const [first, ...others] = plan.jobs;
  if (!first) return;
  plan.jobs = [
    { ...first, target, hangs: true, type: "one_time", overlap: "allow", delivery: "at_least_once" },
    ...others,
  ];
}

/** Its first workflow has one consumer, of this kind. */
function withConsumer(plan: WorldPlan, change: Partial<ConsumerShape>): void {
  const [first, ...others] = plan.workflows;
  const [consumer] = first?.consumers ?? [];
  if (!first || !consumer) return;
  const calm = { batch: 1, correlates: false, dawdles: false, isBroken: false };
  plan.workflows = [{ ...first, consumers: [{ ...consumer, ...calm, ...change }] }, ...others];
}

const uncertain =
  (operation: OperationName): Lead =>
  (plan) => {
    plan.trouble = 1;
    withConsumer(plan, { operation, takes: 1 });
    const rounds = [1, 2, 3, 4].flatMap((message) => [publish(message), advance(5 * MINUTE), people]);
    return [...rounds, advance(HOUR), people, advance(HOUR)];
  };

const lingering: Lead = (plan) => {
  withConsumer(plan, { lingers: true });
  return [1, 2].flatMap((message) => [publish(message), advance(5 * MINUTE)]);
};

const LEADS: Partial<Record<TransactionName, Lead>> = {
  "workflow.setStatus": () => [
    { type: "pause", workflow: 0 },
    { type: "resume", workflow: 0 },
  ],
  "input.skip": (_, random) => [{ type: "skip input", which: random.between(0, 5) }],
  "run.replay": () => [
    publish(1),
    advance(HOUR),
    ...[0, 1, 2, 3, 4, 5].map((which): Action => ({ type: "replay", which, from: "emitting" })),
  ],
  "run.giveUp": (plan) => {
    // Its consumer is removed while it runs, and somebody wants its failed run tried again.
    withConsumer(plan, { dawdles: true, isBroken: true, operation: null });
    const removed: Action = { type: "deploy", workflow: 0, change: "without consumer" };
    const retried = [people, advance(MINUTE), people, advance(MINUTE), people];
    return [publish(1), advance(MINUTE), people, people, removed, advance(MINUTE), ...retried];
  },
  "run.fail": (plan) => {
    withConsumer(plan, { isBroken: true });
    return [publish(1), advance(MINUTE), people, advance(MINUTE)];
  },
  "run.abort": (plan) => {
    withConsumer(plan, { dawdles: true });
    return [1, 2, 3].flatMap((message) => [publish(message), publish(message), advance(5 * MINUTE)]);
  },
  "run.beginEmitting": lingering,
  "run.commitConsumer": lingering,
  "run.retry": (plan) => {
    withConsumer(plan, { isBroken: true });
    return [publish(1), advance(MINUTE), people, advance(MINUTE), people, advance(MINUTE), people];
  },
  "mutation.recordAnswer": uncertain("act"),
  "mutation.recordLateOutcome": (plan, random) => {
    plan.answersLate = true;
    return uncertain("fire")(plan, random);
  },
  "mutation.recordOutcome": uncertain("act"),
  "mutation.resolve": uncertain("fire"),
  "mutation.approve": uncertain("ask"),
  "mutation.requestApproval": uncertain("ask"),
  "mutation.startApproved": uncertain("ask"),
  "job.pause": () => [job("pause")],
  "job.resume": () => [job("pause"), job("resume")],
  "job.cancel": () => [job("cancel")],
  "job.remove": () => [job("remove")],
  "job.skipNext": (plan) => {
    plan.jobs = plan.jobs.map((shape) => ({ ...shape, type: "cron", target: "function" }));
    return [job("skip next"), job("skip next")];
  },
  "job.runNow": () => [job("run now")],
  "job.triggerEvent": () => [job("trigger")],
  "job.backfill": () => [advance(3 * HOUR), job("backfill")],
  "job.redrive": () => [advance(3 * HOUR), job("redrive")],
  "job.save": () => [job("save")],
  "execution.requestCancel": (plan) => {
    withHangingJob(plan);
    return [job("run now"), job("cancel execution"), job("run now"), job("cancel execution")];
  },
  "execution.appendLogs": (plan) => {
    withHangingJob(plan);
    return [job("run now"), advance(5 * MINUTE), job("run now"), advance(5 * MINUTE)];
  },
  "execution.leaveUnsettled": (plan) => {
    withHangingJob(plan);
    return [job("run now"), job("run now"), { type: "restart" }];
  },
  "notice.tell": (plan) => {
    withHangingJob(plan, "rare function");
    return [job("run now"), die, advance(HOUR), job("run now"), die, advance(HOUR)];
  },
  "notice.settle": (plan) => {
    withHangingJob(plan, "rare function");
    return [job("run now"), die, advance(HOUR), die, advance(HOUR), die, advance(HOUR), die];
  },
  "recovery.run": (plan) => {
    withConsumer(plan, { dawdles: true });
    return [publish(1), die, publish(2), die];
  },
  "recovery.readJob": (plan) => {
    withHangingJob(plan);
    return [job("run now"), die, job("run now"), die];
  },
  "recovery.failExecution": (plan) => {
    withHangingJob(plan);
    plan.storage = "memory";
    return [
      job("run now"),
      job("run now"),
      { type: "damage" },
      die,
      advance(HOUR),
      job("run now"),
      { type: "damage" },
      die,
    ];
  },
  "recovery.endSessions": () => [die],
};

/** Each seed also aims at one transaction and one moment of it, so that some hundred seeds come to all of them. */
function aim(plan: WorldPlan, random: RandomStream): void {
  const target = plan.seed % (TRANSACTION_NAMES.length * MOMENTS.length);
  const transaction = TRANSACTION_NAMES[target % TRANSACTION_NAMES.length] ?? null;
  const moment = MOMENTS[Math.floor(target / TRANSACTION_NAMES.length)] ?? "inside";
  if (transaction === null) return;
  if (plan.jobs.length === 0 && /^(job|execution|notice|recovery)\./.test(transaction))
    plan.jobs.push(drawJob(random, 0));
  const led = LEADS[transaction]?.(plan, random) ?? [];
  const point = { moment, transaction, nth: random.chance(0.7) ? 1 : 2, kind: drawKind(random) };
  // Early, so that nothing has been switched off by then; the rest of the world goes on after it.
  const at = random.between(0, Math.floor(plan.actions.length / 3));
  plan.actions.splice(at, 0, { type: "crash", point }, ...led);
}
