/** `/events`: what is published to the topics of workflows. */
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { FilterBar, type FilterField } from "../components/filter-bar.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { statusOptions } from "../components/status-words.ts";
import { EVENT_FILTERS, type EventFilters, eventsQuery, topicsQuery } from "../services/events.ts";
import { useFilters } from "../services/filters.ts";
import { EventTable } from "../views/events/event-table.tsx";
import { isFiltered, useWorkflowOptions } from "../views/filter-options.ts";
import { ListBody } from "../views/list-body.tsx";
import { useList } from "../views/use-list.ts";

export function EventsView() {
  const [filters, setFilters] = useFilters(EVENT_FILTERS);
  const { workflow, topic } = filters;
  const events = useList(eventsQuery(workflow === undefined ? withoutTopic(filters) : filters));
  const workflows = useWorkflowOptions();
  const topics = useTopicField(workflow);
  // A topic is one of a workflow: without it the filter would mean nothing.
  useEffect(() => {
    if (workflow === undefined && topic !== undefined) setFilters({ topic: undefined });
  }, [workflow, topic, setFilters]);
  return (
    <>
      <PageHeader
        title="Events"
        description="What handlers tell each other through topics: each event waits until a consumer has dealt with it."
      />
      <FilterBar
        label="Filter events"
        fields={[
          { kind: "search", key: "text", label: "Search events" },
          { kind: "select", key: "workflow", label: "Workflow", options: workflows },
          ...topics,
          { kind: "select", key: "status", label: "Status", options: statusOptions("event") },
          { kind: "span" },
        ]}
      />
      <ListBody
        list={events}
        isFiltered={isFiltered(filters)}
        empty={{
          title: "Nothing has been published yet",
          children: "An event appears here when a handler publishes one, or a program sends one to a topic.",
        }}
      >
        {(rows) => <EventTable caption="Events, newest first" events={rows} />}
      </ListBody>
    </>
  );
}

function withoutTopic({ topic: _topic, ...others }: EventFilters): EventFilters {
  return others;
}

/** The topics of the chosen workflow; no field while none is chosen. */
function useTopicField(workflow: string | undefined): FilterField[] {
  const topics = useQuery({ ...topicsQuery(workflow ?? ""), enabled: workflow !== undefined });
  if (workflow === undefined) return [];
  const options = (topics.data?.items ?? []).map(({ name }) => ({ value: name, label: name }));
  return [{ kind: "select", key: "topic", label: "Topic", options }];
}
