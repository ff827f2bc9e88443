/** Whether what is shown follows the host. Its place keeps its width, so that nothing moves when it changes. */
import { Tooltip } from "@mantine/core";
import { type LiveState, useLiveState } from "../services/live.ts";

const words: Record<LiveState, { label: string; explanation: string }> = {
  connecting: { label: "Connecting", explanation: "The page opens its connection to the host." },
  live: { label: "Live", explanation: "Changes show up by themselves." },
  reconnecting: { label: "Reconnecting", explanation: "The host can't be reached: what you see may be out of date." },
};

export function LiveBadge() {
  const state = useLiveState();
  const { label, explanation } = words[state];
  return (
    <Tooltip label={explanation}>
      <span className="live-badge" data-state={state} role="status">
        <span className="live-dot" aria-hidden />
        <span>{label}</span>
      </span>
    </Tooltip>
  );
}
