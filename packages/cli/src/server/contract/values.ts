/** The values that all resources share: ids, times, JSON, pages. Times are Unix milliseconds UTC. */
import type { JsonValue } from "@millrace/db";
import { LOG_LEVELS } from "@millrace/db";
import { z } from "zod";

export const id = z.uuid().meta({ description: "A UUID" });

/** Unix milliseconds. */
export const time = z.int().min(0).max(8_640_000_000_000_000).meta({ description: "Unix milliseconds UTC" });

/** Any JSON value. */
export const json: z.ZodType<JsonValue, JsonValue> = z.json().meta({
  // Its own description of itself is a recursive union, which tells a reader nothing more.
  override: ({ jsonSchema }) => {
    for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key);
    jsonSchema.description = "Any JSON value";
  },
});

/** A name that the user gave: of a workflow, a topic, a handler … */
export const name = z.string().min(1).max(200);

/** Text to search for. */
export const text = z.string().min(1).max(200);

/** A whole number in a query string. */
function queryInteger(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,16}$/, "must be a whole number")
    .transform(Number)
    .pipe(z.int().min(least).max(most));
}

/** Unix milliseconds in a query string. */
const queryTime = queryInteger(0, 8_640_000_000_000_000).meta({
  override: { type: "integer", minimum: 0 },
  description: "Unix milliseconds UTC",
});

const queryLimit = queryInteger(1, 200).meta({ override: { type: "integer", minimum: 1, maximum: 200, default: 50 } });

/** Several words of a closed set, separated by commas. */
export function wordList<const Words extends readonly [string, ...string[]]>(words: Words) {
  const word = z.enum(words);
  return z
    .string()
    .min(1)
    .max(400)
    .transform((value) => value.split(","))
    .pipe(z.array(word))
    .meta({
      override: { type: "string", pattern: `^(${words.join("|")})(,(${words.join("|")}))*$` },
      description: `One or more of ${words.join(", ")}, separated by commas`,
    });
}

/** What every list takes. */
export const pageQuery = {
  cursor: z.string().min(1).max(200).optional().meta({ description: "The `nextCursor` of the page before" }),
  limit: queryLimit.optional(),
};

/** What a log is asked for by. */
export const logQuery = z.strictObject({
  after: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .optional()
    .meta({ override: { type: "integer", minimum: 0 }, description: "Lines after this sequence number" }),
  level: wordList(LOG_LEVELS).optional(),
});

/** A time span; `from` belongs to it, `until` does not. */
export const spanQuery = { from: queryTime.optional(), until: queryTime.optional() };

/** A part of a list. */
export function page<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    /** Give it back as `cursor` for the next page; null at the end. */
    nextCursor: z.string().nullable(),
  });
}

/** A part of a list that text was searched in: such a search looks at a bounded number of rows. */
export function searchPage<Item extends z.ZodType>(item: Item) {
  return page(item).extend({
    /** Whether the search ended before the end of the list; `nextCursor` goes on from there. */
    partial: z.boolean(),
  });
}

/** An action that gives nothing back. */
export const done = z.object({ done: z.literal(true) }).meta({ id: "Done" });

/** What a person adds to a decision. */
export const evidence = z.string().max(10_000).meta({ description: "What you looked at, and what you found" });
