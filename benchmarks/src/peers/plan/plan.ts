/** The rows of the comparison: which works there are, who does them, and what is to be reached. */
import type { Contestant, Sizes } from "./contestant-entry.ts";
import { ourContestants } from "./our-contestants.ts";
import { peerContestants } from "./peer-contestants.ts";

/** What a figure is to reach: of itself, or as a share of what the other one reaches. */
export interface Target {
  figure: string;
  of: "itself" | "ratio";
  atLeast?: number;
  atMost?: number;
}

export interface Line {
  contestant: Contestant;
  /** In the order in which they are shown. */
  figures: readonly string[];
  targets: readonly Target[];
}

/** One of ours, and those that it is compared with. */
export interface Work {
  title: string;
  ours: Line;
  theirs: readonly Line[];
}

const RATE = ["perSecond"];
const LATENCY = ["p50Ms", "p99Ms"];

export function planOf(sizes: Sizes): Work[] {
  const ours = ourContestants(sizes);
  const peers = peerContestants(sizes);
  const number = (value: number) => value.toLocaleString("en");
  return [
    {
      title: "complete consumer runs, one ledgered mutation, 100 workflows",
      ours: line(ours.runs, RATE),
      theirs: [
        line(peers.ceiling, RATE, [ratioAtLeast(0.5)]),
        line(peers.restate64, RATE, [ratioAtLeast(10)]),
        line(peers.restate200, RATE, [ratioAtLeast(10)]),
        line(peers.openWorkflow100, RATE, [ratioAtLeast(20)]),
        line(peers.dbosDirect, RATE, [ratioAtLeast(20)]),
        line(peers.dbosQueue, RATE, [ratioAtLeast(20)]),
      ],
    },
    {
      title: "the same, taken in while the clock runs",
      ours: line(ours.publishAndRun, RATE),
      theirs: [peers.restate64, peers.restate200, peers.dbosDirect, peers.dbosQueue].map((peer) => line(peer, RATE)),
    },
    {
      title: "one run at a time",
      ours: line(ours.oneAtATime, RATE),
      theirs: [line(peers.openWorkflow1, RATE, [ratioAtLeast(3)])],
    },
    {
      title: "from publish to the outside call, idle",
      ours: line(ours.runLatency, LATENCY, [atMost("p50Ms", 1.5), atMost("p99Ms", 4)]),
      theirs: [
        line(peers.restateLatency, [...LATENCY, "startP50Ms", "startP99Ms"]),
        line(peers.openWorkflowLatency, LATENCY),
        line(peers.dbosLatency, LATENCY),
      ],
    },
    {
      title: "trivial jobs",
      ours: line(ours.jobs, RATE),
      theirs: [
        peers.bullmqJobsEverysec,
        peers.bullmqJobsAlways,
        peers.plainjobNormal,
        peers.plainjobFull,
        peers.graphilePlain,
        peers.graphileLocal,
        peers.pgBossJobs,
      ].map((peer) => line(peer, RATE, [ratioAtLeast(1)])),
    },
    {
      title: "from adding a job to its start, idle",
      ours: line(ours.jobLatency, LATENCY, [atMost("p50Ms", 1)]),
      theirs: [peers.bullmqLatency, peers.graphileLatency, peers.pgBossLatency].map((peer) => line(peer, LATENCY)),
    },
    {
      title: "jobs added one by one by 100 callers",
      ours: line(ours.adding, RATE, [{ figure: "perSecond", of: "itself", atLeast: 20_000 }]),
      theirs: [
        peers.pgBossAdding,
        peers.graphileAdding,
        peers.bullmqAddingEverysec,
        peers.bullmqAddingAlways,
        peers.plainjobAddingNormal,
        peers.plainjobAddingFull,
      ].map((peer) => line(peer, RATE)),
    },
    {
      title: "events published by 100 publishers",
      ours: line(ours.publishing, RATE, [{ figure: "perSecond", of: "itself", atLeast: 20_000 }]),
      theirs: [],
    },
    {
      title: `idle with ${number(sizes.idleWorkflows)} workflows and ${number(sizes.idleJobs)} scheduled jobs`,
      ours: line(
        ours.idle,
        ["startUpMs", "cpuPercent", "wakeUps", "rssMegabytes"],
        [atMost("startUpMs", 2_000), atMost("cpuPercent", 0.1), atMost("wakeUps", 0), atMost("rssMegabytes", 400)],
      ),
      theirs: [],
    },
    longWork(`runs beside ${number(sizes.backlog)} pending events`, ours.backlog, ours.shortData),
    longWork(`runs beside a history of ${number(sizes.history)}`, ours.history, ours.shortData),
    {
      title: `lists over a history of ${number(sizes.history)}`,
      ours: line(ours.lists, ["slowestP50Ms"]),
      theirs: [line(ours.shortLists, ["slowestP50Ms"])],
    },
  ];
}

/** Everything that is run, once each, in the order of the rows. */
export function contestantsOf(works: readonly Work[]): Contestant[] {
  const all = works.flatMap(({ ours, theirs }) => [ours, ...theirs].map(({ contestant }) => contestant));
  return [...new Map(all.map((contestant) => [contestant.name, contestant])).values()];
}

/** Within 20 % of the rate beside little, in memory that does not grow with it. */
function longWork(title: string, long: Contestant, short: Contestant): Work {
  const figures = ["perSecond", "peakRssMegabytes"];
  const flat: Target = { figure: "peakRssMegabytes", of: "ratio", atMost: 1.2 };
  return { title, ours: line(long, figures), theirs: [line(short, figures, [ratioAtLeast(0.8), flat])] };
}

function line(contestant: Contestant, figures: readonly string[], targets: readonly Target[] = []): Line {
  return { contestant, figures, targets };
}

const ratioAtLeast = (atLeast: number): Target => ({ figure: "perSecond", of: "ratio", atLeast });
const atMost = (figure: string, most: number): Target => ({ figure, of: "itself", atMost: most });
