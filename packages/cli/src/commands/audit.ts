import { Option } from "@commander-js/extra-typings";
import type { AuditEntry, AuditFilter, AuditOutcome } from "@millrace/db";
import type { Context } from "../context.ts";
import { consult } from "../open-operations.ts";
import { limitOption, parseTime } from "../option-values.ts";
import { localTime, shortId } from "../output/cells.ts";
import { iso, printJson } from "../output/json.ts";
import { renderTable, type Column } from "../output/table.ts";
import type { Program } from "../program.ts";
import type { Readings } from "../readings.ts";

const OUTCOME_COLORS = {
  done: "green",
  refused: "yellow",
  failed: "red",
} as const satisfies Record<AuditOutcome, string>;

const COLUMNS: readonly Column<AuditEntry>[] = [
  { title: "WHEN", value: ({ at }) => localTime(at) },
  { title: "WHO", value: ({ actor }) => actor },
  { title: "THROUGH", value: ({ channel }) => channel },
  { title: "WHAT", value: ({ action }) => action },
  { title: "TO", value: subjectOf },
  {
    title: "OUTCOME",
    // The process ended before it was known.
    value: ({ outcome }) => outcome ?? "not known",
    color: (colors, { outcome }) => (outcome === null ? colors.yellow : colors[OUTCOME_COLORS[outcome]]),
  },
  { title: "WHY", value: ({ message }) => message },
];

interface Options {
  limit: number;
  platform?: string | undefined;
  actor?: string | undefined;
  action?: string | undefined;
  since?: number | undefined;
}

export function addAudit(program: Program, context: Context): void {
  program
    .command("audit")
    .description("List what people did, newest first: who, when, what, and what came of it.")
    .option("--actor <name>", "only what this person did")
    .option("--action <action>", "only this, for example output.resolve")
    .addOption(new Option("--since <time>", "only what was done at or after this time").argParser(parseTime))
    .option("--platform <name>", "the tenant that it was done to (default: default)")
    .addOption(limitOption())
    .addHelpText(
      "after",
      "\nExamples:\n  millrace audit --actor anna\n  millrace audit --action job.pause --since 2026-03-01T00:00:00Z",
    )
    .action(async (_options, command) => {
      const { database, json, ...options } = command.optsWithGlobals();
      const entries = await consult(database, async (readings) => readings.audit(await toFilter(readings, options)));
      if (json) printJson(context.stdout, entries.map(entryJson));
      else context.stdout.write(renderTable(entries, COLUMNS, context.colors, "Nothing of the kind was done."));
    });
}

async function toFilter(readings: Readings, { limit, platform, actor, action, since }: Options): Promise<AuditFilter> {
  return {
    limit,
    ...(platform !== undefined && { platformId: (await readings.platformByName(platform)).id }),
    ...(actor !== undefined && { actor }),
    ...(action !== undefined && { action }),
    ...(since !== undefined && { from: since }),
  };
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An id by its end, a name as it is; nothing where it was about no single thing. */
function subjectOf({ subjectType, subjectId }: AuditEntry): string {
  if (subjectId === "") return "";
  return `${subjectType} ${UUID.test(subjectId) ? shortId(subjectId) : subjectId}`;
}

const entryJson = (entry: AuditEntry) => ({ ...entry, at: iso(entry.at), completedAt: iso(entry.completedAt) });
