/** A request for every operation of the API that it carries out, in a world that has what the request is about. */
import { Webhook } from "standardwebhooks";
import type { Sent } from "./api-client.ts";
import type { ApiOperation } from "./api-document.ts";
import { WEBHOOK_SECRET, WEBHOOK_SOURCE, type ApiStage } from "./api-stage.ts";
import type { ApiWorld, Ids } from "./api-world.ts";

/** A request by its parts, before it is written down as one. */
export interface Example {
  /** The parts of the address; those that are ids of what there is anyway may be left out. */
  params?: Record<string, string>;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: unknown;
}

type MakeExample = (world: ApiWorld, ids: Ids, stage: ApiStage) => Example | Promise<Example>;

const nothing: MakeExample = () => ({});
const onJob = (body: unknown, job: object = {}): MakeExample => {
  return async (world) => ({ params: { job: await world.job(job) }, body });
};

const EXAMPLES: Record<string, MakeExample> = {
  createSession: (_world, _ids, { host }) => ({ body: { code: host.newLoginUrl().split("#login=")[1] } }),
  showSession: nothing,
  endSession: nothing,
  showOverview: () => ({ query: { span: "hour" } }),
  showHealth: nothing,
  listAudit: () => ({ query: { text: "pause" } }),
  listAttention: () => ({ query: { kind: "indeterminate", state: "open", limit: "2" } }),
  countAttention: nothing,
  dismissNotification: async (world, _ids, { engine }) => {
    await world.orderThat("timeout-after-send");
    const [latest] = await engine.needsAttention();
    return { params: { notification: latest?.notification.id ?? "" } };
  },
  listWorkflows: () => ({ query: { text: "shop" } }),
  showWorkflow: nothing,
  pauseWorkflow: async (world) => ({ params: { workflow: (await world.orderThat("ok")).workflow } }),
  resumeWorkflow: async (world, _ids, { engine }) => {
    const { workflow } = await world.orderThat("ok");
    await engine.pause(workflow);
    return { params: { workflow } };
  },
  runWorkflow: () => ({ body: { producers: ["readOrders"] } }),
  retryWorkflow: async (world) => ({
    params: { workflow: await world.brokenWorkflow() },
    body: { evidence: "mended" },
  }),
  listWorkflowVersions: nothing,
  showWorkflowVersion: () => ({ params: { version: "1.0" } }),
  listProducerDecisions: () => ({ params: { producer: "readOrders" } }),
  listInputs: () => ({ query: { workflow: "shop", source: "web", status: "active", text: "order" } }),
  showInput: nothing,
  skipInput: async (world) => ({ params: { input: (await world.order()).input } }),
  listOutputs: () => ({ query: { status: "applied,indeterminate", connector: "bank", limit: "1" } }),
  showOutput: nothing,
  approveOutput: async (world) => ({
    params: { output: (await world.orderThat("ok", true)).output },
    body: { approved: true, evidence: "seen" },
  }),
  resolveOutput: async (world) => ({
    params: { output: (await world.orderThat("timeout-after-send")).output },
    body: { resolution: "happened", result: { reference: "R" }, evidence: "the statement says so" },
  }),
  resolveOutputs: () => ({
    body: { connector: "bank", from: 0, until: 8_000_000_000_000, resolution: "skip", dryRun: true },
  }),
  listRuns: () => ({ query: { workflow: "shop", handlerType: "consumer", status: "committed" } }),
  showRun: nothing,
  listRunLogs: () => ({ query: { after: "0", level: "info,warn" } }),
  planReplay: () => ({ query: { from: "preparing" } }),
  replayRun: async (world) => {
    const { run, output } = await world.order();
    return { params: { run }, body: { from: "preparing", cross: [output], evidence: "pay again" } };
  },
  listTopics: nothing,
  listEvents: () => ({ query: { workflow: "shop", topic: "ordered", status: "consumed" } }),
  showEvent: nothing,
  listJobs: () => ({ query: { status: "pending,active", type: "cron", handler: "work", text: "job" } }),
  createJob: () => ({
    body: { type: "recurring", name: "poll", handler: "work", interval: "5m", payload: { fails: false }, tags: ["a"] },
  }),
  previewJob: () => ({
    body: {
      job: { type: "cron", name: "n", handler: "work", cron: "0 9 * * 1-5", timezone: "Europe/Berlin" },
      count: 3,
    },
  }),
  actOnJobs: () => ({ body: { action: "pause", filter: { tag: "none has it" }, dryRun: true } }),
  listJobHandlers: nothing,
  showJob: nothing,
  editJob: onJob({ name: "edited" }),
  deleteJob: async (world) => ({ params: { job: await world.job() } }),
  pauseJob: onJob({ note: "a holiday" }),
  resumeJob: async (world, _ids, { engine }) => {
    const job = await world.job();
    await engine.jobs.pauseJob(job);
    return { params: { job }, body: { catchUp: false } };
  },
  cancelJob: onJob({ reason: "not needed" }),
  runJob: onJob({ payload: { fails: false } }),
  skipNextRun: onJob({ reason: "a holiday" }),
  backfillJob: onJob({ from: 1_700_000_000_000, until: 1_700_100_000_000, dryRun: true }),
  listJobVersions: nothing,
  listJobDecisions: nothing,
  listExecutions: () => ({ query: { status: "success,failed", limit: "5" } }),
  showExecution: nothing,
  listExecutionLogs: () => ({ query: { after: "0", level: "info" } }),
  cancelExecution: async (world) => ({ params: { execution: await world.execution({ waits: true }) }, body: {} }),
  retryExecution: async (world) => ({ params: { execution: await world.execution() } }),
  listDeadLetters: (_world, { job }) => ({ query: { job } }),
  redrive: async (world) => ({ body: { executions: [await world.execution({ fails: true })] } }),
  triggerEvent: (world) => ({
    params: { event: "signed up" },
    body: { payload: {}, eventId: world.newName("sign-up") },
  }),
  listEventHandlers: nothing,
  setEventHandler: async (world) => ({ params: { job: await world.eventJob("left") }, body: { enabled: false } }),
  showJobMetrics: nothing,
  streamChanges: nothing,
  publishEvent: (world) => ({
    params: { topic: "ordered" },
    headers: { "Idempotency-Key": world.newName("event") },
    body: { number: "1" },
  }),
  receiveWebhook: (world) => {
    const body = JSON.stringify({ number: "2" });
    return { params: { source: WEBHOOK_SOURCE, topic: "ordered" }, headers: sign(world.newName("hook"), body), body };
  },
  showLiveness: nothing,
  showReadiness: nothing,
  showMetrics: nothing,
  showApiDocument: nothing,
};

