import { Option } from "@commander-js/extra-typings";
import { UnknownNameError } from "@millrace/agent";
import { EVENT_STATUSES, type Event, type EventFilter, type EventStatus } from "@millrace/db";
import type { Context } from "../context.ts";
import { consult, nameWorkflows } from "../open-operations.ts";
import { limitOption, workflowOption } from "../option-values.ts";
import { localTime, shortId } from "../output/cells.ts";
import { eventJson, printJson } from "../output/json.ts";
import { renderTable, type Column } from "../output/table.ts";
import type { Program } from "../program.ts";
import type { Readings } from "../readings.ts";
import { UsageError } from "../usage-error.ts";

/** An event with the names of what it belongs to. */
interface Row {
  event: Event;
  workflow: string;
  topic: string;
}

const STATUS_COLORS = {
  pending: "cyan",
  reserved: "yellow",
  consumed: "green",
  skipped: "dim",
} as const satisfies Record<EventStatus, string>;

const COLUMNS: readonly Column<Row>[] = [
  { title: "EVENT", value: ({ event }) => shortId(event.id) },
  { title: "WORKFLOW", value: ({ workflow }) => workflow },
  { title: "TOPIC", value: ({ topic }) => topic },
  { title: "MESSAGE", value: ({ event }) => event.messageId },
  {
    title: "STATUS",
    value: ({ event }) => event.status,
    color: (colors, { event }) => colors[STATUS_COLORS[event.status]],
  },
  { title: "PUBLISHED", value: ({ event }) => localTime(event.createdAt) },
  { title: "PAYLOAD", value: ({ event }) => JSON.stringify(event.payload) },
];

interface Options {
  workflow?: string | undefined;
  topic?: string | undefined;
  status?: EventStatus | undefined;
  text?: string | undefined;
  limit: number;
}

export function addEvents(program: Program, context: Context): void {
  program
    .command("events")
    .description("List events, newest first: what was published into topics, and whether it was worked on.")
    .addOption(workflowOption())
    .option("--topic <name>", "only those of this topic of the workflow")
    .addOption(new Option("--status <status>", "only those of this status").choices(EVENT_STATUSES))
    .option("--text <text>", "only those with this in their message id or payload")
    .addOption(limitOption())
    .addHelpText("after", "\nExample:\n  millrace events --workflow invoices --topic mail.received --status pending")
    .action(async (_options, command) => {
      const { database, json, ...options } = command.optsWithGlobals();
      if (options.topic !== undefined && options.workflow === undefined)
        throw new UsageError("--topic goes with --workflow: topics belong to workflows.");
      const rows = await consult(database, async (readings) =>
        nameRows(readings, await readings.events(await toFilter(readings, options))),
      );
      if (json)
        printJson(
          context.stdout,
          rows.map(({ event, workflow, topic }) => eventJson(event, () => workflow, topic)),
        );
      else context.stdout.write(renderTable(rows, COLUMNS, context.colors, "No such events."));
    });
}

async function toFilter(readings: Readings, options: Options): Promise<EventFilter> {
  const { limit, workflow, topic, status, text } = options;
  const filter = { limit, ...(status !== undefined && { status }), ...(text !== undefined && { text }) };
  if (workflow === undefined) return filter;
  const { id: workflowId } = await readings.workflowByName(workflow);
  if (topic === undefined) return { ...filter, workflowId };
  const topics = await readings.topics(workflowId);
  const found = topics.find(({ name }) => name === topic);
  if (!found)
    throw new UnknownNameError(
      "topic",
      topic,
      topics.map(({ name }) => name),
    );
  return { ...filter, workflowId, topicId: found.id };
}

async function nameRows(readings: Readings, events: readonly Event[]): Promise<Row[]> {
  const nameOf = await nameWorkflows(readings);
  const workflows = [...new Set(events.map(({ workflowId }) => workflowId))];
  const topics = (await Promise.all(workflows.map((id) => readings.topics(id)))).flat();
  const names = new Map(topics.map(({ id, name }) => [id, name]));
  return events.map((event) => ({
    event,
    workflow: nameOf(event.workflowId),
    topic: names.get(event.topicId) ?? event.topicId,
  }));
}
