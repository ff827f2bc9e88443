/** Skips an input, after it was said what follows. */
import { ConfirmButton } from "../../components/confirm-button.tsx";
import { type InputSummary, skipInput } from "../../services/inputs.ts";

const consequences = [
  "Nothing more is done because of it: what still waits of it is skipped, unless another input is behind it too.",
  "A run that works on it and has called nothing yet is aborted; one that has called completes.",
  "What was done outside already stays done.",
];

export function SkipButton({ input: { id, title } }: { input: Pick<InputSummary, "id" | "title"> }) {
  return (
    <ConfirmButton
      label="Skip…"
      title={`Skip “${title}”?`}
      consequences={consequences}
      confirm="Skip the input"
      danger
      action={() => skipInput(id)}
      success="The input is skipped"
    />
  );
}
