/** `/`: what needs a person, how much was done, what comes next. */
import { usePrefetchInfiniteQuery, usePrefetchQuery, useQuery } from "@tanstack/react-query";
import { NumberStat, NumberStats } from "../components/number-stat.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { QueryState, type QueryLike } from "../components/query-state.tsx";
import { useFilters } from "../services/filters.ts";
import { latestInputsQuery, latestOutputsQuery, type Overview, overviewQuery } from "../services/overview.ts";
import { workflowsQuery } from "../services/workflows.ts";
import { Activity } from "../views/overview/activity.tsx";
import { LatestInputs, LatestOutputs } from "../views/overview/latest.tsx";
import { NeedsYou } from "../views/overview/needs-you.tsx";
import { Upcoming } from "../views/overview/upcoming.tsx";
import { WorkflowStates } from "../views/overview/workflow-states.tsx";

export function OverviewView() {
  const [{ span }] = useFilters(["span"]);
  const query = useQuery(overviewQuery(span));
  usePrefetchQuery(latestInputsQuery);
  usePrefetchQuery(latestOutputsQuery);
  usePrefetchInfiniteQuery(workflowsQuery());
  return (
    <>
      <PageHeader
        title="Overview"
        description="Workflows take what comes in, decide what to do, and do it once. What they must not decide alone stands first."
      />
      <div className="stack">
        <QueryState query={query} height={640} lines={12}>
          {(overview) => (
            <>
              <NeedsYou attention={overview.attention} />
              <Figures overview={overview} />
            </>
          )}
        </QueryState>
        {query.isPending ? null : <Rest query={query} />}
      </div>
    </>
  );
}

/** How tall what needs a person is shows only when it is known; until then nothing stands below it that would jump. */
function Rest({ query }: { query: QueryLike<Overview> }) {
  return (
    <>
      <div className="panels">
        <LatestInputs />
        <LatestOutputs />
      </div>
      <Activity query={query} />
      <div className="panels">
        <WorkflowStates />
        <QueryState query={query} height={240}>
          {({ upcoming }) => <Upcoming runs={upcoming} />}
        </QueryState>
      </div>
    </>
  );
}

function Figures({ overview: { outputs, workflows } }: { overview: Overview }) {
  const active = workflows.byStatus.find(({ status }) => status === "active")?.count ?? 0;
  return (
    <NumberStats>
      <NumberStat
        label="Outcome unknown"
        value={outputs.unknown}
        hint="outputs that may have happened"
        tone={outputs.unknown > 0 ? "unknown" : "neutral"}
        link={{ to: "/outputs", search: { status: "needs_reconcile,indeterminate" } }}
      />
      <NumberStat
        label="Awaiting approval"
        value={outputs.awaitingApproval}
        hint="outputs not sent yet"
        tone={outputs.awaitingApproval > 0 ? "warning" : "neutral"}
        link={{ to: "/attention", search: { kind: "approval" } }}
      />
      <NumberStat
        label="Workflows that stopped"
        value={workflows.withError}
        hint="they wait until you look"
        tone={workflows.withError > 0 ? "danger" : "neutral"}
        link={{ to: "/workflows" }}
      />
      <NumberStat
        label="Active workflows"
        value={active}
        hint={`of ${workflows.total}`}
        tone="neutral"
        link={{ to: "/workflows" }}
      />
    </NumberStats>
  );
}
