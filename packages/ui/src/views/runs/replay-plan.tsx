/** What a replay would do, before anything is done. */
import "./replay.css";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { QueryState } from "../../components/query-state.tsx";
import { formatNoun } from "../../format/numbers.ts";
import { type ReplayPlan, replayPlanQuery, type ReplayPoint } from "../../services/runs.ts";
import { EventTable } from "../events/event-table.tsx";
import { Panel } from "../panel.tsx";
import { StateBanner } from "../state-banner.tsx";
import { ReplayConfirmation } from "./replay-confirmation.tsx";
import { OtherEffects, RepeatedEffects } from "./replay-effects.tsx";

export function ReplayPlanView({ run, from }: { run: string; from: ReplayPoint }) {
  const plan = useQuery(replayPlanQuery(run, from));
  return (
    <QueryState query={plan} height={420} lines={6}>
      {(data) => <Plan plan={data} />}
    </QueryState>
  );
}

function Plan({ plan }: { plan: ReplayPlan }) {
  const { description, refusals, events, effects, truncated } = plan;
  const [crossed, setCrossed] = useState<ReadonlySet<string>>(new Set());
  const repeated = effects.filter(({ mustCross }) => mustCross);
  const others = effects.filter(({ mustCross }) => !mustCross);
  return (
    <div className="stack">
      {refusals.length === 0 ? (
        <StateBanner tone="info" title="What would happen">
          {description}
        </StateBanner>
      ) : (
        <StateBanner tone="danger" title="It can't be replayed now">
          <ul className="replay-refusals">
            {refusals.map((refusal) => (
              <li key={refusal}>{refusal}</li>
            ))}
          </ul>
        </StateBanner>
      )}
      {repeated.length === 0 ? null : (
        <Panel
          title={`${formatNoun(repeated.length, "effect")} would be repeated`}
          hint="Each has happened, or may have. Look at it, and allow it only if it may happen twice."
        >
          <RepeatedEffects effects={repeated} crossed={crossed} onChange={setCrossed} />
        </Panel>
      )}
      <Panel
        title="Effects that are not repeated"
        {...(truncated ? { hint: "There are more that follow from it than are listed here." } : {})}
        empty={others.length === 0 && "There are none."}
      >
        <OtherEffects effects={others} />
      </Panel>
      <Panel title="Events that are handled again" empty={events.length === 0 && "None."}>
        <EventTable caption="Events that the replay handles again" events={events} ofOneWorkflow />
      </Panel>
      <ReplayConfirmation plan={plan} crossed={crossed} />
    </div>
  );
}
