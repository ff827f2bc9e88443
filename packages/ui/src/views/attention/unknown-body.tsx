/** An output whose outcome nobody knows: what was attempted, why it is not known, what to check, the answers. */
import { useIntersection } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { LoadingState } from "../../components/query-state.tsx";
import { type Output, outputQuery } from "../../services/outputs.ts";
import { AnswerButtons } from "../outputs/answer-buttons.tsx";
import { AttemptedCall } from "../outputs/attempted-call.tsx";
import { Explanation } from "../outputs/explanation.tsx";

export function UnknownBody({ output, message }: { output: Output; message: string }) {
  // A long list asks only for what is looked at.
  const { ref, entry } = useIntersection({ rootMargin: "1200px" });
  const details = useQuery({ ...outputQuery(output.id), enabled: entry?.isIntersecting === true });
  return (
    <div className="stack" ref={ref}>
      <AttemptedCall output={output} />
      <div className="attention-answers">
        {details.data === undefined ? (
          <Pending message={message} failed={details.isError} />
        ) : (
          <>
            {details.data.explanation === null ? null : <Explanation explanation={details.data.explanation} />}
            {details.data.answers.length === 0 ? (
              <p className="soft">It has been answered.</p>
            ) : (
              <AnswerButtons output={details.data.output} answers={details.data.answers} />
            )}
          </>
        )}
      </div>
    </div>
  );
}

function Pending({ message, failed }: { message: string; failed: boolean }) {
  return failed ? <p>{message} Open the output to answer.</p> : <LoadingState height={120} lines={4} />;
}
