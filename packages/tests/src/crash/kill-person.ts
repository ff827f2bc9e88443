/** The person who looks at what needs attention, finds out at the receiver what happened, and decides truthfully. */
import { appendFileSync } from "node:fs";
import { get } from "node:http";
import { NotResolvableError, type Engine } from "@millrace/agent";
import type { Mutation } from "@millrace/db";
import { z } from "zod";
import { pathsOf, type Orders } from "./kill-world.ts";

/** The receiver may accept late; who looks at once could be wrong. */
const PATIENCE_MS = 200;

/** Settles what has waited long enough; each thing that the list shows is written down first. */
export async function settleAsPerson(engine: Engine, told: Orders): Promise<void> {
  for (const { notification, workflow, mutation } of await engine.needsAttention()) {
    const { id, kind, message } = notification;
    if (kind === "late_outcome" && mutation && !contradicts(mutation)) await engine.dismiss(id);
    // They know who ends the process.
    else if (workflow !== null && CRASH_LIMIT.test(message))
      await isTaken(engine.retry(workflow, { by: "the person" }));
    else if (mutation) await decide(engine, told, mutation);
  }
}

/** What a person is told of a run in which the process has ended too often in a row. */
const CRASH_LIMIT = /^The process ended \d+ times in a row/;

/** Whether a call has said at last that it happened, of which the ledger says that it did not. */
function contradicts({ status, resolution, lateOutcome }: Mutation): boolean {
  const late = z.object({ kind: z.string() }).parse(lateOutcome);
  return late.kind === "applied" && status !== "applied" && resolution !== "happened";
}

async function decide(engine: Engine, { receiver, folder }: Orders, mutation: Mutation): Promise<void> {
  if (mutation.uncertainSince === null || Date.now() - mutation.uncertainSince < PATIENCE_MS) return;
  appendFileSync(pathsOf(folder).listed, `${mutation.id}\n`);
  const happened = await isThere(`${receiver}/effects/${encodeURIComponent(mutation.idempotencyKey)}?person`);
  const verdict = happened ? ("happened" as const) : ("did_not_happen" as const);
  await isTaken(engine.resolveMutation(mutation.id, { verdict, by: "the person", evidence: "the receiver's list" }));
}

/** Whether a decision was taken; not, when there was nothing to decide any more. */
async function isTaken(decision: Promise<unknown>): Promise<boolean> {
  try {
    await decision;
    return true;
  } catch (error) {
    if (error instanceof NotResolvableError) return false;
    throw error;
  }
}

function isThere(url: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      if (response.statusCode === 200 || response.statusCode === 404) resolve(response.statusCode === 200);
      else reject(new Error(`The receiver answered a person ${response.statusCode}.`));
    }).once("error", reject);
  });
}
