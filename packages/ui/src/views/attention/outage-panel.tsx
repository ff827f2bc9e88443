/**
 * Answers many at once, after an outage of what a connector talks to. First it is counted what an answer would settle;
 * only that very count can be confirmed.
 */
import "./attention.css";
import { Button, CloseButton, Radio, Select } from "@mantine/core";
import { ProblemNote } from "../../components/problem-note.tsx";
import { TimeSpanField } from "../../components/time-span-field.tsx";
import { formatNoun } from "../../format/numbers.ts";
import type { ConnectorOutage } from "../../services/attention.ts";
import type { Resolution } from "../../services/outputs.ts";
import { useMayOperate } from "../../services/session.ts";
import { ANSWER_WORDS } from "../outputs/output-words.ts";
import { OutageCount } from "./outage-count.tsx";
import { OutageResult } from "./outage-result.tsx";
import { chosen, useOutageForm } from "./use-outage-form.ts";

const resolutions = ["happened", "did_not_happen", "skip", "try_again"] as const satisfies readonly Resolution[];

export function OutagePanel({ outages, onClose }: { outages: readonly ConnectorOutage[]; onClose: () => void }) {
  const { form, change, isComplete, count, counted, settle, settled } = useOutageForm(outages);
  const mayOperate = useMayOperate();
  const choose = (connector: string | null) => {
    const outage = outages.find((each) => each.connector === connector);
    change(outage === undefined ? { connector } : chosen(outage));
  };
  return (
    <section className="panel stack outage" aria-label="Answer an outage">
      <header className="row" style={{ justifyContent: "space-between" }}>
        <h2>Answer many at once, after an outage</h2>
        <CloseButton aria-label="Close the panel" onClick={onClose} />
      </header>
      <p className="soft" style={{ margin: 0, maxWidth: "80ch" }}>
        For when the other side of a connector was away, and you know what became of everything that was sent to it
        meanwhile. First see what it would be about; nothing changes before you confirm it.
      </p>
      <div className="outage-fields">
        <Select
          className="outage-connector"
          label="Connector"
          placeholder="Choose one"
          data={outages.map(({ connector, count: unknown }) => ({
            value: connector,
            label: `${connector}: ${formatNoun(unknown, "unknown outcome")}`,
          }))}
          value={form.connector}
          onChange={choose}
          allowDeselect={false}
        />
        <div>
          <div className="outage-label" aria-hidden>
            Sent
          </div>
          <TimeSpanField from={form.from} until={form.until} onChange={change} />
        </div>
      </div>
      <Radio.Group
        label="What became of them?"
        value={form.resolution}
        onChange={(value) => change({ resolution: resolutions.find((each) => each === value) ?? null })}
      >
        <div className="outage-answers">
          {resolutions.map((resolution) => (
            <Radio
              key={resolution}
              value={resolution}
              label={ANSWER_WORDS[resolution].label}
              description={ANSWER_WORDS[resolution].meaning}
            />
          ))}
        </div>
      </Radio.Group>
      <div className="row">
        <Button
          variant="default"
          disabled={!isComplete || !mayOperate}
          loading={count.isPending}
          onClick={() => count.mutate()}
        >
          Show what it would be about
        </Button>
        {mayOperate ? null : <span className="soft">Your access only allows looking.</span>}
      </div>
      {count.isError ? <ProblemNote error={count.error} /> : null}
      {counted === null ? null : <OutageCount counted={counted} onConfirm={(evidence) => settle(counted, evidence)} />}
      {settled === null ? null : <OutageResult result={settled} />}
    </section>
  );
}