/** The operations that there is an example for. */
export const EXAMPLE_IDS = Object.keys(EXAMPLES);

/** @throws Error for an operation that there is none for */
export async function exampleOf({ id }: ApiOperation, world: ApiWorld, ids: Ids, stage: ApiStage): Promise<Example> {
  const make = EXAMPLES[id];
  if (make === undefined) throw new Error(`There is no example for ${id}: write one.`);
  const { params, ...example } = await make(world, ids, stage);
  return { ...example, params: { ...ids, ...params } };
}

/** Writes a request down. Parameters of the address that it does not have are left out. */
export function toSent({ method, path }: ApiOperation, { params = {}, query = {}, headers, body }: Example): Sent {
  const address = path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => encode(params[name] ?? ""));
  const search = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return {
    method,
    path: search.length > 0 ? `${address}?${search.join("&")}` : address,
    ...(headers && { headers }),
    ...(body !== undefined && { body }),
  };
}

/** The headers of a webhook that is signed now. */
export function sign(id: string, body: string, at = new Date(), secret = WEBHOOK_SECRET): Record<string, string> {
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
    "webhook-signature": new Webhook(secret).sign(id, at, body),
  };
}

/** Percent-encodes whatever text there is, half of a surrogate pair too. */
function encode(text: string): string {
  return Array.from(text, (character) =>
    /^[\ud800-\udfff]$/.test(character) ? "%ED%A0%80" : encodeURIComponent(character),
  ).join("");
}
