/** What the receiver is told, and what it writes down. */
import { z } from "zod";

/** A request at which a life is killed: the one after `skip` others. */
const trap = z.object({
  /** Before its effect, which then happens or does not, or after it. */
  moment: z.enum(["before-effect", "before-effect-lost", "after-effect"]),
  skip: z.number().int().min(0),
});
export type Trap = z.output<typeof trap>;

export const receiverOrder = z.discriminatedUnion("order", [
  z.object({ order: z.literal("trap"), place: z.string(), life: z.number().int(), pid: z.number().int(), trap }),
  /** Answers everything of this place as it should, from now on. */
  z.object({ order: z.literal("behave"), place: z.string() }),
  /** Denies what it has accepted when a connector asks: the proof that the check finds what goes wrong. */
  z.object({ order: z.literal("lie"), place: z.string() }),
]);
export type ReceiverOrder = z.input<typeof receiverOrder>;

/** One acceptance. */
export interface Acceptance {
  kind: string;
  place: string;
  life: string;
  item: string;
  key: string;
}

/** None of the parts may have a space in it. */
export function recordLine({ kind, place, life, item, key }: Acceptance): string {
  return `${[kind, place, life, item, key].join(" ")}\n`;
}

/** What the record holds of a place. */
export function readRecord(text: string, place: string): Acceptance[] {
  return text.split("\n").flatMap((line) => {
    const [kind, where, life, item, key] = line.split(" ");
    if (kind === undefined || where !== place || life === undefined || item === undefined || key === undefined)
      return [];
    return [{ kind, place, life, item, key }];
  });
}
