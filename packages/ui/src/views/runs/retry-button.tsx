/** Lets the failed run of a workflow be tried again now. */
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { useMayOperate } from "../../services/session.ts";
import { useRetryWorkflow } from "../../services/workflows.ts";

const consequences = [
  "A new attempt begins now, with the workflow's present code.",
  "A call that has happened is not made again: the attempt goes on behind it.",
];

export function RetryButton({ workflow }: { workflow: string }) {
  const [opened, dialog] = useDisclosure(false);
  const retry = useRetryWorkflow(workflow);
  const mayOperate = useMayOperate();
  return (
    <>
      <Button
        variant="default"
        onClick={dialog.open}
        {...(mayOperate ? {} : { disabled: true, title: "Your access only allows looking" })}
      >
        Retry now…
      </Button>
      <ConfirmDialog
        opened={opened}
        onClose={dialog.close}
        title={`Retry the failed run of “${workflow}”?`}
        consequences={consequences}
        confirm="Retry now"
        evidence={{ label: "Why", description: "What was mended, for example. It is kept with your name." }}
        action={(evidence) => retry.mutateAsync(evidence === "" ? undefined : evidence)}
        success="A new attempt begins"
      />
    </>
  );
}
