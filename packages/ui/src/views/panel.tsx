/** A part of a page under a heading; `empty` stands there in the place of nothing. */
import type { ReactNode } from "react";

export interface PanelProps {
  title: string;
  /** What it is, for a newcomer. */
  hint?: string;
  /** Said instead of `children`. */
  empty?: string | false;
  children?: ReactNode;
}

export function Panel({ title, hint, empty = false, children }: PanelProps) {
  return (
    <section className="panel">
      <header style={{ marginBottom: 12 }}>
        <h2 style={{ margin: 0 }}>{title}</h2>
        {hint === undefined ? null : <span className="soft">{hint}</span>}
      </header>
      {empty === false ? children : <span className="soft">{empty}</span>}
    </section>
  );
}
