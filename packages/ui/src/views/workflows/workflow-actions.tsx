/** Run now, pause and resume. */
import { Button, Checkbox } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { ActionButton } from "../../components/action-button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import type { Schema } from "../../services/api.ts";
import { useMayOperate } from "../../services/session.ts";
import { usePauseWorkflow, useResumeWorkflow, useRunWorkflow } from "../../services/workflows.ts";

export function WorkflowActions({ workflow }: { workflow: Schema<"Workflow"> }) {
  return (
    <>
      <RunNow workflow={workflow} />
      {workflow.status === "paused" ? <Resume name={workflow.name} /> : <Pause name={workflow.name} />}
    </>
  );
}

function RunNow({ workflow: { name, producers } }: { workflow: Schema<"Workflow"> }) {
  const run = useRunWorkflow(name);
  const [opened, setOpened] = useState(false);
  const mayOperate = useMayOperate();
  const icon = <IconPlayerPlay size={15} aria-hidden />;
  if (producers.length < 2) {
    return (
      <ActionButton
        variant="filled"
        leftSection={icon}
        disabled={producers.length === 0}
        action={() => run.mutateAsync(undefined)}
        success={`${name} runs now`}
      >
        Run now
      </ActionButton>
    );
  }
  return (
    <>
      <Button leftSection={icon} disabled={!mayOperate} onClick={() => setOpened(true)}>
        Run now…
      </Button>
      <RunDialog
        name={name}
        producers={producers.map((producer) => producer.name)}
        opened={opened}
        onClose={() => setOpened(false)}
      />
    </>
  );
}

interface RunDialogProps {
  name: string;
  producers: readonly string[];
  opened: boolean;
  onClose: () => void;
}

function RunDialog({ name, producers, opened, onClose }: RunDialogProps) {
  const run = useRunWorkflow(name);
  const [chosen, setChosen] = useState<string[]>([...producers]);
  const all = chosen.length === producers.length;
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      title={`Run ${name} now`}
      consequences={["The chosen producers look for new inputs at once; their schedules go on as before."]}
      confirm={all ? "Run all producers" : `Run ${chosen.length} of ${producers.length}`}
      disabled={chosen.length === 0}
      action={() => run.mutateAsync(all ? undefined : chosen)}
      success={`${name} runs now`}
    >
      <Checkbox.Group label="Producers" value={chosen} onChange={setChosen}>
        <div className="stack" style={{ gap: 8, marginTop: 6 }}>
          {producers.map((producer) => (
            <Checkbox key={producer} value={producer} label={producer} />
          ))}
        </div>
      </Checkbox.Group>
    </ConfirmDialog>
  );
}

function Pause({ name }: { name: string }) {
  const [opened, setOpened] = useState(false);
  const mayOperate = useMayOperate();
  const pause = usePauseWorkflow(name);
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconPlayerPause size={15} aria-hidden />}
        disabled={!mayOperate}
        onClick={() => setOpened(true)}
      >
        Pause…
      </Button>
      <ConfirmDialog
        opened={opened}
        onClose={() => setOpened(false)}
        title={`Pause ${name}`}
        consequences={[
          "It starts no more runs, also not by its schedule. A run that is under way goes on to its end.",
          "Events that come meanwhile wait; they are handled after it is resumed.",
        ]}
        confirm="Pause"
        action={() => pause.mutateAsync()}
        success={`${name} is paused`}
      />
    </>
  );
}

function Resume({ name }: { name: string }) {
  const resume = useResumeWorkflow(name);
  return (
    <ActionButton
      leftSection={<IconPlayerPlay size={15} aria-hidden />}
      action={() => resume.mutateAsync()}
      success={`${name} goes on`}
    >
      Resume
    </ActionButton>
  );
}
