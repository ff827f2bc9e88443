/** What people write on the command line, checked and turned into values. */
import { userInfo } from "node:os";
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { JsonValue, Resolution } from "@millrace/db";
import { z } from "zod";
import { UsageError } from "./usage-error.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** `--limit`: how many rows to show. */
export const limitOption = (most = 100_000) =>
  new Option("--limit <number>", "show at most so many")
    .argParser((text) => parse(limit.max(most, `It is at most ${most}.`), text))
    .default(50);

/** `--cursor`: where a list goes on. */
export const cursorOption = () => new Option("--cursor <cursor>", "go on where an earlier list ended");

/** `--workflow`: of which workflow. */
export const workflowOption = () => new Option("--workflow <name>", "only those of this workflow");

/** A whole number from 1 to 1,000. @throws InvalidArgumentError */
export const parseCount = (text: string): number => parse(limit.max(1_000, "It is at most 1000."), text);

const limit = z.coerce.number("It is a number.").int("It is a whole number.").min(1, "It is at least 1.");

/** `--by`: who decides. */
export const byOption = (env: Environment) =>
  new Option("--by <name>", "who decides").argParser((text) => parse(nonEmpty, text)).default(currentUser(env));

const nonEmpty = z.string().trim().min(1, "It is empty.");

/** The name of the operating system's user, who need not have one (in a container). */
function currentUser(env: Environment): string {
  try {
    return userInfo().username;
  } catch {
    return env["USER"] ?? env["USERNAME"] ?? "unknown";
  }
}

/** `--evidence`: on what grounds. */
export const evidenceOption = () =>
  new Option("--evidence <text>", "what you looked at and found; it is kept with the decision");

const time = z.iso.datetime({
  offset: true,
  error: "It is a time with its zone, for example 2026-03-01T09:00:00Z or 2026-03-01T10:00+01:00.",
});

/** A time in Unix milliseconds. @throws InvalidArgumentError */
export const parseTime = (text: string): number => Date.parse(parse(time, text));

/** @throws InvalidArgumentError */
export function parseJson(text: string): JsonValue {
  try {
    return parse(z.json(), JSON.parse(text));
  } catch {
    // What a JSON parser says helps less than to name the usual cause.
    throw new InvalidArgumentError(`It is not JSON. Quote it for the shell, for example '{"id": 7}'.`);
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(parsed.error.issues.map(({ message }) => message).join(" "));
}

const verdictWord = z.enum(["happened", "did-not-happen", "skip", "try-again"]);

const RESOLUTION_OF = {
  happened: "happened",
  "did-not-happen": "did_not_happen",
  skip: "skip",
  "try-again": "try_again",
} as const satisfies Record<z.infer<typeof verdictWord>, Resolution>;

/** The verdict that a word stands for. @throws UsageError */
export function readVerdict(word: string): Resolution {
  const parsed = verdictWord.safeParse(word);
  if (parsed.success) return RESOLUTION_OF[parsed.data];
  throw new UsageError(`"${word}" is not a verdict. It is one of: ${verdictWord.options.join(", ")}.`);
}
