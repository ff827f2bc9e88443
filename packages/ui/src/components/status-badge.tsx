/** A status in words, with an icon and a colour that say the same. */
import "./status-badge.css";
import {
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClock,
  IconHelpCircle,
  IconLoader,
  IconPencil,
  IconPlayerPause,
  IconUser,
  type TablerIcon,
} from "@tabler/icons-react";
import { type StatusDomain, type StatusIcon, type StatusOf, statusWords } from "./status-words.ts";
import type { Tone } from "./tones.ts";

const icons: Record<StatusIcon, TablerIcon> = {
  waiting: IconClock,
  running: IconLoader,
  done: IconCircleCheck,
  failed: IconCircleX,
  paused: IconPlayerPause,
  person: IconUser,
  unknown: IconHelpCircle,
  skipped: IconCircleDashed,
  edit: IconPencil,
};

export interface StatusBadgeProps<Domain extends StatusDomain> {
  /** What it is the status of: "run", "output", "job" … */
  domain: Domain;
  status: StatusOf<Domain>;
}

export function StatusBadge<Domain extends StatusDomain>({ domain, status }: StatusBadgeProps<Domain>) {
  const { label, tone, icon, meaning } = statusWords(domain, status);
  const Icon = icons[icon];
  return (
    <span className="status-badge" data-tone={tone} title={meaning}>
      <Icon size={14} stroke={2} aria-hidden />
      {label}
    </span>
  );
}

/** A word in a tone, for what is no status. */
export function ToneBadge({ tone = "neutral", children }: { tone?: Tone; children: string }) {
  return (
    <span className="status-badge" data-tone={tone}>
      {children}
    </span>
  );
}
