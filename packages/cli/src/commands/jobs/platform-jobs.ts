/** Opens the jobs of a platform (tenant) for a command: to look, or to decide. */
import type { Scheduler } from "@millrace/agent";
import { DEFAULT_PLATFORM_ID, type Job, type JobExecution, type PlatformId } from "@millrace/db";
import type { Context } from "../../context.ts";
import { consult, decide, watchOver, type Perform } from "../../open-operations.ts";
import type { JobReadings, Readings } from "../../readings.ts";

interface Place {
  database: string;
  /** The platform's name; `default` if it is left out. */
  platform?: string | undefined;
}

/** The jobs of one platform: those of others do not exist. */
export interface Jobs {
  scheduler: JobReadings;
  /** By its key, its name, or the end of its id. @throws UnknownNameError, AmbiguousIdError */
  findJob(name: string): Promise<Job>;
  /** By its id, or the end of it. @throws UnknownNameError, AmbiguousIdError */
  findExecution(ending: string): Promise<JobExecution>;
}

export function consultJobs<T>(place: Place, work: (jobs: Jobs) => Promise<T>): Promise<T> {
  return consult(place.database, async (readings) => work(jobsOf(readings, await platformOf(readings, place))));
}

/** For work that goes on: it is told which file to watch. */
export function watchJobs<T>(place: Place, work: (jobs: Jobs, path: string | null) => Promise<T>): Promise<T> {
  return watchOver(place.database, async (readings, path) =>
    work(jobsOf(readings, await platformOf(readings, place)), path),
  );
}

export function decideOnJobs<T>(
  place: Place & { by: string },
  context: Context,
  work: (jobs: Jobs, perform: Perform<Scheduler>) => Promise<T>,
): Promise<T> {
  return decide(place, context, async (readings, perform) => {
    const platformId = await platformOf(readings, place);
    return work(jobsOf(readings, platformId), (deed, change) =>
      perform({ ...deed, platformId }, (operations) => change(operations.schedulerOf(platformId))),
    );
  });
}

/** What a command is called with for the same platform. */
export const platformWords = ({ platform }: Pick<Place, "platform">): string =>
  platform === undefined ? "" : ` --platform ${platform}`;

async function platformOf(readings: Readings, { platform }: Place): Promise<PlatformId> {
  return platform === undefined ? DEFAULT_PLATFORM_ID : (await readings.platformByName(platform)).id;
}

const jobsOf = (readings: Readings, platformId: PlatformId): Jobs => ({
  scheduler: readings.schedulerOf(platformId),
  findJob: (name) => readings.findJob(name, platformId),
  findExecution: (ending) => readings.findExecution(ending, platformId),
});
