/** What the navigation offers, in order. */
import {
  IconActivityHeartbeat,
  IconAlertHexagon,
  IconArrowBarToDown,
  IconArrowBarUp,
  IconBolt,
  IconClockHour4,
  IconHistory,
  IconLayoutDashboard,
  IconMailOff,
  IconPlayerPlay,
  IconRoute,
  type TablerIcon,
} from "@tabler/icons-react";

export interface NavigationItem {
  to:
    | "/"
    | "/attention"
    | "/workflows"
    | "/inputs"
    | "/outputs"
    | "/runs"
    | "/events"
    | "/jobs"
    | "/dead-letters"
    | "/audit"
    | "/health";
  label: string;
  icon: TablerIcon;
  /** Stands under the item before it. */
  nested?: true;
}

export interface NavigationGroup {
  title: string | null;
  items: readonly NavigationItem[];
}

export const NAVIGATION: readonly NavigationGroup[] = [
  {
    title: null,
    items: [
      { to: "/", label: "Overview", icon: IconLayoutDashboard },
      { to: "/attention", label: "Needs attention", icon: IconAlertHexagon },
    ],
  },
  {
    title: "Workflows",
    items: [
      { to: "/workflows", label: "Workflows", icon: IconRoute },
      { to: "/inputs", label: "Inputs", icon: IconArrowBarToDown },
      { to: "/outputs", label: "Outputs", icon: IconArrowBarUp },
      { to: "/runs", label: "Runs", icon: IconPlayerPlay },
      { to: "/events", label: "Events", icon: IconBolt },
    ],
  },
  {
    title: "Jobs",
    items: [
      { to: "/jobs", label: "Jobs", icon: IconClockHour4 },
      { to: "/dead-letters", label: "Dead letters", icon: IconMailOff, nested: true },
    ],
  },
  {
    title: "Host",
    items: [
      { to: "/audit", label: "Audit", icon: IconHistory },
      { to: "/health", label: "Health", icon: IconActivityHeartbeat },
    ],
  },
];
