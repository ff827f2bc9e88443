/** `/audit`: every action by a person. */
import { PageHeader } from "../components/page-header.tsx";

export function AuditView() {
  return <PageHeader title="Audit" />;
}
