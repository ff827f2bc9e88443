/** What the words of the API about jobs mean to a person. A word that the API adds does not compile until it has some. */
import type { Execution } from "../../services/executions.ts";
import type { Job } from "../../services/jobs.ts";

export const TYPE_WORDS: Record<Job["type"], { label: string; meaning: string }> = {
  cron: { label: "Calendar", meaning: "At times of a calendar, for example each weekday at 9." },
  recurring: { label: "Again and again", meaning: "Every so often, without end or within bounds." },
  one_time: { label: "Once", meaning: "One time: now, in a while or at a time." },
  event: { label: "On an event", meaning: "Each time that something happens." },
};

export const ORIGIN_WORDS: Record<Execution["origin"], string> = {
  schedule: "by its schedule",
  backfill: "to make up for a past time",
  event: "by an event",
  manual: "by a person or program",
  retry: "as a repeat",
};

export const OVERLAP_WORDS: Record<Job["overlapPolicy"], string> = {
  skip: "Leave the new one out",
  buffer_one: "Keep one waiting",
  buffer_all: "Keep all waiting",
  cancel_other: "Stop the earlier one",
  allow: "Run both at once",
};

export const MISFIRE_WORDS: Record<Job["misfirePolicy"], string> = {
  latest: "Run once for the latest",
  all: "Run each of them",
  skip: "Leave them out",
};

export const DELIVERY_WORDS: Record<Job["delivery"], string> = {
  at_least_once: "May run again after a crash",
  at_most_once: "Never runs twice, rather not at all",
};

export const GAP_WORDS: Record<Job["dstGap"], string> = {
  shift: "Run right after the gap",
  skip: "Leave that day out",
};

export const REPEAT_WORDS: Record<Job["dstOverlap"], string> = {
  first: "Run the first time",
  last: "Run the second time",
  both: "Run both times",
};

export const MODE_WORDS: Record<Job["intervalMode"], string> = {
  fixed_rate: "From beginning to beginning",
  fixed_delay: "From the end to the next beginning",
};

/** A record of words as options of a select. */
export function optionsOf(words: Readonly<Record<string, string | { label: string }>>) {
  return Object.entries(words).map(([value, word]) => ({ value, label: typeof word === "string" ? word : word.label }));
}

/** What a job runs: "cleanUp", "invoice-mail, producer inbox", "agent helper". */
export function handlerInWords({ handlerType, handlerName }: Pick<Job, "handlerType" | "handlerName">): string {
  return handlerType === "function" ? handlerName : `${handlerType} ${handlerName}`;
}
