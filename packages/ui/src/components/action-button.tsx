/**
 * A button for an action of a person: shows that it is under way, says what went wrong beside itself, and confirms what
 * was done. For what needs a word before it is done, see ConfirmDialog.
 */
import "./action-button.css";
import { Button, CloseButton, type ButtonProps } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useMayOperate } from "../services/session.ts";
import { showToast } from "../services/toasts.ts";
import { ProblemNote } from "./problem-note.tsx";

export interface ActionButtonProps extends Pick<ButtonProps, "variant" | "leftSection" | "disabled"> {
  children: ReactNode;
  action: () => Promise<unknown>;
  /** Said once it is done, for example "Paused". */
  success: string;
}

export function ActionButton({ children, action, success, ...button }: ActionButtonProps) {
  const mayOperate = useMayOperate();
  const mutation = useMutation({ mutationFn: action, onSuccess: () => showToast(success) });
  return (
    <div className="action-button">
      <Button
        variant="default"
        {...button}
        {...(mayOperate ? {} : { disabled: true, title: "Your access only allows looking" })}
        loading={mutation.isPending}
        onClick={() => mutation.mutate()}
      >
        {children}
      </Button>
      {mutation.isError ? (
        <div className="action-button-problem">
          <ProblemNote error={mutation.error} />
          <CloseButton size="sm" aria-label="Dismiss" onClick={() => mutation.reset()} />
        </div>
      ) : null}
    </div>
  );
}
