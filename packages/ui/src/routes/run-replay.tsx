/** `/runs/$run/replay`: from where a run is replayed, and what that would do, before it is done. */
import { Radio } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { EmptyState } from "../components/empty-state.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { QueryState } from "../components/query-state.tsx";
import { useFilters } from "../services/filters.ts";
import { type RunDetails, runQuery } from "../services/runs.ts";
import { ReplayPlanView } from "../views/runs/replay-plan.tsx";
import { REPLAY_POINT_WORDS } from "../views/runs/run-words.ts";

const route = getRouteApi("/runs/$run/replay");

export function RunReplayView() {
  const { run } = route.useParams();
  const details = useQuery(runQuery(run));
  return (
    <>
      <PageHeader
        title={details.data === undefined ? "Replay a run" : `Replay a run of ${details.data.run.handlerName}`}
        crumb={
          <Link to="/runs/$run" params={{ run }}>
            The run
          </Link>
        }
        description="Doing a past run again. First see what it would do; nothing happens before you confirm it."
      />
      <QueryState
        query={details}
        height={420}
        isEmpty={({ replayFrom }) => replayFrom.length === 0}
        empty={{ title: "This run can't be replayed", children: "Only a run that was completed can be." }}
      >
        {(data) => <Replay details={data} />}
      </QueryState>
    </>
  );
}

function Replay({ details: { run, replayFrom } }: { details: RunDetails }) {
  const [filters, setFilters] = useFilters(["from"]);
  const only = replayFrom.length === 1 ? replayFrom[0] : undefined;
  const from = replayFrom.find((point) => point === filters.from) ?? only;
  return (
    <div className="stack">
      <section className="panel">
        <Radio.Group label="From where?" value={from ?? null} onChange={(value) => setFilters({ from: value })}>
          <div className="replay-points" style={{ marginTop: 8 }}>
            {replayFrom.map((point) => (
              <Radio
                key={point}
                value={point}
                label={REPLAY_POINT_WORDS[point].label}
                description={REPLAY_POINT_WORDS[point].meaning}
              />
            ))}
          </div>
        </Radio.Group>
      </section>
      {from === undefined ? (
        <EmptyState title="Choose from where">Then this page shows what would happen.</EmptyState>
      ) : (
        <ReplayPlanView key={from} run={run.id} from={from} />
      )}
    </div>
  );
}
