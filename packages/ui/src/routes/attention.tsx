/** `/attention`: what needs a person, and the answers that they may give. */
import { PageHeader } from "../components/page-header.tsx";

export function AttentionView() {
  return <PageHeader title="Needs attention" />;
}
