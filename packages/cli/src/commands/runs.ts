import { RUN_STATUSES, type HandlerRun } from "@millrace/db";
import { Option } from "@commander-js/extra-typings";
import type { Context } from "../context.ts";
import { consult, nameWorkflows } from "../open-operations.ts";
import { limitOption } from "../option-values.ts";
import { duration, localTime, shortId } from "../output/cells.ts";
import { printJson, runJson, type NameOf } from "../output/json.ts";
import { renderTable, type Column } from "../output/table.ts";
import type { Program } from "../program.ts";

const columns = (nameOf: NameOf): readonly Column<HandlerRun>[] => [
  { title: "RUN", value: ({ id }) => shortId(id) },
  { title: "WORKFLOW", value: ({ workflowId }) => nameOf(workflowId) },
  { title: "HANDLER", value: ({ handlerName }) => handlerName },
  { title: "TRIGGER", value: ({ trigger }) => trigger },
  { title: "PHASE", value: ({ phase }) => phase },
  {
    title: "STATUS",
    value: ({ status }) => status,
    color: (colors, { status }) => (status === "committed" ? colors.green : colors.yellow),
  },
  { title: "ATTEMPT", value: ({ attempt }) => attempt, align: "right" },
  { title: "STARTED", value: ({ startedAt }) => localTime(startedAt) },
  { title: "TOOK", value: ({ startedAt, endedAt }) => (endedAt === null ? null : duration(endedAt - startedAt)) },
  { title: "ERROR", value: ({ error }) => error },
];

export function addRuns(program: Program, context: Context): void {
  program
    .command("runs")
    .description("List runs of handlers, newest first: where each stands and how it ended.")
    .option("--workflow <name>", "only those of this workflow")
    .option("--handler <name>", "only those of this producer or consumer")
    .addOption(new Option("--status <status>", "only those of this status").choices(RUN_STATUSES))
    .addOption(limitOption())
    .addHelpText("after", "\nExample:\n  millrace runs --workflow invoices --status failed:logic")
    .action(async (_options, command) => {
      const { database, json, workflow, handler, status, limit } = command.optsWithGlobals();
      const { runs, nameOf } = await consult(database, async (readings) => {
        const filter = {
          limit,
          ...(workflow !== undefined && { workflowId: (await readings.workflowByName(workflow)).id }),
          ...(handler !== undefined && { handlerName: handler }),
          ...(status !== undefined && { status }),
        };
        return { runs: await readings.runs(filter), nameOf: await nameWorkflows(readings) };
      });
      if (json)
        printJson(
          context.stdout,
          runs.map((run) => runJson(run, nameOf)),
        );
      else context.stdout.write(renderTable(runs, columns(nameOf), context.colors, "No such runs."));
    });
}
