/** Cancel what is not over, repeat what is. */
import { Button } from "@mantine/core";
import { IconRepeat } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { cancelExecution, type Execution, isOver, retryExecution } from "../../services/executions.ts";
import { useMayOperate } from "../../services/session.ts";

export function ExecutionActions({ execution }: { execution: Execution }) {
  const [opened, setOpened] = useState(false);
  const mayOperate = useMayOperate();
  const close = () => setOpened(false);
  if (!isOver(execution)) {
    return (
      <>
        <Button variant="default" disabled={!mayOperate} onClick={() => setOpened(true)}>
          Cancel…
        </Button>
        <CancelDialog execution={execution} opened={opened} onClose={close} />
      </>
    );
  }
  return (
    <>
      <Button leftSection={<IconRepeat size={15} aria-hidden />} disabled={!mayOperate} onClick={() => setOpened(true)}>
        Run it again…
      </Button>
      <RetryDialog execution={execution} opened={opened} onClose={close} />
    </>
  );
}

interface ExecutionDialogProps {
  execution: Execution;
  opened: boolean;
  onClose: () => void;
}

function CancelDialog({ execution, opened, onClose }: ExecutionDialogProps) {
  const isRunning = execution.status === "running";
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      title="Cancel this execution"
      consequences={[
        isRunning
          ? "It is told to stop. What it did already stays done."
          : "It ends before it begins. The job's later runs come as usual.",
      ]}
      evidence={{ label: "Reason (optional)" }}
      confirm="Cancel the execution"
      danger
      action={(reason) => cancelExecution(execution.id, reason)}
      success={isRunning ? "It was told to stop" : "It is cancelled"}
    />
  );
}

function RetryDialog({ execution, opened, onClose }: ExecutionDialogProps) {
  const navigate = useNavigate();
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      title="Run it again"
      consequences={[
        "A new execution begins with the same payload; it names this one.",
        ...(execution.status === "success" ? ["This one succeeded: what it does is done twice."] : []),
      ]}
      confirm="Run it again"
      action={async () => {
        const next = await retryExecution(execution.id);
        await navigate({ to: "/executions/$execution", params: { execution: next.id } });
      }}
      success="It runs again; this is the new execution"
    />
  );
}
