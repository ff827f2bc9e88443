/** Every view of the dashboard, with something to show. */
import type { MutationStatus } from "@millrace/db";
import type { Stage } from "./stage.ts";

export interface View {
  /** Names the screenshot. */
  name: string;
  path: string;
}

/** The views that need nobody's id. */
const LISTS: readonly View[] = [
  { name: "overview", path: "/" },
  { name: "attention", path: "/attention" },
  { name: "workflows", path: "/workflows" },
  { name: "inputs", path: "/inputs" },
  { name: "outputs", path: "/outputs" },
  { name: "runs", path: "/runs" },
  { name: "events", path: "/events" },
  { name: "jobs", path: "/jobs" },
  { name: "job-new", path: "/jobs/new" },
  { name: "dead-letters", path: "/dead-letters" },
  { name: "audit", path: "/audit" },
  { name: "health", path: "/health" },
  { name: "not-found", path: "/nowhere" },
];

/** The views of a stage with a past (`livedFor`): of some kinds an ordinary thing, a troubled one and a hostile one. */
export async function viewsOf({ engine }: Stage): Promise<View[]> {
  const look = engine.inspect();
  const output = async (connector: string, status: MutationStatus) =>
    first((await look.outputs({ connector, statuses: [status] })).items);
  const paid = await output("bank", "applied");
  const input = async (workflow: string) => first((await look.inputs({ workflow })).items);
  const event = async (workflow: string, topic: string) => first((await look.events({ workflow, topic })).items);
  const jobs = (await engine.jobs.listJobs({ limit: 100 })).items;
  const job = (handler: string) => first(jobs.filter(({ handlerName }) => handlerName === handler)).id;
  const hostileJob = first(jobs.filter(({ key }) => key !== null)).id;
  const execution = async (jobId: string) => first((await engine.jobs.getJobHistory(jobId)).items).id;
  const cleaning = first(jobs.filter(({ name }) => name === "Clean the attachments")).id;
  return [
    ...LISTS,
    { name: "workflow", path: "/workflows/payments" },
    { name: "workflow-wide", path: "/workflows/invoices" },
    { name: "workflow-hostile", path: "/workflows/hostile" },
    { name: "input", path: `/inputs/${(await input("invoices")).id}` },
    { name: "input-hostile", path: `/inputs/${(await input("hostile")).id}` },
    { name: "output", path: `/outputs/${paid.id}` },
    { name: "output-unknown", path: `/outputs/${(await output("bank", "indeterminate")).id}` },
    { name: "output-approval", path: `/outputs/${(await output("post", "pending")).id}` },
    { name: "output-hostile", path: `/outputs/${(await output("sink", "indeterminate")).id}` },
    { name: "run", path: `/runs/${paid.runId}` },
    { name: "run-unknown", path: `/runs/${(await output("bank", "indeterminate")).runId}` },
    { name: "run-hostile", path: `/runs/${(await output("sink", "applied")).runId}` },
    { name: "replay", path: `/runs/${paid.runId}/replay?from=preparing` },
    { name: "event", path: `/events/${(await event("payments", "ordered")).id}` },
    { name: "event-hostile", path: `/events/${(await event("hostile", "kept")).id}` },
    { name: "job", path: `/jobs/${cleaning}` },
    { name: "job-failing", path: `/jobs/${job("export")}` },
    { name: "job-hostile", path: `/jobs/${hostileJob}` },
    { name: "job-edit", path: `/jobs/${cleaning}/edit` },
    { name: "execution", path: `/executions/${await execution(cleaning)}` },
    { name: "execution-hostile", path: `/executions/${await execution(hostileJob)}` },
  ];
}

function first<Item>([item]: readonly Item[]): Item {
  if (item === undefined) throw new Error("The world's past lacks what a view is to show.");
  return item;
}
