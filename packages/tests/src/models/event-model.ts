/** The model of events and inputs. */
import { oftenAndRarely } from "./batches.ts";
import { compareEvents, eventReads } from "./event-reads.ts";
import type { EventState } from "./event-state.ts";
import { eventDeletions, eventWrites } from "./event-writes.ts";
import type { ModelSpecification } from "./model-specification.ts";

export const eventModel: ModelSpecification<EventState> = {
  name: "events and inputs",
  steps: oftenAndRarely([...eventWrites, ...eventReads], eventDeletions),
  begin({ topics: allTopics, runs: allRuns, workflows }, known) {
    // Few, so that commands meet: two topics of one workflow and one of another, and two runs.
    const [topics, runs] = [[...allTopics.slice(0, 2), ...allTopics.slice(3, 4)], allRuns.slice(0, 2)];
    for (const { id } of topics) known.learn("topic", id);
    for (const { id } of runs) known.learn("run", id);
    for (const { id } of workflows) known.learn("workflow", id);
    return {
      events: new Map(),
      inputs: new Map(),
      links: new Map(),
      reserved: new Map(runs.map(({ id }) => [id, new Set()])),
      topics: new Map(topics.map(({ id, name, workflowId }) => [id, { name, workflowId }])),
      workflows: new Set(workflows.map(({ id }) => id)),
    };
  },
  compare: compareEvents,
};
