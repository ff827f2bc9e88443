/** Parses the parts of a request by the schemas of its operation; every fault is named with its place. */
import type { z } from "zod";
import { RefusedError, type Fault, type ProblemKind } from "../problem.ts";

/** @param part what the value is a part of the request as, for example `query` */
export function parseInput(schema: z.ZodType, value: unknown, part: string, kind: ProblemKind): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.flatMap((issue) => faultsOf(issue, [part]));
  throw refusal(faults, part, kind);
}

function refusal(faults: readonly Fault[], part: string, kind: ProblemKind = "malformed-request"): RefusedError {
  return new RefusedError(kind, `The ${part} of the request is not valid: ${inWords(faults)}`, { faults });
}

/** The query of an address, where every key stands once. @throws RefusedError */
export function readQuery(url: string): Record<string, string> {
  const query = new Map<string, string>();
  for (const [key, value] of new URL(url).searchParams) {
    if (query.has(key)) throw refusal([{ path: `query.${key}`, message: "stands there more than once" }], "query");
    query.set(key, value);
  }
  return Object.fromEntries(query);
}

/** A union's own issue says nothing of use: those of the branch that fits best do. */
function faultsOf(issue: z.core.$ZodIssue, prefix: readonly string[]): Fault[] {
  const path = [...prefix, ...issue.path.map(String)];
  if (issue.code === "invalid_union") {
    const best = issue.errors.toSorted((a, b) => depthOf(b) - depthOf(a) || a.length - b.length).at(0);
    if (best !== undefined && best.length > 0) return best.flatMap((inner) => faultsOf(inner, path));
  }
  return [{ path: path.join("."), message: issue.message }];
}

const depthOf = (issues: readonly z.core.$ZodIssue[]) => Math.max(0, ...issues.map(({ path }) => path.length));

const MOST_IN_WORDS = 5;

function inWords(faults: readonly Fault[]): string {
  const words = faults.slice(0, MOST_IN_WORDS).map(({ path, message }) => `${path}: ${message}`);
  return `${words.join("; ")}${faults.length > MOST_IN_WORDS ? "; …" : ""}`;
}
