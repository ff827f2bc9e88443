/** `/runs/$run/replay`: what replaying a run would repeat. */
import { PageHeader } from "../components/page-header.tsx";

export function RunReplayView() {
  return <PageHeader title="Replay a run" />;
}
