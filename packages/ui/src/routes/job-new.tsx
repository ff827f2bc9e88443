/** `/jobs/new`: a new job, with a preview of its next runs. */
import { PageHeader } from "../components/page-header.tsx";

export function JobNewView() {
  return <PageHeader title="New job" />;
}
