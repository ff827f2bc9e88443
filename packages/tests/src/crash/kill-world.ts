/** What the kill command and the lives that it ends agree upon. */
import { join } from "node:path";
import { z } from "zod";

/** An effect that the receiver counts. */
export const EFFECT_KINDS = ["asked", "mute", "once", "repeat"] as const;
/**
 * `asked` and `mute`: a mutation whose connector can be asked afterwards, and one whose can't; `once` and `repeat`: a job
 * that may act at most once, and one that must act at least once.
 */
export type EffectKind = (typeof EFFECT_KINDS)[number];

/** The workflow whose connectors can be asked, and the one whose can't. */
export const ASKED_WORKFLOW = "asked";
export const MUTE_WORKFLOW = "mute";
/** The file to which the workflow `asked` appends, in the folder `inside`. */
export const ROWS_FILE = "rows.csv";

/** The exit codes of a life that ends by itself. */
export const EXIT = { refused: 9, noRoom: 8, drained: 0 } as const;
/** What a life says on its standard output: it opens the database; its engine runs. */
export const SIGNS = { opening: "opening", up: "up" } as const;

/** What a life is told, as its one argument in JSON. */
export const orders = z.object({
  /** Names this ground among all those that the receiver knows. */
  place: z.string(),
  folder: z.string(),
  receiver: z.url(),
  /** The number of this life on its ground, from 1. */
  life: z.number().int(),
  /** Works off what is left and ends, instead of going on and asking for more. */
  drains: z.boolean(),
  seed: z.number().int(),
  /** The commit that it does not survive, counted from its start: before it or after it. */
  dies: z.object({ at: z.number().int(), moment: z.enum(["before-commit", "after-commit"]) }).nullable(),
});
export type Orders = z.output<typeof orders>;

/** Where everything of a ground is. What is outside is written by those who watch, and has room at any time. */
export function pathsOf(folder: string) {
  const inside = join(folder, "inside");
  const outside = join(folder, "outside");
  return {
    inside,
    outside,
    database: join(inside, "millrace.sqlite"),
    rows: join(inside, ROWS_FILE),
    /** One line for each thing that there is to find for the producer. */
    offers: join(outside, "offers"),
    /** `kind item`, after the database has acknowledged it. */
    acknowledged: join(outside, "acknowledged"),
    /** Ids of uncertain mutations that a person found on the list of what needs attention. */
    listed: join(outside, "listed"),
    /** What the database has refused, by the name of its error. */
    refusals: join(outside, "refusals"),
  };
}
