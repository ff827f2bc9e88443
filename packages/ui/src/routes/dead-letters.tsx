/** `/dead-letters`: executions that failed for good. */
import { PageHeader } from "../components/page-header.tsx";

export function DeadLettersView() {
  return <PageHeader title="Dead letters" />;
}
