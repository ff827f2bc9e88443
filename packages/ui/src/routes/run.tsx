/** `/runs/$run`: a run with its phases, attempts, log and data. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { PageHeader } from "../components/page-header.tsx";
import { QueryState } from "../components/query-state.tsx";
import { StatusBadge } from "../components/status-badge.tsx";
import { type RunDetails, runQuery } from "../services/runs.ts";
import { ButtonLink } from "../views/button-link.tsx";
import { EventTable } from "../views/events/event-table.tsx";
import { InputTable } from "../views/inputs/input-table.tsx";
import { OutputTable } from "../views/outputs/output-table.tsx";
import { Panel } from "../views/panel.tsx";
import { PhaseTimeline } from "../views/runs/phase-timeline.tsx";
import { RetryButton } from "../views/runs/retry-button.tsx";
import { RunData, RunFacts } from "../views/runs/run-facts.tsx";
import { RunLog } from "../views/runs/run-log.tsx";
import { RunStanding } from "../views/runs/run-standing.tsx";
import { RunTable } from "../views/runs/run-table.tsx";

const route = getRouteApi("/runs/$run");

export function RunView() {
  const details = useQuery(runQuery(route.useParams().run));
  const run = details.data?.run;
  return (
    <>
      <PageHeader
        title={run === undefined ? "Run" : `Run of ${run.handlerName}`}
        crumb={<Link to="/runs">Runs</Link>}
        badge={run === undefined ? null : <StatusBadge domain="run" status={run.status} />}
        actions={details.data === undefined ? null : <Actions details={details.data} />}
      />
      <QueryState query={details} height={640} lines={8}>
        {/* Another run is another page: what was opened in one stays there. */}
        {(data) => <Details key={data.run.id} details={data} />}
      </QueryState>
    </>
  );
}

const retriable = new Set<RunDetails["run"]["status"]>(["failed:logic", "failed:internal", "paused:transient"]);

function Actions({ details: { run, attempts, replayFrom } }: { details: RunDetails }) {
  const isLast = !attempts.some(({ retryOf }) => retryOf === run.id);
  return (
    <>
      {isLast && retriable.has(run.status) ? <RetryButton workflow={run.workflow.name} /> : null}
      {replayFrom.length === 0 ? null : (
        <ButtonLink to="/runs/$run/replay" params={{ run: run.id }}>
          Replay…
        </ButtonLink>
      )}
    </>
  );
}

function Details({ details }: { details: RunDetails }) {
  const { run, phases, attempts, output, reserved, published, inputs, logs } = details;
  return (
    <div className="stack">
      <RunStanding details={details} />
      <Panel title="Phases">
        <PhaseTimeline phases={phases} />
      </Panel>
      {run.handlerType === "producer" ? null : (
        <Panel title="Output" empty={output === null && "It has called nothing outside."}>
          {output === null ? null : <OutputTable caption="The output of the run" outputs={[output]} ofOneWorkflow />}
        </Panel>
      )}
      <Panel title="Log">
        <RunLog run={run.id} lines={logs} />
      </Panel>
      <Panel title="Attempts" empty={attempts.length < 2 && "This is the only attempt."}>
        <RunTable caption="The attempts, in order" runs={attempts} ofOneWorkflow />
      </Panel>
      {run.handlerType === "producer" ? null : (
        <Panel title="Events it reserved" empty={reserved.length === 0 && "It reserved none."}>
          <EventTable caption="Events that the run reserved" events={reserved} ofOneWorkflow />
        </Panel>
      )}
      <Panel title="Events it published" empty={published.length === 0 && "It published none."}>
        <EventTable caption="Events that the run published" events={published} ofOneWorkflow />
      </Panel>
      <Panel title="Inputs" empty={inputs.length === 0 && "No input is behind it."}>
        <InputTable caption="The inputs behind the run" inputs={inputs} />
      </Panel>
      <RunData run={run} />
      <RunFacts run={run} />
    </div>
  );
}
