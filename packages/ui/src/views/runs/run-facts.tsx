/** What is written down about a run, and the data that it worked with. */
import { Link } from "@tanstack/react-router";
import { DescriptionList } from "../../components/description-list.tsx";
import { DurationText } from "../../components/duration-text.tsx";
import { JsonViewer } from "../../components/json-viewer.tsx";
import { TimeText } from "../../components/time-text.tsx";
import type { RunDetails } from "../../services/runs.ts";
import { Panel } from "../panel.tsx";
import { WorkflowLink } from "../workflow-link.tsx";
import { replayedRun, triggerWords } from "./run-words.ts";

export function RunFacts({ run }: { run: RunDetails["run"] }) {
  const replayed = replayedRun(run.trigger);
  return (
    <Panel title="Facts">
      <DescriptionList
        items={[
          { term: "Workflow", value: <WorkflowLink workflow={run.workflow} /> },
          { term: "Handler", value: `${run.handlerName} (${run.handlerType})` },
          { term: "Version of the code", value: run.version },
          { term: "Attempt", value: run.attempt },
          {
            term: "Began",
            value:
              replayed === null ? (
                triggerWords(run.trigger)
              ) : (
                <Link to="/runs/$run" params={{ run: replayed }}>
                  As a replay of an earlier run
                </Link>
              ),
          },
          { term: "Started", value: <TimeText at={run.startedAt} exact /> },
          { term: "Ended", value: <TimeText at={run.endedAt} exact fallback="Not yet" /> },
          { term: "Took", value: <DurationText from={run.startedAt} until={run.endedAt} /> },
          { term: "Id", value: <span className="mono">{run.id}</span> },
        ]}
      />
    </Panel>
  );
}

export function RunData({ run }: { run: RunDetails["run"] }) {
  const parts = [
    { label: "Prepare result", hint: "What prepare decided; mutate and next get it.", value: run.prepareResult },
    { label: "State before", hint: "What the handler remembered from the run before.", value: run.inputState },
    { label: "State after", hint: "What it remembers for the next run.", value: run.outputState },
  ].filter(({ value }) => value !== null);
  return (
    <Panel title="Data" empty={parts.length === 0 && "It prepared nothing and remembers nothing."}>
      <div className="stack">
        {parts.map(({ label, hint, value }) => (
          <div key={label}>
            <h3>{label}</h3>
            <p className="soft" style={{ margin: "0 0 6px" }}>
              {hint}
            </p>
            <JsonViewer label={label} value={value} />
          </div>
        ))}
      </div>
    </Panel>
  );
}
