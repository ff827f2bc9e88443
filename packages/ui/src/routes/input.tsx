/** `/inputs/$input`: an input, and everything that came of it. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { DescriptionList } from "../components/description-list.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { QueryState } from "../components/query-state.tsx";
import { TimeText } from "../components/time-text.tsx";
import { inputQuery, type InputStory } from "../services/inputs.ts";
import { EventTable } from "../views/events/event-table.tsx";
import { InputStanding } from "../views/inputs/input-standing.tsx";
import { InputTimeline } from "../views/inputs/input-story.tsx";
import { SkipButton } from "../views/inputs/skip-button.tsx";
import { OutputTable } from "../views/outputs/output-table.tsx";
import { Panel } from "../views/panel.tsx";
import { RunTable } from "../views/runs/run-table.tsx";
import { WorkflowLink } from "../views/workflow-link.tsx";

const route = getRouteApi("/inputs/$input");

export function InputView() {
  const story = useQuery(inputQuery(route.useParams().input));
  const input = story.data?.input;
  return (
    <>
      <PageHeader
        title={input === undefined ? "Input" : input.title || input.externalId}
        crumb={<Link to="/inputs">Inputs</Link>}
        actions={input?.status === "active" ? <SkipButton input={input} /> : null}
      />
      <QueryState query={story} height={560} lines={8}>
        {(data) => <Story story={data} />}
      </QueryState>
    </>
  );
}

function Story({ story }: { story: InputStory }) {
  const { events, runs, outputs, truncated } = story;
  return (
    <div className="stack">
      <InputStanding story={story} />
      <Panel title="What came of it" {...(truncated ? { hint: "There is more than is shown on this page." } : {})}>
        <InputTimeline story={story.story} />
      </Panel>
      <Panel
        title="Outputs"
        hint="What was done outside because of it."
        empty={outputs.length === 0 && "Nothing has been done outside because of it."}
      >
        <OutputTable caption="Outputs of the input" outputs={outputs} ofOneWorkflow />
      </Panel>
      <Panel title="Events" empty={events.length === 0 && "Nothing was published because of it."}>
        <EventTable caption="Events of the input" events={events} ofOneWorkflow />
      </Panel>
      <Panel title="Runs" empty={runs.length === 0 && "No run has worked on it."}>
        <RunTable caption="Runs that worked on the input" runs={runs} ofOneWorkflow />
      </Panel>
      <Facts input={story.input} />
    </div>
  );
}

function Facts({ input }: { input: InputStory["input"] }) {
  const { createdByRunId: run } = input;
  return (
    <Panel title="Facts">
      <DescriptionList
        items={[
          { term: "Workflow", value: <WorkflowLink workflow={input.workflow} /> },
          { term: "Source", value: input.source },
          { term: "Type", value: input.type },
          { term: "Its id at the source", value: <span className="mono">{input.externalId}</span> },
          { term: "Came in", value: <TimeText at={input.createdAt} exact /> },
          {
            term: "Noticed by",
            value:
              run === null ? null : (
                <Link to="/runs/$run" params={{ run }}>
                  The run of its producer
                </Link>
              ),
          },
        ]}
      />
    </Panel>
  );
}
