/** What of ours is measured. */
import { programOfOurs, unitsOf, type Contestant, type Sizes } from "./contestant-entry.ts";

const FULL = "SQLite, synchronous = FULL";

/** Contestants by what they are for. */
export function ourContestants(sizes: Sizes) {
  const units = (full: number) => unitsOf(sizes, full);
  const runsBeside = (name: string, beside: string, rows: LongRows): Contestant => ({
    ...ours(name, `${FULL}; runs over 100 workflows, 1,000 published, then run, beside ${beside}`, {
      measure: "long-data",
      units: units(8_000),
    }),
    preparation: preparationOf(rows),
  });
  const listsOver = (name: string, rows: LongRows): Contestant => ({
    ...ours(name, `HTTP; the slowest list of the dashboard, over a history of ${number(rows.history)} runs`, {
      measure: "long-lists",
      units: units(100),
    }),
    preparation: preparationOf(rows),
  });
  const short = { key: "short", pending: 0, history: 1_000 };
  const history = { key: "history", pending: 0, history: sizes.history };
  return {
    runs: ours("runs-100", `${FULL}; 100 workflows; events published before; from resume to the last commit`, {
      measure: "runs",
      units: units(8_000),
      workflows: 100,
    }),
    oneAtATime: ours("runs-1", `${FULL}; 1 workflow; events published before; from resume to the last commit`, {
      measure: "runs",
      units: units(2_000),
      workflows: 1,
    }),
    publishAndRun: ours(
      "publish-run",
      `${FULL}; 100 workflows; 100 publishers; from the first publish to the last commit`,
      {
        measure: "publish-and-run",
        units: units(8_000),
        workflows: 100,
        callers: 100,
      },
    ),
    runLatency: ours("run-latency", `${FULL}; 1 workflow, idle; from publish to the call of the mutation`, {
      measure: "run-latency",
      units: units(1_000),
    }),
    jobs: ours("jobs", `${FULL}; history kept; to the commit of the last success`, {
      measure: "jobs",
      units: units(20_000),
    }),
    jobLatency: ours("job-latency", `${FULL}; idle; from scheduleOnce to the call of the handler`, {
      measure: "job-latency",
      units: units(1_000),
    }),
    adding: ours("adding", `${FULL}; 100 callers; each acknowledged when its commit is on disk`, {
      measure: "adding",
      units: units(20_000),
    }),
    publishing: ours("publishing", `${FULL}; 100 publishers, 1 KB; each acknowledged when its commit is on disk`, {
      measure: "publishing",
      units: units(20_000),
      callers: 100,
    }),
    idle: {
      ...ours(
        "idle",
        `${FULL}; ${number(sizes.idleWorkflows)} workflows and ${number(sizes.idleJobs)} scheduled jobs; started again, then at rest for ${sizes.idleSeconds} s`,
        { measure: "idle", workflows: sizes.idleWorkflows, jobs: sizes.idleJobs, seconds: sizes.idleSeconds },
      ),
      preparation: {
        key: "idle",
        options: { measure: "prepare-idle", workflows: sizes.idleWorkflows, jobs: sizes.idleJobs },
      },
    },
    shortData: runsBeside("short-data", "1,000 pending events, a history of 1,000 runs", short),
    backlog: runsBeside("backlog", `${number(sizes.backlog)} pending events, a history of 1,000 runs`, {
      key: "backlog",
      pending: sizes.backlog,
      history: 1_000,
    }),
    history: runsBeside("history", `1,000 pending events, a history of ${number(sizes.history)} runs`, history),
    shortLists: listsOver("lists-short", short),
    lists: listsOver("lists-history", history),
  } satisfies Record<string, Contestant>;
}

function ours(name: string, settings: string, options: Contestant["options"]): Contestant {
  return { name, peer: "Millrace", packages: [], settings, program: programOfOurs, options };
}

interface LongRows {
  key: string;
  pending: number;
  history: number;
}

function preparationOf({ key, pending, history }: LongRows): NonNullable<Contestant["preparation"]> {
  return { key, options: { measure: "prepare-long-data", pending, history } };
}

const number = (value: number) => value.toLocaleString("en");
