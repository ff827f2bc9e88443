/** Skips an input, after it was said what follows. */
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { type InputSummary, skipInput } from "../../services/inputs.ts";
import { useMayOperate } from "../../services/session.ts";

const consequences = [
  "Nothing more is done because of it: what still waits of it is skipped, unless another input is behind it too.",
  "A run that works on it and has called nothing yet is aborted; one that has called completes.",
  "What was done outside already stays done.",
];

export function SkipButton({ input: { id, title } }: { input: Pick<InputSummary, "id" | "title"> }) {
  const [opened, dialog] = useDisclosure(false);
  const mayOperate = useMayOperate();
  return (
    <>
      <Button
        variant="default"
        onClick={dialog.open}
        {...(mayOperate ? {} : { disabled: true, title: "Your access only allows looking" })}
      >
        Skip…
      </Button>
      <ConfirmDialog
        opened={opened}
        onClose={dialog.close}
        title={`Skip “${title}”?`}
        consequences={consequences}
        confirm="Skip the input"
        danger
        action={() => skipInput(id)}
        success="The input is skipped"
      />
    </>
  );
}
