/** Lets the failed run of a workflow be tried again now. */
import { ConfirmButton } from "../../components/confirm-button.tsx";
import { useRetryWorkflow } from "../../services/workflows.ts";

const consequences = [
  "A new attempt begins now, with the workflow's present code.",
  "A call that has happened is not made again: the attempt goes on behind it.",
];

export function RetryButton({ workflow }: { workflow: string }) {
  const retry = useRetryWorkflow(workflow);
  return (
    <ConfirmButton
      label="Retry now…"
      title={`Retry the failed run of “${workflow}”?`}
      consequences={consequences}
      confirm="Retry now"
      evidence={{ label: "Why", description: "What was mended, for example. It is kept with your name." }}
      action={(evidence) => retry.mutateAsync(evidence === "" ? undefined : evidence)}
      success="A new attempt begins"
    />
  );
}
