/** Where confirmations of what was done appear, and are read out by screen readers. */
import "./toast-region.css";
import { CloseButton } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { dismissToast, useToasts } from "../services/toasts.ts";

export function ToastRegion() {
  const toasts = useToasts();
  return (
    <div className="toast-region" role="status" aria-live="polite">
      {toasts.map(({ id, text }) => (
        <div key={id} className="toast">
          <IconCircleCheck size={18} aria-hidden />
          <span>{text}</span>
          <CloseButton size="sm" aria-label="Dismiss" onClick={() => dismissToast(id)} />
        </div>
      ))}
    </div>
  );
}
