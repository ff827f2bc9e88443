/** What an answer to an outage would settle, and its confirmation. */
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { formatNoun } from "../../format/numbers.ts";
import { formatExactTime } from "../../format/times.ts";
import { outputQuery } from "../../services/outputs.ts";
import { ANSWER_WORDS } from "../outputs/output-words.ts";
import { OutputTable } from "../outputs/output-table.tsx";
import type { CountedOutage } from "./use-outage-form.ts";

export interface OutageCountProps {
  counted: CountedOutage;
  onConfirm: (evidence: string) => Promise<unknown>;
}

export function OutageCount({ counted: { outage, resolution, result }, onConfirm }: OutageCountProps) {
  const [opened, dialog] = useDisclosure(false);
  const first = result.examples[0]?.id;
  // What the host says of an answer is the same for all of them.
  const example = useQuery({ ...outputQuery(first ?? ""), enabled: first !== undefined });
  const consequence = example.data?.answers.find((answer) => answer.resolution === resolution)?.consequence;
  const words = ANSWER_WORDS[resolution];
  const many = formatNoun(result.matched, "output");
  const span = `sent through ${outage.connector} between ${formatExactTime(outage.from)} and ${formatExactTime(outage.until)}`;
  if (result.matched === 0)
    return <p role="status">Nothing would be settled: no output with an unknown outcome was {span}.</p>;
  return (
    <div className="stack">
      <p role="status" style={{ margin: 0 }}>
        <strong>{many}</strong> would be answered “{words.label}”, {span}.
        {result.matched > result.examples.length ? ` The first ${result.examples.length} of them:` : ""}
      </p>
      <OutputTable caption="Outputs that would be settled" outputs={result.examples} />
      <div>
        <Button onClick={dialog.open} {...(resolution === "did_not_happen" ? { color: "red.8" } : {})}>
          Answer {many}…
        </Button>
      </div>
      <ConfirmDialog
        opened={opened}
        onClose={dialog.close}
        title={`${words.label}: ${many}?`}
        consequences={[
          `It is recorded for ${many}, ${span}.`,
          ...(consequence === undefined ? [] : [`For each: ${consequence}`]),
        ]}
        confirm={`Answer ${many}`}
        danger={resolution === "did_not_happen"}
        evidence={{
          label: "What you looked at, and what you found",
          description: "It is kept with each of them, with your name.",
          required: true,
        }}
        action={onConfirm}
        success="The answer was recorded"
      />
    </div>
  );
}
