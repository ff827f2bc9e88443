/** What watches the host asks for. */
import type { Engine } from "@millrace/agent";
import { DEFAULT_PLATFORM_ID, type Database } from "@millrace/db";
import { showApiDocument, showLiveness, showMetrics, showReadiness } from "./contract/health.ts";
import { implement, type Implementation } from "./implementation.ts";
import type { ApiDocument } from "./openapi.ts";
import { RefusedError } from "./problem.ts";

export interface HealthOptions {
  engine: Engine;
  database: Database;
  metrics: { contentType: string; text: () => Promise<string> };
  apiDocument: ApiDocument;
  /** Whether the host is about to stop. */
  isStopping: () => boolean;
}

export function healthOperations(options: HealthOptions): Implementation[] {
  const { engine, database, metrics, apiDocument, isStopping } = options;
  return [
    implement(showLiveness, async () => ({ status: "ok" as const })),
    implement(showReadiness, async () => {
      if (isStopping() || !engine.isRunning) throw new RefusedError("unavailable", "The engine does not run.");
      if (!(await answers(database))) throw new RefusedError("unavailable", "The database does not answer.");
      return { status: "ready" as const };
    }),
    implement(
      showMetrics,
      async (_input, { principal }, { response }) => {
        // They count what is on all platforms.
        if (principal.platformId !== DEFAULT_PLATFORM_ID) {
          throw new RefusedError("forbidden", "Metrics are for those of the default platform.");
        }
        response.headers.set("Content-Type", metrics.contentType);
        return metrics.text();
      },
      // It holds numbers under names; a label that looks like a secret is none.
      { isUnredacted: true },
    ),
    implement(showApiDocument, async () => ({ ...apiDocument }), { isUnredacted: true }),
  ];
}

/** Why it does not is in the log of whoever needs the database; here anybody may ask. */
async function answers(database: Database): Promise<boolean> {
  try {
    await database.statistics();
    return true;
  } catch {
    return false;
  }
}
