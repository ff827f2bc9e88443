/** Log lines as they come: newest at the end, followed while the end is in view, filtered by level. */
import "./log-lines.css";
import { SegmentedControl } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { formatClock, formatExactTime } from "../format/times.ts";
import { EmptyState } from "./empty-state.tsx";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogEntry {
  seq: number;
  /** Unix milliseconds. */
  at: number;
  level: LogLevel;
  message: string;
  data: unknown;
}

const severity: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

const choices: { value: LogLevel; label: string }[] = [
  { value: "debug", label: "All" },
  { value: "info", label: "Info" },
  { value: "warn", label: "Warnings" },
  { value: "error", label: "Errors" },
];

export function LogLines({ label, lines }: { label: string; lines: readonly LogEntry[] }) {
  const [least, setLeast] = useState<LogLevel>("debug");
  const shown = lines.filter(({ level }) => severity[level] >= severity[least]);
  const scroller = useFollowedEnd();
  return (
    <div className="log">
      <SegmentedControl size="xs" aria-label="Least level" data={choices} value={least} onChange={setLeast} />
      {shown.length === 0 ? (
        <EmptyState title={lines.length === 0 ? "Nothing was logged" : "Nothing of this level was logged"} />
      ) : (
        // Scrollable, so the keyboard must reach it.
        <div className="machine-text log-lines" ref={scroller} role="log" aria-label={label} tabIndex={0}>
          {shown.map((line) => (
            <LogLine key={line.seq} line={line} />
          ))}
        </div>
      )}
    </div>
  );
}

function LogLine({ line: { at, level, message, data } }: { line: LogEntry }) {
  return (
    <div className="log-line" data-level={level}>
      <time dateTime={new Date(at).toISOString()} title={formatExactTime(at)}>
        {formatClock(at)}
      </time>
      <span className="log-level">{level}</span>
      <span className="log-message">
        {message}
        {data === null || data === undefined ? null : <span className="log-data"> {JSON.stringify(data)}</span>}
      </span>
    </div>
  );
}

/** Stays at the end when lines are added, unless somebody scrolled up to read. */
function useFollowedEnd() {
  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const note = () => {
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 24;
    };
    element.addEventListener("scroll", note, { passive: true });
    return () => element.removeEventListener("scroll", note);
  });
  useEffect(() => {
    if (atEnd.current && scroller.current !== null) scroller.current.scrollTop = scroller.current.scrollHeight;
  });
  return scroller;
}
