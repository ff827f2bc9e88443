import type { WorkflowSummary } from "@millrace/agent";
import type { Context } from "../context.ts";
import { consult } from "../open-operations.ts";
import { localTime } from "../output/cells.ts";
import { printJson, workflowJson } from "../output/json.ts";
import { renderTable, type Column } from "../output/table.ts";
import type { Program } from "../program.ts";

const COLUMNS: readonly Column<WorkflowSummary>[] = [
  { title: "WORKFLOW", value: ({ name }) => name },
  {
    title: "STATUS",
    value: ({ status, error }) => (error === null ? status : `${status}, stopped`),
    color: (colors, { error }) => (error === null ? String : colors.red),
  },
  { title: "VERSION", value: ({ version }) => version },
  { title: "PENDING", value: ({ pending }) => sum(Object.values(pending)), align: "right" },
  { title: "NEXT", value: (workflow) => localTime(nextTime(workflow)) },
  { title: "NEEDS YOU", value: ({ openNotifications }) => openNotifications, align: "right" },
  { title: "WHY", value: ({ error }) => error },
];

export function addStatus(program: Program, context: Context): void {
  program
    .command("status")
    .description("Show each workflow: whether it runs, what is pending, when something is due next.")
    .addHelpText("after", "\nExample:\n  millrace status --database sqlite:out/millrace.sqlite")
    .action(async (_options, command) => {
      const { database, json } = command.optsWithGlobals();
      const workflows = await consult(database, (readings) => readings.status());
      if (json) printJson(context.stdout, workflows.map(workflowJson));
      else context.stdout.write(renderTable(workflows, COLUMNS, context.colors, "No workflow has been deployed yet."));
    });
}

/** When a producer, a consumer or a retry of the workflow is due next. */
function nextTime({ status, schedules, wakes, retryAt }: WorkflowSummary): number | null {
  if (status !== "active") return null;
  const times = [...schedules.map(({ nextRunAt }) => nextRunAt), ...wakes.map(({ wakeAt }) => wakeAt)];
  if (retryAt !== null) times.push(retryAt);
  return times.length === 0 ? null : Math.min(...times);
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
