/**
 * Asks before something is done that can't be undone: says what follows from it, and asks for evidence where a decision
 * is recorded. Escape and "Cancel" leave everything as it is; while it is being done the dialog stays.
 */
import "./confirm-dialog.css";
import { Button, Modal, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, type SubmitEvent, useId, useState } from "react";
import { showToast } from "../services/toasts.ts";
import { ProblemNote } from "./problem-note.tsx";
import { useReturnedFocus } from "./use-returned-focus.ts";

export interface ConfirmDialogProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** What follows, one sentence each. */
  consequences: readonly string[];
  /** What else helps to decide, or fields to fill in. */
  children?: ReactNode;
  /** The word on the button, a verb: "Skip the input". */
  confirm: string;
  danger?: boolean;
  /** Keeps the button from being used, for example while a field of `children` is not valid. */
  disabled?: boolean;
  /** Asks for a text; `required` refuses an empty one. */
  evidence?: { label: string; description?: string; required?: boolean };
  /** Gets the text, "" where none was asked for or given. */
  action: (evidence: string) => Promise<unknown>;
  /** Said once it is done. */
  success: string;
}

export function ConfirmDialog({ opened, onClose, title, ...form }: ConfirmDialogProps) {
  const [pending, setPending] = useState(false);
  const close = () => {
    if (!pending) onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={title}
      closeButtonProps={{ "aria-label": "Close" }}
      closeOnClickOutside={false}
      size="lg"
    >
      <ConfirmForm {...form} onClose={onClose} onPending={setPending} />
    </Modal>
  );
}

type ConfirmFormProps = Omit<ConfirmDialogProps, "opened" | "title"> & { onPending: (pending: boolean) => void };

/** Unmounted when the dialog closes, so that each time it begins empty. */
function ConfirmForm(props: ConfirmFormProps) {
  const { evidence, consequences } = props;
  const [text, setText] = useState("");
  const consequencesId = useId();
  useReturnedFocus();
  const mutation = useMutation({
    mutationFn: () => props.action(text.trim()),
    onMutate: () => props.onPending(true),
    onSettled: () => props.onPending(false),
    onSuccess: () => {
      showToast(props.success);
      props.onClose();
    },
  });
  const incomplete = evidence?.required === true && text.trim() === "";
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!incomplete && props.disabled !== true) mutation.mutate();
  };
  return (
    <form className="confirm-form" onSubmit={submit}>
      {consequences.length === 0 ? null : (
        <div className="confirm-consequences">
          <h3 id={consequencesId}>What follows</h3>
          <ul aria-labelledby={consequencesId}>
            {consequences.map((consequence) => (
              <li key={consequence}>{consequence}</li>
            ))}
          </ul>
        </div>
      )}
      {props.children}
      {evidence === undefined ? null : (
        <Textarea
          label={evidence.label}
          description={evidence.description}
          required={evidence.required === true}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
          maxLength={10_000}
          autosize
          minRows={3}
          maxRows={10}
        />
      )}
      {mutation.isError ? <ProblemNote error={mutation.error} /> : null}
      <div className="confirm-buttons">
        <Button variant="default" onClick={props.onClose} disabled={mutation.isPending}>
          Cancel
        </Button>
        <Button
          type="submit"
          {...(props.danger === true ? { color: "red.8" } : {})}
          loading={mutation.isPending}
          disabled={incomplete || props.disabled === true}
        >
          {props.confirm}
        </Button>
      </div>
    </form>
  );
}
