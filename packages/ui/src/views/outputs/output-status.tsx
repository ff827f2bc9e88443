/** An output's status; what was skipped no longer counts as unknown. */
import { StatusBadge, ToneBadge } from "../../components/status-badge.tsx";
import type { OutputSummary } from "../../services/outputs.ts";

export function OutputStatus({
  output: { status, resolution },
}: {
  output: Pick<OutputSummary, "status" | "resolution">;
}) {
  return resolution === "skip" ? <ToneBadge>Skipped</ToneBadge> : <StatusBadge domain="output" status={status} />;
}
