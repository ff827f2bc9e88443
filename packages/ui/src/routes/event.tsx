/** `/events/$event`: an event with its payload, where it comes from and who handled it. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { DescriptionList } from "../components/description-list.tsx";
import { JsonViewer } from "../components/json-viewer.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { QueryState } from "../components/query-state.tsx";
import { StatusBadge } from "../components/status-badge.tsx";
import { TimeText } from "../components/time-text.tsx";
import { type EventDetails, eventQuery } from "../services/events.ts";
import { InputTable } from "../views/inputs/input-table.tsx";
import { Panel } from "../views/panel.tsx";
import { RunTable } from "../views/runs/run-table.tsx";
import { WorkflowLink } from "../views/workflow-link.tsx";

const route = getRouteApi("/events/$event");

export function EventView() {
  const event = useQuery(eventQuery(route.useParams().event));
  return (
    <>
      <PageHeader
        title={event.data?.event.messageId ?? "Event"}
        crumb={<Link to="/events">Events</Link>}
        badge={event.data === undefined ? null : <StatusBadge domain="event" status={event.data.event.status} />}
      />
      <QueryState query={event} height={480}>
        {(details) => <Details details={details} />}
      </QueryState>
    </>
  );
}

function Details({ details: { event, inputs, publishedBy, reservedBy } }: { details: EventDetails }) {
  return (
    <div className="stack">
      <Panel title="Facts">
        <DescriptionList
          items={[
            { term: "Workflow", value: <WorkflowLink workflow={event.workflow} /> },
            { term: "Topic", value: event.topic },
            { term: "Published", value: <TimeText at={event.createdAt} exact /> },
            { term: "Last changed", value: <TimeText at={event.updatedAt} exact /> },
            { term: "Attempts", value: event.attemptNumber },
          ]}
        />
      </Panel>
      <Panel title="Payload">
        <JsonViewer label="Payload" value={event.payload} openLevels={3} />
      </Panel>
      <Panel
        title="Published by"
        empty={publishedBy === null && "No run: a program, or a person, sent it to the topic."}
      >
        {publishedBy === null ? null : (
          <RunTable caption="The run that published it" runs={[publishedBy]} ofOneWorkflow />
        )}
      </Panel>
      <Panel title="Taken by" empty={reservedBy.length === 0 && "No run has taken it yet."}>
        <RunTable caption="The runs that took it" runs={reservedBy} ofOneWorkflow />
      </Panel>
      <Panel title="Inputs behind it" empty={inputs.length === 0 && "It comes from no input."}>
        <InputTable caption="The inputs behind the event" inputs={inputs} />
      </Panel>
    </div>
  );
}
