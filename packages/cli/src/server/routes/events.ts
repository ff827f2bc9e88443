/** Topics and their events. */
import * as contract from "../contract/events.ts";
import { implement } from "../implementation.ts";
import { inspect } from "./inspect.ts";

export const EVENT_IMPLEMENTATIONS = [
  implement(contract.listTopics, async ({ params }, context) => ({
    items: await inspect(context).topics(params.workflow),
  })),

  implement(contract.listEvents, ({ query }, context) => inspect(context).events(query)),

  implement(contract.showEvent, ({ params }, context) => inspect(context).event(params.event)),
];
