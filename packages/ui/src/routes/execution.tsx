/** `/executions/$execution`: an execution of a job with its log. */
import { PageHeader } from "../components/page-header.tsx";

export function ExecutionView() {
  return <PageHeader title="Execution" />;
}
