/**
 * What a unit of work may cost at the most: close above what it costs now, so that a regression fails
 * `unit-costs.test.ts` and `unit-steps.test.ts`. Who makes a unit cheaper lowers its limits to what `pnpm bench costs`
 * prints; who makes one dearer says in the commit what it is worth, and raises them.
 */
import type { UnitCost } from "./unit-costs.ts";
import type { CrowdedUnit } from "./unit-steps.ts";
import type { UnitName } from "./units.ts";

export const COST_LIMITS: Readonly<Record<UnitName, UnitCost>> = {
  "consumer run with one mutation, 1 workflow": {
    statements: 29,
    control: 14.6,
    commits: 4.1,
    syncs: 3.1,
    bytes: 112_000,
  },
  "consumer run with one mutation, 100 workflows": {
    statements: 26.6,
    control: 11.1,
    commits: 0.045,
    syncs: 0.034,
    bytes: 10_400,
  },
  "event published to an idle engine, with its run": {
    statements: 41,
    control: 20,
    commits: 6,
    syncs: 5,
    bytes: 202_000,
  },
  "job run, alone": { statements: 21, control: 6, commits: 2, syncs: 2, bytes: 97_000 },
  "job run, among 1,000": { statements: 8.4, control: 0.12, commits: 0.015, syncs: 0.015, bytes: 5_000 },
  "job added, alone": { statements: 3, control: 2, commits: 1, syncs: 1, bytes: 39_000 },
  "job added, by 100 at once": { statements: 3.05, control: 2.05, commits: 0.01, syncs: 0.01, bytes: 2_200 },
  "event published, alone": { statements: 8, control: 4, commits: 1, syncs: 1, bytes: 66_000 },
  "event published, by 100 at once": { statements: 5.2, control: 2.2, commits: 0.01, syncs: 0.01, bytes: 4_600 },
};

/**
 * How often SQLite compiles prepared statements again. It does so whenever a value is bound that its plan may depend on: a
 * status that decides whether a partial index fits, the number after `limit`, and what a column is compared with where
 * the rows are sorted. Queries that are compiled once (`compiled-query.ts`) keep their values from it.
 */
export const RECOMPILED_LIMITS: Readonly<Record<CrowdedUnit, number>> = {
  "a start after a crash, with a run and a job under way": 10,
  "an event published, and a run that takes none": 0,
  "a tick of a recurring job": 0,
  "a producer run, and a run that takes no event": 1,
  "a job added": 0,
  "a job run": 0,
  "an event published, and three runs that take one each": 0,
};
