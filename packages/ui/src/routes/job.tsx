/** `/jobs/$job`: a job: schedule, history, decisions. */
import { PageHeader } from "../components/page-header.tsx";

export function JobView() {
  return <PageHeader title="Job" />;
}
