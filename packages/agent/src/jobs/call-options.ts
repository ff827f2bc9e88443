/** The options of the port's calls, read like any other input: they may come from another program. */
import { z } from "zod";
import { InvalidJobError } from "../job-errors.ts";
import { redactText } from "../redaction.ts";
import { readInput } from "./job-input.ts";

const by = z.string().max(200).optional();
/** What people say is kept without what looks like a secret. */
const text = z
  .string()
  .max(2_000)
  .transform((words) => redactText(words))
  .optional();
const flag = z.boolean().optional();

export const readActionOptions = reader({ by });
export const readReason = reader({ reason: text });
export const readPauseOptions = reader({ note: text });
export const readResumeOptions = reader({ catchUp: flag });
export const readBackfillOptions = reader({ by, dryRun: flag });
export const readRunOptions = reader({ by, payload: z.unknown().optional() });
export const readTriggerOptions = reader({ by, eventId: z.string().min(1).max(1_000).optional() });

/** @throws InvalidJobError */
export function readId(id: unknown, what: "job" | "execution"): string {
  return readInput(z.string(), id, `The id of the ${what}`);
}

/** @throws InvalidJobError */
export function readIds(ids: unknown): string[] {
  return readInput(z.array(z.string()).max(10_000), ids, "The list of ids");
}

/** @throws InvalidJobError */
export function readEnabled(enabled: unknown): boolean {
  return readInput(z.boolean(), enabled, "Whether the handler is enabled");
}

/** @throws InvalidJobError */
export function readChanges(changes: unknown): Record<string, unknown> {
  return readInput(z.record(z.string(), z.unknown()), changes, "The change");
}

/** @throws InvalidJobError */
export function assertFunction(handler: unknown, eventName: string): void {
  if (typeof handler !== "function")
    throw new InvalidJobError(`The handler of event "${eventName}"`, ["handler: must be a function"]);
}

function reader<Shape extends z.ZodRawShape>(shape: Shape) {
  const schema = z.strictObject(shape);
  return (options: unknown) => readInput(schema, options, "An option");
}
