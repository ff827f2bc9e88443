import { Option } from "@commander-js/extra-typings";
import { MUTATION_STATUSES, type Mutation, type MutationFilter, type MutationStatus } from "@millrace/db";
import type { Context } from "../context.ts";
import { consult, nameWorkflows } from "../open-operations.ts";
import { limitOption } from "../option-values.ts";
import { localTime, shortId } from "../output/cells.ts";
import { mutationJson, printJson, type NameOf } from "../output/json.ts";
import { renderTable, type Column } from "../output/table.ts";
import type { Program } from "../program.ts";
import type { Readings } from "../readings.ts";

const STATUS_COLORS = {
  pending: "yellow",
  in_flight: "cyan",
  applied: "green",
  failed: "red",
  needs_reconcile: "yellow",
  indeterminate: "red",
} as const satisfies Record<MutationStatus, string>;

const columns = (nameOf: NameOf): readonly Column<Mutation>[] => [
  { title: "MUTATION", value: ({ id }) => shortId(id) },
  { title: "WORKFLOW", value: ({ workflowId }) => nameOf(workflowId) },
  { title: "CALL", value: ({ connector, operation }) => `${connector}.${operation}` },
  { title: "TITLE", value: ({ title }) => title },
  {
    title: "STATUS",
    value: ({ status, resolution }) => (resolution === null ? status : `${status} (${resolution})`),
    color: (colors, { status }) => colors[STATUS_COLORS[status]],
  },
  { title: "SENT", value: ({ sentAt }) => localTime(sentAt) },
  { title: "ERROR", value: ({ error }) => error },
];

interface OutputOptions {
  limit: number;
  workflow?: string | undefined;
  connector?: string | undefined;
  operation?: string | undefined;
  status?: MutationStatus | undefined;
  input?: string | undefined;
}

export function addOutputs(program: Program, context: Context): void {
  program
    .command("outputs")
    .description("List the mutation ledger, newest first: each action on the outside world, and whether it happened.")
    .option("--workflow <name>", "only those of this workflow")
    .option("--connector <name>", "only those through this connector")
    .option("--operation <name>", "only those of this operation")
    .addOption(new Option("--status <status>", "only those of this status").choices(MUTATION_STATUSES))
    .option("--input <input>", "only those that this input caused (its id, or the end of it)")
    .addOption(limitOption())
    .addHelpText("after", "\nExample:\n  millrace outputs --connector http --status indeterminate")
    .action(async (_options, command) => {
      const { database, json, ...options } = command.optsWithGlobals();
      const { mutations, nameOf } = await consult(database, async (readings) => {
        const filter = await toFilter(readings, options);
        return { mutations: await readings.outputs(filter), nameOf: await nameWorkflows(readings) };
      });
      if (json)
        printJson(
          context.stdout,
          mutations.map((mutation) => mutationJson(mutation, nameOf)),
        );
      else context.stdout.write(renderTable(mutations, columns(nameOf), context.colors, "No such outputs."));
    });
}

async function toFilter(readings: Readings, options: OutputOptions): Promise<MutationFilter> {
  const { limit, workflow, connector, operation, status, input } = options;
  return {
    limit,
    ...(workflow !== undefined && { workflowId: (await readings.workflowByName(workflow)).id }),
    ...(connector !== undefined && { connector }),
    ...(operation !== undefined && { operation }),
    ...(status !== undefined && { statuses: [status] }),
    ...(input !== undefined && { inputId: (await readings.findInput(input)).id }),
  };
}
