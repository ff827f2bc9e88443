import type { WorkflowDetails } from "@millrace/agent";
import type { Workflow } from "@millrace/db";
import type { Context } from "../context.ts";
import { consult } from "../open-operations.ts";
import { localTime } from "../output/cells.ts";
import { printJson } from "../output/json.ts";
import { renderRuns } from "../output/jobs.ts";
import { renderFacts } from "../output/print.ts";
import { printable } from "../output/printable.ts";
import { renderTable, type Column } from "../output/table.ts";
import { workflowDetailsJson, workflowRowJson } from "../output/workflow-json.ts";
import type { Program } from "../program.ts";

const COLUMNS: readonly Column<Workflow>[] = [
  { title: "WORKFLOW", value: ({ name }) => name },
  {
    title: "STATUS",
    value: ({ status, error }) => (error === null ? status : `${status}, stopped`),
    color: (colors, { error }) => (error === null ? String : colors.red),
  },
  { title: "CONFIGURATION", value: ({ configVersion }) => configVersion, align: "right" },
  { title: "MADE", value: ({ createdAt }) => localTime(createdAt) },
  { title: "WHY", value: ({ error }) => error },
];

export function addWorkflows(program: Program, context: Context): void {
  const workflows = program
    .command("workflows")
    .description("List workflows, or show one: its handlers, schedules, topics and versions.")
    .addHelpText("after", "\nExamples:\n  millrace workflows list\n  millrace workflows show invoices");
  workflows
    .command("list")
    .description("List the workflows that were deployed here.")
    .addHelpText("after", "\nExample:\n  millrace workflows list")
    .action(async (_options, command) => {
      const { database, json } = command.optsWithGlobals();
      const rows = await consult(database, (readings) => readings.workflows());
      if (json) printJson(context.stdout, rows.map(workflowRowJson));
      else context.stdout.write(renderTable(rows, COLUMNS, context.colors, "No workflow has been deployed yet."));
    });
  workflows
    .command("show")
    .description("Show a workflow: its handlers, when they run, what waits in its topics, and its versions.")
    .argument("<workflow>", "its name")
    .addHelpText("after", "\nExample:\n  millrace workflows show invoices")
    .action(async (name, _options, command) => {
      const { database, json } = command.optsWithGlobals();
      const details = await consult(database, (readings) => readings.workflowDetails(name));
      if (json) printJson(context.stdout, workflowDetailsJson(details));
      else context.stdout.write(describe(details, context));
    });
}

function describe(details: WorkflowDetails, { colors }: Context): string {
  const { workflow, versions, producers, consumers, topics } = details;
  const [current] = versions;
  return [
    `${colors.bold(printable(workflow.name))}\n\n`,
    renderFacts([
      ["status", workflow.error === null ? workflow.status : `${workflow.status}, stopped: ${workflow.error}`],
      ["version", current === undefined ? null : `${current.major}.${current.minor} (${localTime(current.createdAt)})`],
      ["retry", localTime(workflow.retryAt)],
    ]),
    ...producers.map((producer) => `\n${colors.bold("Producer")} ${describeProducer(producer)}`),
    ...consumers.map((consumer) => `\n${colors.bold("Consumer")} ${describeConsumer(consumer)}`),
    topics.length === 0 ? "" : `\n${renderTable(topics, TOPIC_COLUMNS, colors, "")}`,
  ].join("");
}

const TOPIC_COLUMNS: readonly Column<WorkflowDetails["topics"][number]>[] = [
  { title: "TOPIC", value: ({ name }) => name },
  { title: "PENDING", value: ({ pending }) => pending, align: "right" },
];

function describeProducer(producer: WorkflowDetails["producers"][number]): string {
  const { name, publishes, schedule, nextRuns, lastRunAt } = producer;
  const facts = renderFacts([
    ["  runs", schedule ?? "when it is asked to"],
    ["  publishes", publishes.join(", ")],
    ["  last", localTime(lastRunAt)],
  ]);
  return `${printable(name)}\n${facts}${nextRuns.length === 0 ? "" : `  next\n${renderRuns(nextRuns)}`}`;
}

function describeConsumer(consumer: WorkflowDetails["consumers"][number]): string {
  const { name, subscribes, publishes, mutates, approval, wakeAt } = consumer;
  const facts = renderFacts([
    ["  takes", subscribes.join(", ")],
    ["  publishes", publishes.join(", ")],
    ["  acts", mutates ? (approval ? "yes, once a person has approved" : "yes") : "no"],
    ["  wakes", localTime(wakeAt)],
  ]);
  return `${printable(name)}\n${facts}`;
}
