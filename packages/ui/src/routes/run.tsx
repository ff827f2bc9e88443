/** `/runs/$run`: a run: phases, attempts, log, data, reservations. */
import { PageHeader } from "../components/page-header.tsx";

export function RunView() {
  return <PageHeader title="Run" />;
}
