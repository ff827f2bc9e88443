/** Why an outcome is not known, and what to check before deciding. */
import "./outputs.css";
import type { OutputDetails } from "../../services/outputs.ts";

export function Explanation({ explanation }: { explanation: NonNullable<OutputDetails["explanation"]> }) {
  return (
    <dl className="explanation">
      <div>
        <dt>Why it is not known</dt>
        <dd>{explanation.why}</dd>
      </div>
      <div>
        <dt>What to check</dt>
        <dd>{explanation.check}</dd>
      </div>
    </dl>
  );
}
