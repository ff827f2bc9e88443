/** `/workflows/$workflow`: a workflow, named by its name. */
import { PageHeader } from "../components/page-header.tsx";

export function WorkflowView() {
  return <PageHeader title="Workflow" />;
}
