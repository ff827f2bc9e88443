/** Two texts line by line: what was added, what was removed, and a few lines around it. Pure. */
import { diffLines } from "diff";

export interface DiffLine {
  kind: "same" | "added" | "removed";
  /** The line's number in the earlier and the later text, from 1; null where it is not in it. */
  before: number | null;
  after: number | null;
  text: string;
}

/** So many lines in a row are the same and left out. */
export interface DiffGap {
  kind: "gap";
  lines: number;
}

const around = 3;

export function lineDiff(earlier: string, later: string): (DiffLine | DiffGap)[] {
  return withoutTheUsual(everyLine(earlier, later));
}

function everyLine(earlier: string, later: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let [before, after] = [0, 0];
  for (const { value, added, removed } of diffLines(withEnd(earlier), withEnd(later))) {
    for (const text of value.slice(0, -1).split("\n")) {
      if (!added) before += 1;
      if (!removed) after += 1;
      lines.push({
        kind: added ? "added" : removed ? "removed" : "same",
        before: added ? null : before,
        after: removed ? null : after,
        text,
      });
    }
  }
  return lines;
}

/** Without a line's end at the end, the last line would differ from the same line elsewhere. */
function withEnd(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}

function withoutTheUsual(lines: readonly DiffLine[]): (DiffLine | DiffGap)[] {
  const changed = lines.flatMap(({ kind }, index) => (kind === "same" ? [] : [index]));
  const shown = new Set(changed.flatMap((index) => range(index - around, index + around)));
  const kept: (DiffLine | DiffGap)[] = [];
  for (const [index, line] of lines.entries()) {
    const last = kept.at(-1);
    if (shown.has(index)) kept.push(line);
    else if (last?.kind === "gap") last.lines += 1;
    else kept.push({ kind: "gap", lines: 1 });
  }
  return kept;
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
