/** `/jobs`: all jobs. */
import { PageHeader } from "../components/page-header.tsx";

export function JobsView() {
  return <PageHeader title="Jobs" />;
}
