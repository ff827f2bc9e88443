/** The person who looks at what needs attention, finds out at the receiver what happened, and decides truthfully. */
import { appendFileSync } from "node:fs";
import { get } from "node:http";
import { NotResolvableError, type Engine } from "@millrace/agent";
import { pathsOf, type Orders } from "./kill-world.ts";

/** The receiver may accept late; who looks at once could be wrong. */
const PATIENCE_MS = 200;

/** Settles what has waited long enough; each thing that the list shows is written down first. */
export async function settleAsPerson(engine: Engine, { receiver, folder }: Orders): Promise<void> {
  for (const { mutation } of await engine.needsAttention()) {
    if (!mutation || mutation.uncertainSince === null || Date.now() - mutation.uncertainSince < PATIENCE_MS) continue;
    appendFileSync(pathsOf(folder).listed, `${mutation.id}\n`);
    const happened = await isThere(`${receiver}/effects/${encodeURIComponent(mutation.idempotencyKey)}?person`);
    await engine
      .resolveMutation(mutation.id, {
        verdict: happened ? "happened" : "did_not_happen",
        by: "the person",
        evidence: "the receiver's list",
      })
      .catch((error: unknown) => {
        if (!(error instanceof NotResolvableError)) throw error;
      });
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
