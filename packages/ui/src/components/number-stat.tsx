/** One number that matters, with its name; a link where there is more to see. */
import "./number-stat.css";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { formatCount } from "../format/numbers.ts";
import type { Tone } from "./tones.ts";

export interface NumberStatProps {
  label: string;
  /** A number, or what is already written out ("3.2 MB"). */
  value: number | string;
  /** What the number means, in few words. */
  hint?: ReactNode;
  tone?: Tone;
  link?: Pick<LinkProps, "to" | "search" | "params">;
}

export function NumberStat({ label, value, hint, tone = "neutral", link }: NumberStatProps) {
  const content = (
    <>
      <span className="number-stat-label">{label}</span>
      <span className="number-stat-value numbers">{typeof value === "number" ? formatCount(value) : value}</span>
      {hint === undefined ? null : <span className="number-stat-hint">{hint}</span>}
    </>
  );
  if (link === undefined) {
    return (
      <div className="number-stat" data-tone={tone}>
        {content}
      </div>
    );
  }
  return (
    <Link {...link} className="number-stat" data-tone={tone}>
      {content}
    </Link>
  );
}

/** NumberStats side by side. */
export function NumberStats({ children }: { children: ReactNode }) {
  return <div className="number-stats">{children}</div>;
}
