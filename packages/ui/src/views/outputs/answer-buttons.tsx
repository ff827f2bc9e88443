/** The answers that a person may give about an output whose outcome is unknown. Each opens its confirmation. */
import "./outputs.css";
import { Button } from "@mantine/core";
import { useState } from "react";
import type { Answer, Output } from "../../services/outputs.ts";
import { useMayOperate } from "../../services/session.ts";
import { AnswerDialog } from "./answer-dialog.tsx";
import { ANSWER_WORDS } from "./output-words.ts";

export function AnswerButtons({ output, answers }: { output: Output; answers: readonly Answer[] }) {
  // The answer stays while the dialog closes: it must not change under the eye.
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [opened, setOpened] = useState(false);
  const mayOperate = useMayOperate();
  const choose = (chosen: Answer) => {
    setAnswer(chosen);
    setOpened(true);
  };
  return (
    <div className="answers">
      <h3>What did you find?</h3>
      <div className="row" role="group" aria-label={`Answers about ${output.title}`}>
        {answers.map((each) => (
          <Button
            key={each.resolution}
            variant="default"
            onClick={() => choose(each)}
            title={mayOperate ? each.consequence : "Your access only allows looking"}
            disabled={!mayOperate}
          >
            {ANSWER_WORDS[each.resolution].label}…
          </Button>
        ))}
      </div>
      {answer === null ? null : (
        <AnswerDialog output={output} answer={answer} opened={opened} onClose={() => setOpened(false)} />
      )}
    </div>
  );
}
