/** What a contestant is given and what it says: its process gets options as JSON, and prints its figures as one line of JSON. */
import { z } from "zod";

/** Figures by name; those with a unit end in it (`perSecond`, `p50Ms`). `units` says how much work was done, and checked. */
export type Measurement = Record<string, number>;

/** The line that a contestant prints. */
export const measurementLine = z.object({ measured: z.record(z.string(), z.number()) });

/** What every contestant is given, besides options of its own. */
const place = z.object({
  /** An empty folder of its own, or the one that its preparation has filled. */
  folder: z.string(),
  /** Where its server listens, for those that have one. */
  address: z.string().default(""),
});

/** The options of this process. @throws ZodError when they are not what the contestant takes */
export function readOptions<Shape extends z.ZodRawShape>(shape: Shape) {
  return place.extend(shape).parse(JSON.parse(process.argv[2] ?? "{}"));
}

/** Says what was measured, and ends the process: what the library leaves open is no work any more. */
export function report(measured: Measurement): Promise<never> {
  return new Promise(() => {
    process.stdout.write(`${JSON.stringify({ measured })}\n`, () => process.exit(0));
  });
}

/** @throws UnfinishedWorkError when not all was done: a figure for work that was not done would be worse than none */
export function assertDone(done: number, expected: number, what: string): void {
  if (done !== expected) throw new UnfinishedWorkError(`${done} of ${expected} ${what}`);
}

class UnfinishedWorkError extends Error {
  override readonly name = "UnfinishedWorkError";
}
