/** `/executions/$execution`: one run of a job. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { LogLines } from "../components/log-lines.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { QueryState } from "../components/query-state.tsx";
import { StatusBadge } from "../components/status-badge.tsx";
import { TimeText } from "../components/time-text.tsx";
import { executionLogsQuery, executionQuery, isOver } from "../services/executions.ts";
import { ExecutionActions } from "../views/jobs/execution-actions.tsx";
import { ExecutionData, ExecutionError, ExecutionFacts } from "../views/jobs/execution-facts.tsx";

const route = getRouteApi("/executions/$execution");

export function ExecutionView() {
  const { execution: id } = route.useParams();
  const query = useQuery(executionQuery(id));
  const job = query.data?.job;
  const shown = query.data?.execution;
  return (
    <>
      <PageHeader
        crumb={
          job === undefined ? (
            <Link to="/jobs">Jobs</Link>
          ) : (
            <>
              <Link to="/jobs">Jobs</Link> /{" "}
              <Link to="/jobs/$job" params={{ job: job.id }}>
                {job.name}
              </Link>
            </>
          )
        }
        title={job === undefined ? "Execution" : `Execution of ${job.name}`}
        badge={shown === undefined ? null : <StatusBadge domain="execution" status={shown.status} />}
        description={
          shown === undefined ? (
            "\u00A0"
          ) : (
            <>
              Due <TimeText at={shown.scheduledAt} exact />
            </>
          )
        }
        actions={shown === undefined ? null : <ExecutionActions execution={shown} />}
      />
      <QueryState query={query} height={700} lines={12}>
        {({ execution }) => (
          <div className="stack">
            <ExecutionError execution={execution} />
            <ExecutionFacts execution={execution} />
            <ExecutionLog id={id} isRunning={!isOver(execution)} />
            <ExecutionData execution={execution} />
          </div>
        )}
      </QueryState>
    </>
  );
}

function ExecutionLog({ id, isRunning }: { id: string; isRunning: boolean }) {
  const query = useQuery(executionLogsQuery(id, isRunning));
  return (
    <section className="panel" aria-labelledby="log">
      <h2 id="log">Log</h2>
      <QueryState query={query} height={200}>
        {(lines) => (
          <LogLines label="Log of the execution" lines={lines.map((line) => ({ ...line, at: line.timestamp }))} />
        )}
      </QueryState>
    </section>
  );
}
