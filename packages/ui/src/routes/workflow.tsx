/** `/workflows/$workflow`: what it is made of, what came in and went out, and what a person can do with it. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { PageHeader } from "../components/page-header.tsx";
import { QueryState } from "../components/query-state.tsx";
import { StatusBadge, ToneBadge } from "../components/status-badge.tsx";
import type { Schema } from "../services/api.ts";
import { workflowQuery } from "../services/workflows.ts";
import { LatestRuns } from "../views/workflows/latest-runs.tsx";
import { ProducerDecisions } from "../views/workflows/producer-decisions.tsx";
import { ScheduleWords } from "../views/workflows/schedule-words.tsx";
import { WorkflowActions } from "../views/workflows/workflow-actions.tsx";
import { WorkflowFlow } from "../views/workflows/workflow-flow.tsx";
import { WorkflowPicture } from "../views/workflows/workflow-picture.tsx";
import { WorkflowSchedules } from "../views/workflows/workflow-schedules.tsx";
import { WorkflowTrouble } from "../views/workflows/workflow-trouble.tsx";
import { WorkflowVersions } from "../views/workflows/workflow-versions.tsx";

const route = getRouteApi("/workflows/$workflow");

export function WorkflowView() {
  const { workflow: name } = route.useParams();
  const query = useQuery(workflowQuery(name));
  const workflow = query.data;
  return (
    <>
      <PageHeader
        crumb={<Link to="/workflows">Workflows</Link>}
        title={name}
        badge={workflow === undefined ? null : <Badges workflow={workflow} />}
        description={workflow === undefined ? "\u00A0" : <Schedule workflow={workflow} />}
        actions={workflow === undefined ? null : <WorkflowActions workflow={workflow} />}
      />
      <QueryState query={query} height={900} lines={14}>
        {(shown) => (
          <div className="stack">
            <WorkflowTrouble workflow={shown} />
            <WorkflowFlow workflow={shown} />
            <WorkflowPicture workflow={shown} />
            <WorkflowSchedules workflow={shown} />
            <LatestRuns workflow={name} />
            <ProducerDecisions workflow={name} producers={shown.producers} />
            <WorkflowVersions workflow={name} />
          </div>
        )}
      </QueryState>
    </>
  );
}

function Badges({ workflow: { status, error, version, deployed } }: { workflow: Schema<"Workflow"> }) {
  return (
    <>
      <StatusBadge domain="workflow" status={status} />
      {error === null ? null : <ToneBadge tone="danger">Stopped</ToneBadge>}
      {deployed ? null : <ToneBadge tone="warning">Its code is not in this process</ToneBadge>}
      {version === null ? null : <span className="soft">version {version}</span>}
    </>
  );
}

function Schedule({ workflow: { schedules, status } }: { workflow: Schema<"Workflow"> }) {
  if (status === "paused") return "Paused: it starts no runs until it is resumed.";
  if (schedules.length === 0) return "It has no schedule: it runs when something is published to one of its topics.";
  return schedules.map(({ producer, description, nextRunAt }) => (
    <span key={producer} style={{ display: "block" }}>
      {schedules.length === 1 ? "Runs " : `${producer} runs `}
      <ScheduleWords description={insideSentence(description)} nextRunAt={nextRunAt} />
    </span>
  ));
}

/** A calendar's words begin a sentence: "At 09:00, Monday through Friday". */
function insideSentence(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1);
}
