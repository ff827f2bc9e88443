/** Every view of the dashboard, by a name, with something to show: of a stage with a past (`livedFor`). */
import type { Engine } from "@millrace/agent";
import type { MutationStatus } from "@millrace/db";
import { HOSTILE } from "./hostile.ts";

/** The views that need nobody's id. */
const LISTS = {
  overview: "/",
  attention: "/attention",
  workflows: "/workflows",
  inputs: "/inputs",
  outputs: "/outputs",
  runs: "/runs",
  events: "/events",
  jobs: "/jobs",
  "job-new": "/jobs/new",
  "dead-letters": "/dead-letters",
  audit: "/audit",
  health: "/health",
  "not-found": "/nowhere",
  workflow: "/workflows/payments",
  "workflow-wide": "/workflows/invoices",
  "workflow-hostile": "/workflows/hostile",
} as const;

/** Those that do: of some kinds an ordinary thing, a troubled one and a hostile one. */
const DETAILS = {
  input: async (engine) => `/inputs/${await input(engine, "invoices")}`,
  "input-hostile": async (engine) => `/inputs/${await input(engine, "hostile")}`,
  output: async (engine) => `/outputs/${(await output(engine, "bank", "applied")).id}`,
  "output-unknown": async (engine) => `/outputs/${(await output(engine, "bank", "indeterminate")).id}`,
  "output-approval": async (engine) => `/outputs/${(await output(engine, "post", "pending")).id}`,
  "output-hostile": async (engine) => `/outputs/${(await output(engine, "sink", "indeterminate")).id}`,
  run: async (engine) => `/runs/${(await output(engine, "bank", "applied")).runId}`,
  "run-unknown": async (engine) => `/runs/${(await output(engine, "bank", "indeterminate")).runId}`,
  "run-hostile": async (engine) => `/runs/${(await output(engine, "sink", "applied")).runId}`,
  replay: async (engine) => `/runs/${(await output(engine, "bank", "applied")).runId}/replay?from=preparing`,
  event: async (engine) => `/events/${await event(engine, "payments", "ordered")}`,
  "event-hostile": async (engine) => `/events/${await event(engine, "hostile", "kept")}`,
  job: async (engine) => `/jobs/${await job(engine, "Clean the attachments")}`,
  "job-failing": async (engine) => `/jobs/${await job(engine, "Export to the archive")}`,
  "job-hostile": async (engine) => `/jobs/${await job(engine, HOSTILE)}`,
  "job-edit": async (engine) => `/jobs/${await job(engine, "Clean the attachments")}/edit`,
  execution: async (engine) => `/executions/${await execution(engine, "Clean the attachments")}`,
  "execution-hostile": async (engine) => `/executions/${await execution(engine, HOSTILE)}`,
} as const satisfies Record<string, (engine: Engine) => Promise<string>>;

type List = keyof typeof LISTS;
type Detail = keyof typeof DETAILS;
export type ViewName = List | Detail;

// The keys of an object are what its type names.
export const VIEW_NAMES = [...Object.keys(LISTS), ...Object.keys(DETAILS)] as ViewName[];

/** The address of a view. */
export async function pathOf(name: ViewName, engine: Engine): Promise<string> {
  // Its name is in one of the two.
  return name in LISTS ? LISTS[name as List] : DETAILS[name as Detail](engine);
}

async function input(engine: Engine, workflow: string): Promise<string> {
  return first((await engine.inspect().inputs({ workflow })).items).id;
}

async function output(engine: Engine, connector: string, status: MutationStatus) {
  return first((await engine.inspect().outputs({ connector, statuses: [status] })).items);
}

async function event(engine: Engine, workflow: string, topic: string): Promise<string> {
  return first((await engine.inspect().events({ workflow, topic })).items).id;
}

async function job(engine: Engine, name: string): Promise<string> {
  const { items } = await engine.jobs.listJobs({ limit: 100 });
  return first(items.filter((each) => each.name === name)).id;
}

async function execution(engine: Engine, jobName: string): Promise<string> {
  return first((await engine.jobs.getJobHistory(await job(engine, jobName))).items).id;
}

function first<Item>([item]: readonly Item[]): Item {
  if (item === undefined) throw new Error("The world's past lacks what a view is to show.");
  return item;
}
