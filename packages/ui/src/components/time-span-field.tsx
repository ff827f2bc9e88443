/** A time span: one of the usual ones up to now, or a beginning and an end. Times are Unix milliseconds. */
import { Button, Popover } from "@mantine/core";
import { IconCalendar } from "@tabler/icons-react";
import { useState } from "react";
import { formatDayAndClock, fromLocalField, toLocalField } from "../format/times.ts";

export interface TimeSpan {
  from: string | undefined;
  until: string | undefined;
}

export interface TimeSpanFieldProps extends TimeSpan {
  onChange: (span: { from: string | undefined; until: string | undefined }) => void;
}

const hour = 3_600_000;
const presets = [
  { label: "Last hour", ms: hour },
  { label: "Last 24 hours", ms: 24 * hour },
  { label: "Last 7 days", ms: 7 * 24 * hour },
  { label: "Last 30 days", ms: 30 * 24 * hour },
];

export function TimeSpanField({ from, until, onChange }: TimeSpanFieldProps) {
  const [opened, setOpened] = useState(false);
  const choose = (span: TimeSpan) => {
    onChange(span);
    setOpened(false);
  };
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus returnFocus position="bottom-start" shadow="md">
      <Popover.Target>
        <Button
          className="filter-span"
          variant="default"
          leftSection={<IconCalendar size={15} aria-hidden />}
          onClick={() => setOpened(!opened)}
        >
          {inWords({ from, until })}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className="filter-span-form">
          <div className="filter-span-presets">
            {presets.map(({ label, ms }) => (
              <Button
                key={label}
                variant="default"
                size="xs"
                onClick={() => choose({ from: String(Date.now() - ms), until: undefined })}
              >
                {label}
              </Button>
            ))}
            <Button variant="default" size="xs" onClick={() => choose({ from: undefined, until: undefined })}>
              Any time
            </Button>
          </div>
          <LocalTimeField label="From" value={from} onChange={(value) => onChange({ from: value, until })} />
          <LocalTimeField label="Until" value={until} onChange={(value) => onChange({ from, until: value })} />
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

interface LocalTimeFieldProps {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

function LocalTimeField({ label, value, onChange }: LocalTimeFieldProps) {
  const at = timeOf(value);
  return (
    <label className="filter-time">
      {label}
      <input
        type="datetime-local"
        defaultValue={at === null ? "" : toLocalField(at)}
        key={value ?? ""}
        onBlur={({ currentTarget }) => {
          const next = fromLocalField(currentTarget.value);
          const unchanged = currentTarget.value === (at === null ? "" : toLocalField(at));
          if (!unchanged) onChange(next === null ? undefined : String(next));
        }}
      />
    </label>
  );
}

function inWords({ from, until }: TimeSpan): string {
  if (from === undefined && until === undefined) return "Any time";
  const [first, last] = [wordsOf(from), wordsOf(until)];
  if (until === undefined) return `Since ${first}`;
  return from === undefined ? `Until ${last}` : `${first} – ${last}`;
}

function wordsOf(value: string | undefined): string {
  const at = timeOf(value);
  return at === null ? (value ?? "") : formatDayAndClock(at);
}

/** Null for what is no time; the host then says so. */
function timeOf(value: string | undefined): number | null {
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : null;
}
