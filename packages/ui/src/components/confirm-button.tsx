/** A button that asks before it acts: see ConfirmDialog. */
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMayOperate } from "../services/session.ts";
import { ConfirmDialog, type ConfirmDialogProps } from "./confirm-dialog.tsx";

export interface ConfirmButtonProps extends Omit<ConfirmDialogProps, "opened" | "onClose"> {
  /** The words on the button that opens the question: "Skip…". */
  label: string;
}

export function ConfirmButton({ label, ...question }: ConfirmButtonProps) {
  const [opened, dialog] = useDisclosure(false);
  const mayOperate = useMayOperate();
  return (
    <>
      <Button
        variant="default"
        onClick={dialog.open}
        {...(mayOperate ? {} : { disabled: true, title: "Your access only allows looking" })}
      >
        {label}
      </Button>
      <ConfirmDialog {...question} opened={opened} onClose={dialog.close} />
    </>
  );
}
