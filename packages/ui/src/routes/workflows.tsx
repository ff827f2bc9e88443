/** `/workflows`: all workflows. */
import { PageHeader } from "../components/page-header.tsx";

export function WorkflowsView() {
  return <PageHeader title="Workflows" />;
}
