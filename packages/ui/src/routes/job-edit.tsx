/** `/jobs/$job/edit`: a job's definition, to be changed. */
import { PageHeader } from "../components/page-header.tsx";

export function JobEditView() {
  return <PageHeader title="Edit job" />;
}
