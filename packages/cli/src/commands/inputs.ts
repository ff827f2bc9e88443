import { Option } from "@commander-js/extra-typings";
import { INPUT_STATUSES, type Input } from "@millrace/db";
import type { Context } from "../context.ts";
import { consult, nameWorkflows } from "../open-operations.ts";
import { limitOption } from "../option-values.ts";
import { localTime, shortId } from "../output/cells.ts";
import { inputJson, printJson, type NameOf } from "../output/json.ts";
import { renderTable, type Column } from "../output/table.ts";
import type { Program } from "../program.ts";

const columns = (nameOf: NameOf): readonly Column<Input>[] => [
  { title: "INPUT", value: ({ id }) => shortId(id) },
  { title: "WORKFLOW", value: ({ workflowId }) => nameOf(workflowId) },
  { title: "SOURCE", value: ({ source }) => source },
  { title: "TYPE", value: ({ type }) => type },
  { title: "TITLE", value: ({ title }) => title },
  { title: "STATUS", value: ({ status }) => status },
  { title: "CAME IN", value: ({ createdAt }) => localTime(createdAt) },
];

export function addInputs(program: Program, context: Context): void {
  program
    .command("inputs")
    .description("List what came in from outside, newest first.")
    .option("--workflow <name>", "only those of this workflow")
    .option("--source <source>", "only those from there, for example mail")
    .option("--type <type>", "only those of this type")
    .addOption(new Option("--status <status>", "only those of this status").choices(INPUT_STATUSES))
    .addOption(limitOption())
    .addHelpText(
      "after",
      "\nExample:\n  millrace inputs --source mail\n  millrace outputs --input 8f2a9c01   see what came of one",
    )
    .action(async (_options, command) => {
      const { database, json, workflow, source, type, status, limit } = command.optsWithGlobals();
      const { inputs, nameOf } = await consult(database, async (readings) => {
        const filter = {
          limit,
          ...(workflow !== undefined && { workflowId: (await readings.workflowByName(workflow)).id }),
          ...(source !== undefined && { source }),
          ...(type !== undefined && { type }),
          ...(status !== undefined && { status }),
        };
        return { inputs: await readings.inputs(filter), nameOf: await nameWorkflows(readings) };
      });
      if (json)
        printJson(
          context.stdout,
          inputs.map((input) => inputJson(input, nameOf)),
        );
      else context.stdout.write(renderTable(inputs, columns(nameOf), context.colors, "No such inputs."));
    });
}
