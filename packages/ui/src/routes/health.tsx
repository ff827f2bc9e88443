/** `/health`: how the host is. */
import { PageHeader } from "../components/page-header.tsx";

export function HealthView() {
  return <PageHeader title="Health" />;
}
