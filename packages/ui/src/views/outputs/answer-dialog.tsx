/** Confirms an answer about an output whose outcome is unknown: what follows, the very parameters, evidence, a result. */
import { Textarea } from "@mantine/core";
import { useState } from "react";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { type Answer, type Output, resolveOutput } from "../../services/outputs.ts";
import { AttemptedCall } from "./attempted-call.tsx";
import { ANSWER_WORDS } from "./output-words.ts";
import { readResult } from "./read-result.ts";

export interface AnswerDialogProps {
  output: Output;
  answer: Answer;
  opened: boolean;
  onClose: () => void;
}

export function AnswerDialog({ output, answer: { resolution, consequence }, opened, onClose }: AnswerDialogProps) {
  const [resultText, setResultText] = useState("");
  const words = ANSWER_WORDS[resolution];
  const takesResult = resolution === "happened";
  const result = readResult(takesResult ? resultText : "");
  const close = () => {
    setResultText("");
    onClose();
  };
  return (
    <ConfirmDialog
      opened={opened}
      onClose={close}
      title={`${words.label}: “${output.title}”`}
      consequences={[consequence]}
      confirm={words.confirm}
      danger={resolution === "did_not_happen"}
      disabled={!result.ok}
      evidence={{
        label: "What you looked at, and what you found",
        description: "It is kept with your name and the time, for whoever asks later.",
      }}
      action={(evidence) => resolveOutput(output.id, { resolution, evidence, ...(result.ok ? result.given : {}) })}
      success={words.done}
    >
      <AttemptedCall output={output} openLevels={1} />
      {takesResult ? (
        <Textarea
          label="What the call would have given (JSON, if you know it)"
          description="The workflow gets it as the call's result. Leave it empty where nothing needs it."
          value={resultText}
          onChange={({ currentTarget }) => setResultText(currentTarget.value)}
          error={result.ok ? null : result.problem}
          classNames={{ input: "mono" }}
          autosize
          minRows={2}
          maxRows={8}
          spellCheck={false}
        />
      ) : null}
    </ConfirmDialog>
  );
}
