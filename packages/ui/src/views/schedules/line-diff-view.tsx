/** Two texts compared line by line. Fetched when it is first shown: see lazy-line-diff.tsx. */
import "./line-diff.css";
import { EmptyState } from "../../components/empty-state.tsx";
import { formatNoun } from "../../format/numbers.ts";
import { type DiffGap, type DiffLine, lineDiff } from "./line-diff.ts";

export interface LineDiffProps {
  /** What is compared; screen readers announce it. */
  label: string;
  earlier: string;
  later: string;
}

const signs = { same: " ", added: "+", removed: "−" } as const;
const words = { same: "", added: "added: ", removed: "removed: " } as const;

export function LineDiffView({ label, earlier, later }: LineDiffProps) {
  const lines = lineDiff(earlier, later);
  if (lines.every(({ kind }) => kind === "gap")) return <EmptyState title="They are the same" />;
  return (
    // It scrolls, so the keyboard must reach it.
    <div className="machine-text line-diff" role="group" aria-label={label} tabIndex={0}>
      <div className="line-diff-lines">
        {lines.map((line, index) => (
          <Line key={index} line={line} />
        ))}
      </div>
    </div>
  );
}

function Line({ line }: { line: DiffLine | DiffGap }) {
  if (line.kind === "gap") return <div className="line-diff-gap">⋯ {formatNoun(line.lines, "line")} the same</div>;
  return (
    <div className="line-diff-line" data-change={line.kind}>
      <span className="line-diff-number" aria-hidden>
        {line.before}
      </span>
      <span className="line-diff-number" aria-hidden>
        {line.after}
      </span>
      <span aria-hidden>{signs[line.kind]}</span>
      <span>
        <span className="visually-hidden">{words[line.kind]}</span>
        {line.text}
      </span>
    </div>
  );
}
