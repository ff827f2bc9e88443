/** `/outputs/$output`: an output, what is known of it, and what can be answered about it. */
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { JsonViewer } from "../components/json-viewer.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { QueryState } from "../components/query-state.tsx";
import { type OutputDetails, outputQuery } from "../services/outputs.ts";
import { InputTable } from "../views/inputs/input-table.tsx";
import { AnswerButtons } from "../views/outputs/answer-buttons.tsx";
import { ApprovalButtons } from "../views/outputs/approval-buttons.tsx";
import { AttemptedCall } from "../views/outputs/attempted-call.tsx";
import { Explanation } from "../views/outputs/explanation.tsx";
import { Decisions, OutputFacts, Reconciliation } from "../views/outputs/output-facts.tsx";
import { OutputStatus } from "../views/outputs/output-status.tsx";
import { outputStanding } from "../views/outputs/output-words.ts";
import { Panel } from "../views/panel.tsx";
import { RunTable } from "../views/runs/run-table.tsx";
import { StateBanner } from "../views/state-banner.tsx";

const route = getRouteApi("/outputs/$output");

export function OutputView() {
  const details = useQuery(outputQuery(route.useParams().output));
  const output = details.data?.output;
  return (
    <>
      <PageHeader
        title={output?.title ?? "Output"}
        crumb={<Link to="/outputs">Outputs</Link>}
        badge={output === undefined ? null : <OutputStatus output={output} />}
      />
      <QueryState query={details} height={560} lines={8}>
        {(data) => <Details details={data} />}
      </QueryState>
    </>
  );
}

function Details({ details }: { details: OutputDetails }) {
  const { output, inputs, attempts } = details;
  return (
    <div className="stack">
      <Standing details={details} />
      <Panel title="What was attempted">
        <AttemptedCall output={output} openLevels={3} />
      </Panel>
      <Panel title="Result" empty={output.result === null && "The call has given nothing."}>
        <JsonViewer label="Result" value={output.result} openLevels={3} />
      </Panel>
      {output.lateOutcome === null ? null : (
        <Panel
          title="Late outcome"
          hint="The call came back after its outcome had been decided. The decision was not changed by it."
        >
          <JsonViewer label="Late outcome" value={output.lateOutcome} openLevels={3} />
        </Panel>
      )}
      <Decisions output={output} />
      <Panel title="Inputs that caused it" empty={inputs.length === 0 && "No input is behind it."}>
        <InputTable caption="The inputs behind the output" inputs={inputs} />
      </Panel>
      <Panel title="Attempts" hint="The runs that made it and continued it, in order.">
        <RunTable caption="The attempts, in order" runs={attempts} ofOneWorkflow />
      </Panel>
      <Reconciliation output={output} />
      <OutputFacts output={output} />
    </div>
  );
}

function Standing({ details }: { details: OutputDetails }) {
  const { output, explanation, answers, awaitsApproval } = details;
  const { tone, title, text } = outputStanding(details);
  return (
    <>
      <StateBanner tone={tone} title={title}>
        {text}
        {output.error === null || explanation !== null ? null : <p className="state-banner-error">{output.error}</p>}
      </StateBanner>
      {explanation === null && !awaitsApproval ? null : (
        <Panel title="Your answer">
          <div className="stack">
            {explanation === null ? null : <Explanation explanation={explanation} />}
            {answers.length === 0 ? null : <AnswerButtons output={output} answers={answers} />}
            {awaitsApproval ? <ApprovalButtons output={output} /> : null}
          </div>
        </Panel>
      )}
    </>
  );
}
